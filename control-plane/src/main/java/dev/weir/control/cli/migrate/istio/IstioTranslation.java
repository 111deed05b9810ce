package dev.weir.control.cli.migrate.istio;

import dev.weir.control.cli.migrate.istio.networking.DestinationRules;
import dev.weir.control.cli.migrate.istio.networking.ServiceEntries;
import dev.weir.control.cli.migrate.istio.networking.VirtualServices;
import dev.weir.control.cli.migrate.istio.security.AuthorizationPolicies;
import dev.weir.control.cli.migrate.istio.security.IstioMesh;
import dev.weir.control.cli.migrate.istio.security.PeerAuthentications;
import dev.weir.control.cli.migrate.istio.security.RequestAuthentications;
import dev.weir.control.cli.migrate.resource.Document;
import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Istio's resources, in the order in which they follow from each other: hosts before the rules that
 * name them, who is verified before who may call.
 */
public final class IstioTranslation {
  private static final String NETWORKING = "networking.istio.io";
  private static final String SECURITY = "security.istio.io";

  private final Report report;
  private final IstioMesh mesh;
  private final ServiceEntries entries;
  private final PeerAuthentications peers;
  private final RequestAuthentications tokens;
  private final AuthorizationPolicies access;
  private final DestinationRules rules;
  private final VirtualServices routes;
  private final List<Document> documents = new ArrayList<>();

  /**
   * @param services which are known when {@link #translate} is called
   */
  public IstioTranslation(Services services, Report report, Output output) {
    this.report = report;
    this.mesh = new IstioMesh(services, report);
    this.entries = new ServiceEntries(services, report, output);
    this.peers = new PeerAuthentications(mesh, services, report, output);
    this.tokens = new RequestAuthentications(mesh, services, report, output);
    this.access = new AuthorizationPolicies(mesh, services, peers, tokens, report, output);
    this.rules = new DestinationRules(services, entries, report, output);
    this.routes = new VirtualServices(services, entries, report, output);
  }

  /** Takes one of Istio's; others, or of a kind that is not translated, it passes over. */
  public void read(Document document) {
    if (document.is("", "ConfigMap")) {
      mesh.add(document.name(), document.root());
    }
    documents.add(document);
  }

  /** Whether it is of a kind that is translated. */
  public boolean translates(Document document) {
    return document.is(NETWORKING, "DestinationRule")
        || document.is(NETWORKING, "ServiceEntry")
        || document.is(NETWORKING, "VirtualService")
        || document.is(SECURITY, "AuthorizationPolicy")
        || document.is(SECURITY, "PeerAuthentication")
        || document.is(SECURITY, "RequestAuthentication");
  }

  /** All that was read, once. */
  public void translate() {
    each(NETWORKING, "ServiceEntry", (document, spec) -> entries.add(document.name(), spec));
    each(
        SECURITY,
        "PeerAuthentication",
        (document, spec) -> peers.add(document.name(), document.fields("metadata", report), spec));
    peers.translate();
    each(SECURITY, "RequestAuthentication", (document, spec) -> tokens.add(document.name(), spec));
    tokens.translate();
    for (Document document : documents) {
      rest(document);
    }
    entries.write();
  }

  private void rest(Document document) {
    report.about(document.kind() + " " + document.name());
    Fields spec = document.fields("spec", report);
    if (document.is(NETWORKING, "DestinationRule")) {
      rules.translate(document.name(), spec);
    } else if (document.is(NETWORKING, "VirtualService")) {
      routes.translate(document.name(), spec);
    } else if (document.is(SECURITY, "AuthorizationPolicy")) {
      access.translate(document.name(), document.fields("metadata", report), spec);
    } else {
      return;
    }
    report.about(document.kind() + " " + document.name());
    spec.reportUnread();
  }

  private void each(String group, String kind, BiConsumer<Document, Fields> then) {
    for (Document document : documents) {
      if (document.is(group, kind)) {
        report.about(document.kind() + " " + document.name());
        then.accept(document, document.fields("spec", report));
      }
    }
  }
}
