package dev.weir.control.cli.migrate.linkerd;

import dev.weir.control.cli.migrate.resource.Document;
import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import java.util.ArrayList;
import java.util.List;

/** Linkerd's resources. */
public final class LinkerdTranslation {
  private final Report report;
  private final ServiceProfiles profiles;
  private final List<Document> documents = new ArrayList<>();

  /**
   * @param services which are known when {@link #translate} is called
   */
  public LinkerdTranslation(Services services, Report report, Output output) {
    this.report = report;
    this.profiles = new ServiceProfiles(services, report, output);
  }

  /** Whether it is of a kind that is translated; if so it is taken. */
  public boolean read(Document document) {
    boolean taken = document.is("linkerd.io", "ServiceProfile");
    if (taken) {
      documents.add(document);
    }
    return taken;
  }

  /** All that was read, once. */
  public void translate() {
    for (Document document : documents) {
      report.about(document.kind() + " " + document.name());
      Fields spec = document.fields("spec", report);
      profiles.translate(document.name(), document.fields("metadata", report), spec);
      spec.reportUnread();
    }
  }
}
