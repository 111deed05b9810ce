package dev.weir.sidecar.config.route;

/** {@code type.matcher.v3.StringMatcher}. */
public record StringMatch(Kind kind, String value, boolean ignoreCase) {
  public enum Kind {
    EXACT,
    PREFIX,
    SUFFIX,
    CONTAINS,
    /** RE2 syntax, the whole value. */
    SAFE_REGEX
  }
}
