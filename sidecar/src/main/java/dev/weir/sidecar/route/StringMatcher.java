package dev.weir.sidecar.route;

import com.google.re2j.Pattern;
import dev.weir.sidecar.config.route.StringMatch;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A compiled {@link StringMatch}; regular expressions are RE2's and match the whole value, in
 * linear time.
 */
public final class StringMatcher {
  private final StringMatch match;
  private final String expected;
  private final @Nullable Pattern pattern;

  public StringMatcher(StringMatch match) {
    this.match = match;
    this.expected = match.ignoreCase() ? match.value().toLowerCase(Locale.ROOT) : match.value();
    this.pattern =
        match.kind() == StringMatch.Kind.SAFE_REGEX ? Pattern.compile(match.value()) : null;
  }

  public boolean matches(String actual) {
    String value = match.ignoreCase() ? actual.toLowerCase(Locale.ROOT) : actual;
    return switch (match.kind()) {
      case EXACT -> value.equals(expected);
      case PREFIX -> value.startsWith(expected);
      case SUFFIX -> value.endsWith(expected);
      case CONTAINS -> value.contains(expected);
      case SAFE_REGEX -> pattern != null && pattern.matches(actual);
    };
  }
}
