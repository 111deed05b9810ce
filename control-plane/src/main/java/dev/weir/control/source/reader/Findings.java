package dev.weir.control.source.reader;

import dev.weir.control.source.reader.Finding.Severity;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
import java.util.List;

/** Collects what is wrong with one resource. */
public final class Findings {
  private final String resource;
  private final List<Finding> found;

  /** {@code found} takes what is reported; several resources may share it. */
  public Findings(String resource, List<Finding> found) {
    this.resource = resource;
    this.found = found;
  }

  public void error(Location at, FieldPath path, String message) {
    found.add(Finding.error(at, resource, path.toString(), message));
  }

  public void warning(Location at, FieldPath path, String message) {
    found.add(new Finding(Severity.WARNING, at, resource, path.toString(), message));
  }

  /** How many errors there are, to see whether a step added any. */
  public int errors() {
    return (int) found.stream().filter(Finding::isError).count();
  }
}
