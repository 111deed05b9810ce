package dev.weir.control.compile.xds;

import dev.weir.control.model.HttpMatch;
import dev.weir.control.model.HttpMatch.HeaderMatch;
import dev.weir.control.model.HttpMatch.PathMatch;
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
  /**
   * Gateway API's order within a {@link #rank}: the longest path; a method; most headers; most
   * query parameters. The first match of a route table wins.
   */
  static final Comparator<HttpMatch> MOST_SPECIFIC_FIRST =
      Comparator.comparingInt(MatchCompiler::length)
          .reversed()
          .thenComparing(match -> match.method() == null)
          .thenComparing(
              Comparator.comparingInt((HttpMatch match) -> match.headers().size()).reversed())
          .thenComparing(
              Comparator.comparingInt((HttpMatch match) -> match.queryParams().size()).reversed());

  private MatchCompiler() {}

  /**
   * The lower comes first. HTTP: the exact path, expressions, prefixes. gRPC: service and method, a
   * service, a method of any service.
   */
  static int rank(Route.Kind kind, HttpMatch match) {
    PathMatch path = match.path();
    if (path == null) {
      return 2;
    }
    return switch (path.type()) {
      case EXACT -> 0;
      case REGULAR_EXPRESSION ->
          kind == Route.Kind.GRPC && path.value().startsWith(PathMatch.ANY_SERVICE) ? 2 : 1;
      case PATH_PREFIX -> kind == Route.Kind.GRPC ? 1 : 2;
    };
  }

  private static int length(HttpMatch match) {
    PathMatch path = match.path();
    return path == null ? 1 : path.value().length();
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
