package dev.weir.control.source.reader;

import dev.weir.protos.Location;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is wrong, where, and what to do. Prints as {@code shop/inventory.yaml:9: ResiliencePolicy
 * shop/inventory: spec.retry.budget.share: "120%" is over 100%}.
 *
 * @param resource kind and name; empty for the file as a whole
 * @param field its path; empty for the resource as a whole
 */
public record Finding(Severity severity, Location at, String resource, String field, String message)
    implements Comparable<Finding> {
  private static final Comparator<Finding> ORDER =
      Comparator.comparing((Finding finding) -> finding.at().file())
          .thenComparingInt(finding -> finding.at().line())
          .thenComparingInt(finding -> finding.at().column())
          .thenComparing(Finding::field)
          .thenComparing(Finding::message);

  /** Whether something is left out of force. */
  public enum Severity {
    ERROR,
    /** Something has no effect, and nothing else suffers. */
    WARNING
  }

  public static Finding error(Location at, String resource, String field, String message) {
    return new Finding(Severity.ERROR, at, resource, field, message);
  }

  public boolean isError() {
    return severity == Severity.ERROR;
  }

  /** The same with what it means for what is in force. */
  public Finding adding(String sentence) {
    String end = message.endsWith(".") || message.endsWith("?") ? " " : ". ";
    return new Finding(severity, at, resource, field, message + end + sentence);
  }

  /** By name, for JSON. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("severity", isError() ? "error" : "warning");
    fields.put("file", at.file());
    fields.put("line", at.line());
    fields.put("resource", resource);
    fields.put("field", field);
    fields.put("message", message);
    return fields;
  }

  @Override
  public int compareTo(Finding other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder().append(at).append(": ");
    if (!isError()) {
      text.append("warning: ");
    }
    if (!resource.isEmpty() && !resource.equals(at.toString())) {
      text.append(resource).append(": ");
    }
    if (!field.isEmpty()) {
      text.append(field).append(": ");
    }
    return text.append(message).toString();
  }
}
