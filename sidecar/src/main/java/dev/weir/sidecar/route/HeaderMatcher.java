package dev.weir.sidecar.route;

import dev.weir.sidecar.config.route.HeaderMatch;
import dev.weir.sidecar.http.Headers;
import org.jspecify.annotations.Nullable;

/** A compiled {@link HeaderMatch}. */
public final class HeaderMatcher {
  private final HeaderMatch match;
  private final @Nullable StringMatcher value;
  private final boolean pseudo;

  public HeaderMatcher(HeaderMatch match) {
    this.match = match;
    this.pseudo = match.name().startsWith(":") || match.name().equals("host");
    this.value =
        match.test() instanceof HeaderMatch.Test.Value test
            ? new StringMatcher(test.match())
            : null;
  }

  /** Of the field it looks at. */
  String name() {
    return match.name();
  }

  /**
   * As Envoy with {@code match_headers_individually}: of a header that is there several times one
   * value must match, inverted none may. One that is not there matches neither way, unless it is
   * treated as empty.
   */
  public boolean matches(Headers headers) {
    if (pseudo) {
      return decide(headers.value(match.name()));
    }
    boolean found = false;
    for (int i = 0; i < headers.size(); i++) {
      if (headers.isField(i) && headers.nameIs(i, match.name())) {
        found = true;
        if (test(headers.value(i))) {
          return !match.invert();
        }
      }
    }
    return found ? match.invert() : decide(null);
  }

  private boolean decide(@Nullable String actual) {
    if (actual != null || match.treatMissingAsEmpty()) {
      return test(actual == null ? "" : actual) != match.invert();
    }
    return match.test() instanceof HeaderMatch.Test.Present(boolean present)
        && present == match.invert();
  }

  private boolean test(String actual) {
    return switch (match.test()) {
      case HeaderMatch.Test.Present(boolean present) -> present;
      case HeaderMatch.Test.Range(long start, long end) -> inRange(actual, start, end);
      case HeaderMatch.Test.Value ignored -> value != null && value.matches(actual);
    };
  }

  private static boolean inRange(String text, long start, long end) {
    try {
      long number = Long.parseLong(text);
      return number >= start && number < end;
    } catch (NumberFormatException e) {
      return false; // not a number: outside every range
    }
  }
}
