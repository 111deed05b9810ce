package dev.weir.sidecar.route;

import com.google.re2j.Pattern;
import dev.weir.sidecar.config.route.QueryMatch;
import dev.weir.sidecar.config.route.RouteMatch;
import dev.weir.sidecar.config.route.RouteMatch.PathMatch;
import dev.weir.sidecar.http.Ascii;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A compiled {@link RouteMatch}. */
public final class RouteMatcher {
  private enum Spelling {
    WRITTEN,
    ANY,
    EVERY
  }

  private record Query(String name, @Nullable StringMatcher matcher, boolean present) {}

  private final RouteMatch match;
  private final Spelling spelling;
  private final boolean anySpelling;
  private final byte[] literal;
  private final @Nullable Pattern pattern;
  private final List<HeaderMatcher> headers;
  private final List<Query> queries = new ArrayList<>();

  /** Matches as Envoy's routes do: what is written, and the first of a query parameter's values. */
  public RouteMatcher(RouteMatch match) {
    this(match, Spelling.WRITTEN);
  }

  private RouteMatcher(RouteMatch match, Spelling spelling) {
    this.match = match;
    this.spelling = spelling;
    this.anySpelling = spelling == Spelling.ANY;
    String text =
        switch (match.path()) {
          case PathMatch.Prefix(String value) -> value;
          case PathMatch.Exact(String value) -> value;
          case PathMatch.PathSeparatedPrefix(String value) -> value;
          case PathMatch.SafeRegex ignored -> "";
        };
    this.literal =
        (match.caseSensitive() ? text : text.toLowerCase(Locale.ROOT))
            .getBytes(StandardCharsets.ISO_8859_1);
    this.pattern =
        match.path() instanceof PathMatch.SafeRegex(String regex) ? Pattern.compile(regex) : null;
    this.headers = match.headers().stream().map(HeaderMatcher::new).toList();
    for (QueryMatch query : match.queryParameters()) {
      queries.add(
          new Query(
              query.name(), query.match().map(StringMatcher::new).orElse(null), query.present()));
    }
  }

  /**
   * For a policy that a spelling must not pass by: any of a query parameter's values counts,
   * percent signs decoded or not, and the path counts with its path parameters and without.
   */
  public static RouteMatcher anySpelling(RouteMatch match) {
    return new RouteMatcher(match, Spelling.ANY);
  }

  /**
   * For what a policy leaves out: the path counts only if it does with its path parameters and
   * without.
   */
  public static RouteMatcher everySpelling(RouteMatch match) {
    return new RouteMatcher(match, Spelling.EVERY);
  }

  public boolean matches(Headers request) {
    return matchesPath(request) && matchesRest(request);
  }

  /** Why {@code request} does not match, in words: the first that is not so. */
  String mismatch(Headers request) {
    if (!matchesPath(request)) {
      return "the path is not " + pathWords();
    }
    for (HeaderMatcher header : headers) {
      if (!header.matches(request)) {
        return "the field " + header.name() + " does not match";
      }
    }
    if (match.grpc() && !grpc(request)) {
      return "it is no call of gRPC";
    }
    return matchesRest(request) ? "it matches now" : "the query does not match";
  }

  private String pathWords() {
    return switch (match.path()) {
      case PathMatch.Prefix(String value) -> value + "...";
      case PathMatch.Exact(String value) -> value;
      case PathMatch.PathSeparatedPrefix(String value) -> value + ", nor below it";
      case PathMatch.SafeRegex(String value) -> "one of " + value;
    };
  }

  private boolean matchesPath(Headers request) {
    boolean written = path(request);
    if (spelling == Spelling.WRITTEN || written == anySpelling) {
      return written;
    }
    String bare = PathForms.withoutParameters(request);
    if (bare == null) {
      return written;
    }
    Headers other = request.copy();
    other.path(bare);
    return path(other);
  }

  private boolean matchesRest(Headers request) {
    for (int i = 0; i < headers.size(); i++) {
      if (!headers.get(i).matches(request)) {
        return false;
      }
    }
    return (!match.grpc() || grpc(request)) && (queries.isEmpty() || query(request));
  }

  private boolean path(Headers request) {
    int length = pathLength(request);
    return switch (match.path()) {
      case PathMatch.Prefix ignored ->
          startsWith(request, request.pathLength()) || literal.length == 1 && asterisk(request);
      case PathMatch.Exact ignored -> length == literal.length && startsWith(request, length);
      case PathMatch.PathSeparatedPrefix ignored ->
          startsWith(request, length)
              && (length == literal.length
                  || request.bytes()[request.pathStart() + literal.length] == '/');
      case PathMatch.SafeRegex ignored ->
          pattern != null
              && pattern.matches(
                  new String(
                      request.bytes(), request.pathStart(), length, StandardCharsets.ISO_8859_1));
    };
  }

  /** {@code OPTIONS *}: the one target that begins with no slash, and is meant by {@code /}. */
  private boolean asterisk(Headers request) {
    return literal[0] == '/'
        && request.pathLength() == 1
        && request.bytes()[request.pathStart()] == '*';
  }

  /** Without the query. */
  private static int pathLength(Headers request) {
    byte[] bytes = request.bytes();
    int start = request.pathStart();
    for (int i = 0; i < request.pathLength(); i++) {
      if (bytes[start + i] == '?') {
        return i;
      }
    }
    return request.pathLength();
  }

  private boolean startsWith(Headers request, int length) {
    if (length < literal.length) {
      return false;
    }
    byte[] bytes = request.bytes();
    int start = request.pathStart();
    for (int i = 0; i < literal.length; i++) {
      byte b = match.caseSensitive() ? bytes[start + i] : Ascii.lower(bytes[start + i]);
      if (b != literal[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean grpc(Headers request) {
    String type = request.value(HeaderName.CONTENT_TYPE);
    return type != null
        && (type.equals("application/grpc") || type.startsWith("application/grpc+"));
  }

  private boolean query(Headers request) {
    String path = request.path();
    int start = path.indexOf('?');
    String[] parameters = start < 0 ? new String[0] : path.substring(start + 1).split("&", -1);
    for (Query query : queries) {
      boolean found = false;
      for (String parameter : parameters) {
        int equals = parameter.indexOf('=');
        String name = equals < 0 ? parameter : parameter.substring(0, equals);
        String value = equals < 0 ? "" : parameter.substring(equals + 1);
        if (name.equals(query.name())
            || anySpelling && PathForms.decoded(name).equals(query.name())) {
          found = query.matcher() == null || matches(query.matcher(), value);
          if (found || !anySpelling) {
            break; // the first of the name decides, as in Envoy
          }
        }
      }
      if (found != query.present()) {
        return false;
      }
    }
    return true;
  }

  private boolean matches(StringMatcher matcher, String value) {
    return matcher.matches(value) || anySpelling && matcher.matches(PathForms.decoded(value));
  }

  /** Puts {@code replacement} in the place of what this matcher's prefix or path matched. */
  void rewritePrefix(Headers request, String replacement) {
    String path = request.path();
    int matched =
        match.path() instanceof PathMatch.SafeRegex ? pathLength(request) : literal.length;
    request.path(replacement + path.substring(Math.min(matched, path.length())));
    request.set(HeaderName.X_ENVOY_ORIGINAL_PATH, path);
  }
}
