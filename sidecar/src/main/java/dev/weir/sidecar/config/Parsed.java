package dev.weir.sidecar.config;

/** What a parser makes of one resource. */
public sealed interface Parsed<T> {
  record Accepted<T>(T value) implements Parsed<T> {}

  /**
   * {@code field} is the proto path as written, {@code filter_chains[1].filters[0]}; empty for the
   * resource as a whole.
   */
  record Rejected<T>(String field, String reason) implements Parsed<T> {}
}
