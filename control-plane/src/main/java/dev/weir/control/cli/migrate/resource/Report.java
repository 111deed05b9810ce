package dev.weir.control.cli.migrate.resource;

import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.Finding.Severity;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
import java.util.ArrayList;
import java.util.List;

/** What has no counterpart, and what is said otherwise than it was. */
public final class Report {
  private final List<Finding> findings = new ArrayList<>();
  private String resource = "";

  /** What follows is about this. */
  public void about(String kindAndName) {
    resource = kindAndName;
  }

  /** It is left out. */
  public void without(Location at, FieldPath path, String why) {
    findings.add(Finding.error(at, resource, path.toString(), "has no counterpart: " + why));
  }

  /** It stands in the output, but does not mean quite the same. */
  public void note(Location at, FieldPath path, String what) {
    findings.add(new Finding(Severity.WARNING, at, resource, path.toString(), what));
  }

  public void wrong(Location at, FieldPath path, String what) {
    findings.add(Finding.error(at, resource, path.toString(), what));
  }

  public List<Finding> findings() {
    return findings.stream().distinct().sorted().toList();
  }

  public boolean complete() {
    return findings.stream().noneMatch(Finding::isError);
  }
}
