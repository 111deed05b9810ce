package dev.weir.control.compile;

/**
 * A part of a policy that a proxy cannot enforce as it is written.
 *
 * @param policy kind and name
 * @param field the section of its spec
 */
public record Diagnostic(String policy, String field, String message) {
  @Override
  public String toString() {
    return policy + ": " + field + ": " + message;
  }
}
