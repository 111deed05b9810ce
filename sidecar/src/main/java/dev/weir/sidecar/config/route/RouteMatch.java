package dev.weir.sidecar.config.route;

import java.util.List;

/** {@code config.route.v3.RouteMatch}: the path and every header and query matcher must match. */
public record RouteMatch(
    PathMatch path,
    boolean caseSensitive,
    List<HeaderMatch> headers,
    List<QueryMatch> queryParameters,
    boolean grpc) {
  public RouteMatch {
    headers = List.copyOf(headers);
    queryParameters = List.copyOf(queryParameters);
  }

  public sealed interface PathMatch {
    record Prefix(String value) implements PathMatch {}

    record Exact(String value) implements PathMatch {}

    /** {@code /api} matches {@code /api} and {@code /api/v1}, not {@code /apis}. */
    record PathSeparatedPrefix(String value) implements PathMatch {}

    /** RE2 syntax, the whole path without the query. */
    record SafeRegex(String pattern) implements PathMatch {}
  }
}
