package dev.weir.sidecar.route;

import dev.weir.sidecar.config.route.HeaderMatch;
import dev.weir.sidecar.http.Headers;
import org.jspecify.annotations.Nullable;

/** A compiled {@link HeaderMatch}. */
public final class HeaderMatcher {
  private final HeaderMatch match;
  private final @Nullable StringMatcher value;

  public HeaderMatcher(HeaderMatch match) {
    this.match = match;
    this.value =
        match.test() instanceof HeaderMatch.Test.Value test
            ? new StringMatcher(test.match())
            : null;
  }

  public boolean matches(Headers headers) {
    String actual = headers.value(match.name());
    if (actual == null && match.treatMissingAsEmpty()) {
      actual = "";
    }
    boolean matches =
        switch (match.test()) {
          case HeaderMatch.Test.Present(boolean present) -> present == (actual != null);
          case HeaderMatch.Test.Range(long start, long end) ->
              actual != null && inRange(actual, start, end);
          case HeaderMatch.Test.Value ignored ->
              actual != null && value != null && value.matches(actual);
        };
    // An absent header does not match a value, so it matches the inverted one; it is in no range,
    // nor outside one.
    boolean absent = actual == null && !(match.test() instanceof HeaderMatch.Test.Present);
    return absent
        ? match.invert() && match.test() instanceof HeaderMatch.Test.Value
        : matches != match.invert();
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
