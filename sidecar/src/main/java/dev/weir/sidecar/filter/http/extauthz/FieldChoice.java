package dev.weir.sidecar.filter.http.extauthz;

import dev.weir.sidecar.config.route.StringMatch;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.Field;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.route.StringMatcher;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which fields of a request an authorization server is told. Any thread. */
final class FieldChoice {
  private final StringMatcher @Nullable [] allowed;
  private final StringMatcher[] disallowed;
  private final boolean raw;

  /**
   * @param allowed empty: all but what {@code told} disallows
   */
  FieldChoice(Optional<List<StringMatch>> allowed, ExtAuthzConfig.Told told) {
    this.allowed = allowed.map(FieldChoice::compile).orElse(null);
    this.disallowed = compile(told.disallowed());
    this.raw = told.rawHeaders();
  }

  static StringMatcher[] compile(List<StringMatch> matches) {
    return matches.stream().map(StringMatcher::new).toArray(StringMatcher[]::new);
  }

  static boolean any(StringMatcher[] matchers, String name) {
    for (StringMatcher matcher : matchers) {
      if (matcher.matches(name)) {
        return true;
      }
    }
    return false;
  }

  boolean takes(String name) {
    return (allowed == null || any(allowed, name)) && !any(disallowed, name);
  }

  /** Whether a field that is told whatever is allowed is not disallowed. */
  boolean takesByDefault(String name) {
    return !any(disallowed, name);
  }

  /** Those of {@code headers}, without pseudo-headers; of one name together, or each alone. */
  List<Field> of(Headers headers) {
    List<Field> fields = new ArrayList<>(headers.fieldCount());
    Set<String> seen = raw ? Set.of() : new HashSet<>();
    for (int i = 0; i < headers.size(); i++) {
      if (!headers.isField(i)) {
        continue;
      }
      HeaderName known = headers.known(i);
      String name = known == null ? headers.name(i).toLowerCase(Locale.ROOT) : known.toString();
      if (!takes(name)) {
        continue;
      }
      if (raw) {
        fields.add(new Field(name, headers.value(i)));
      } else if (seen.add(name)) {
        fields.add(new Field(name, together(headers, i, name)));
      }
    }
    return fields;
  }

  /** RFC 9110 5.3, and of cookies RFC 9113 8.2.3. */
  static String together(Headers headers, int first, String name) {
    String separator = name.equals("cookie") ? "; " : ",";
    String all = headers.value(first);
    for (int i = first + 1; i < headers.size(); i++) {
      if (headers.isField(i) && headers.nameIs(i, name)) {
        all = all + separator + headers.value(i);
      }
    }
    return all;
  }
}
