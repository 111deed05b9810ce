package dev.weir.control.compile.xds;

import dev.weir.control.model.HttpMatch;
import dev.weir.control.model.HttpMatch.HeaderMatch;
import dev.weir.control.model.HttpMatch.PathMatch;
import dev.weir.control.model.HttpMatch.PathType;
import dev.weir.control.model.HttpMatch.QueryMatch;
import dev.weir.control.model.HttpMatch.ValueType;
import dev.weir.control.model.Route;
import dev.weir.protos.extensions.filters.http.rate_limit.v1alpha1.RequestMatch;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.Comparator;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a request must look like, in Envoy's words. */
final class MatchCompiler {
  private static final Comparator<HttpMatch> MOST_CONDITIONS_FIRST =
      Comparator.comparing((HttpMatch match) -> match.method() == null)
          .thenComparing(
              Comparator.comparingInt((HttpMatch match) -> match.headers().size()).reversed())
          .thenComparing(
              Comparator.comparingInt((HttpMatch match) -> match.queryParams().size()).reversed());

  private static final Comparator<HttpMatch> OF_HTTP =
      Comparator.comparingInt(MatchCompiler::rank)
          .thenComparing(Comparator.comparingInt(MatchCompiler::length).reversed())
          .thenComparing(MOST_CONDITIONS_FIRST);

  private static final Comparator<HttpMatch> OF_GRPC =
      Comparator.comparing((HttpMatch match) -> !exact(match))
          .thenComparing(
              Comparator.comparingInt((HttpMatch match) -> GrpcLengths.of(match).service())
                  .reversed())
          .thenComparing(
              Comparator.comparingInt((HttpMatch match) -> GrpcLengths.of(match).method())
                  .reversed())
          .thenComparing(MOST_CONDITIONS_FIRST);

  private MatchCompiler() {}

  /**
   * Gateway API's order; the first match of a route table wins. HTTP: the exact path, expressions,
   * the longest prefix; a method; most headers; most query parameters. gRPC: service and method
   * exactly; most characters of a service, then of a method; most headers.
   */
  static Comparator<HttpMatch> mostSpecificFirst(Route.Kind kind) {
    return switch (kind) {
      case HTTP -> OF_HTTP;
      case GRPC -> OF_GRPC;
    };
  }

  private static boolean exact(HttpMatch match) {
    return match.path() != null && match.path().type() == PathType.EXACT;
  }

  private static int rank(HttpMatch match) {
    PathMatch path = match.path();
    if (path == null) {
      return 2;
    }
    return switch (path.type()) {
      case EXACT -> 0;
      case REGULAR_EXPRESSION -> 1;
      case PATH_PREFIX -> 2;
    };
  }

  /** A slash at the end of a prefix does not count, as it does not in what matches. */
  private static int length(HttpMatch match) {
    PathMatch path = match.path();
    if (path == null) {
      return 0;
    }
    return path.type() == PathType.PATH_PREFIX
        ? path.value().replaceFirst("/+$", "").length()
        : path.value().length();
  }

  /** Characters of a service and of a method, in the path that a gRPC match became. */
  private record GrpcLengths(int service, int method) {
    private static final String ANY = "[^/]+";
    private static final String BETWEEN = "/";

    static GrpcLengths of(HttpMatch match) {
      PathMatch path = match.path();
      if (path == null) {
        return new GrpcLengths(0, 0);
      }
      String value = path.value().substring(1);
      int end = value.startsWith(ANY) ? ANY.length() : between(path.type(), value);
      String service = end < 0 ? value : value.substring(0, end);
      String method = end < 0 ? "" : value.substring(end + BETWEEN.length());
      return new GrpcLengths(characters(service), characters(method));
    }

    /** An expression is in brackets, and may have slashes in them. */
    private static int between(PathType type, String value) {
      if (type != PathType.REGULAR_EXPRESSION) {
        return value.indexOf('/');
      }
      int any = value.lastIndexOf(")/" + ANY);
      int brackets = value.lastIndexOf(")/(");
      return any == value.length() - ANY.length() - 2 ? any + 1 : brackets + 1;
    }

    private static int characters(String part) {
      return part.equals(ANY) ? 0 : part.length();
    }
  }

  static RouteMatch any() {
    return RouteMatch.newBuilder().setPrefix("/").build();
  }

  static RouteMatch routeMatch(HttpMatch match) {
    RouteMatch.Builder builder = withoutMethod(match).toBuilder();
    HttpMatch.Method method = match.method();
    if (method != null) {
      builder.addHeaders(
          HeaderMatcher.newBuilder()
              .setName(":method")
              .setStringMatch(Protos.exactly(method.name())));
    }
    return builder.build();
  }

  /** As Weir's filters take it, which compare a method by itself. */
  static RequestMatch requestMatch(HttpMatch match) {
    RequestMatch.Builder builder = RequestMatch.newBuilder().setRoute(withoutMethod(match));
    HttpMatch.Method method = match.method();
    if (method != null) {
      builder.setMethod(method.name());
    }
    return builder.build();
  }

  private static RouteMatch withoutMethod(HttpMatch match) {
    RouteMatch.Builder builder = RouteMatch.newBuilder();
    path(match.path(), builder);
    for (HeaderMatch header : match.headers()) {
      builder.addHeaders(
          HeaderMatcher.newBuilder()
              .setName(header.name().toLowerCase(Locale.ROOT))
              .setStringMatch(string(header.type(), header.value())));
    }
    for (QueryMatch query : match.queryParams()) {
      builder.addQueryParameters(
          QueryParameterMatcher.newBuilder()
              .setName(query.name())
              .setStringMatch(string(query.type(), query.value())));
    }
    return builder.build();
  }

  private static void path(@Nullable PathMatch path, RouteMatch.Builder builder) {
    if (path == null) {
      builder.setPrefix("/");
      return;
    }
    switch (path.type()) {
      case EXACT -> builder.setPath(path.value());
      case REGULAR_EXPRESSION -> builder.setSafeRegex(Protos.regex(path.value()));
      case PATH_PREFIX -> {
        // Envoy's separated prefix has no slash at its end, and cannot be the root.
        String prefix = path.value().replaceFirst("/+$", "");
        if (prefix.isEmpty()) {
          builder.setPrefix("/");
        } else {
          builder.setPathSeparatedPrefix(prefix);
        }
      }
    }
  }

  private static StringMatcher string(ValueType type, String value) {
    return switch (type) {
      case EXACT -> Protos.exactly(value);
      case REGULAR_EXPRESSION -> Protos.matching(value);
    };
  }
}
