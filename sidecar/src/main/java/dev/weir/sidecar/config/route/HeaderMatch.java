package dev.weir.sidecar.config.route;

/**
 * {@code config.route.v3.HeaderMatcher}. {@code name} is lower case, pseudo-headers included; each
 * of many values is looked at.
 */
public record HeaderMatch(String name, Test test, boolean invert, boolean treatMissingAsEmpty) {
  public sealed interface Test {
    record Value(StringMatch match) implements Test {}

    /** {@code start} included, {@code end} not. */
    record Range(long start, long end) implements Test {}

    record Present(boolean present) implements Test {}
  }
}
