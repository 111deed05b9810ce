package dev.weir.sidecar.resource.value;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.route.QueryMatch;
import dev.weir.sidecar.config.route.RouteMatch;
import dev.weir.sidecar.config.route.RouteMatch.PathMatch;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code config.route.v3.RouteMatch}. A criterion that is not honoured is refused whatever the
 * field policy is: without it, the route would take requests that are not its own.
 */
public final class RouteMatches {
  private RouteMatches() {}

  public static RouteMatch parse(
      io.envoyproxy.envoy.config.route.v3.RouteMatch proto, FieldPath path) throws Invalid {
    refuseOthers(proto, path);
    return new RouteMatch(
        pathMatch(proto, path),
        !proto.hasCaseSensitive() || proto.getCaseSensitive().getValue(),
        HeaderMatches.parse(proto.getHeadersList(), path.field("headers")),
        queryMatches(proto.getQueryParametersList(), path.field("query_parameters")),
        proto.hasGrpc());
  }

  private static PathMatch pathMatch(
      io.envoyproxy.envoy.config.route.v3.RouteMatch proto, FieldPath path) throws Invalid {
    return switch (proto.getPathSpecifierCase()) {
      case PREFIX -> new PathMatch.Prefix(proto.getPrefix());
      case PATH -> new PathMatch.Exact(proto.getPath());
      case PATH_SEPARATED_PREFIX ->
          new PathMatch.PathSeparatedPrefix(proto.getPathSeparatedPrefix());
      case SAFE_REGEX ->
          new PathMatch.SafeRegex(
              StringMatches.pattern(proto.getSafeRegex(), path.field("safe_regex")));
      case CONNECT_MATCHER -> throw new Invalid(path.field("connect_matcher"), "is not supported");
      case PATH_MATCH_POLICY ->
          throw new Invalid(path.field("path_match_policy"), "is not supported");
      case PATHSPECIFIER_NOT_SET -> throw new Invalid(path, "must set a path, prefix or regex");
    };
  }

  private static void refuseOthers(
      io.envoyproxy.envoy.config.route.v3.RouteMatch proto, FieldPath path) throws Invalid {
    if (proto.hasRuntimeFraction()
        && Scalars.perMillion(
                proto.getRuntimeFraction().getDefaultValue(),
                path.field("runtime_fraction").field("default_value"))
            < 1_000_000) {
      throw new Invalid(path.field("runtime_fraction"), "is not supported below 100%");
    }
    if (proto.hasTlsContext()) {
      throw new Invalid(path.field("tls_context"), "is not supported");
    }
    if (proto.getDynamicMetadataCount() > 0) {
      throw new Invalid(path.field("dynamic_metadata"), "is not supported");
    }
    if (proto.getFilterStateCount() > 0) {
      throw new Invalid(path.field("filter_state"), "is not supported");
    }
  }

  private static List<QueryMatch> queryMatches(List<QueryParameterMatcher> protos, FieldPath path)
      throws Invalid {
    List<QueryMatch> matches = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      QueryParameterMatcher proto = protos.get(i);
      matches.add(
          new QueryMatch(
              proto.getName(),
              proto.hasStringMatch()
                  ? Optional.of(
                      StringMatches.parse(
                          proto.getStringMatch(), path.index(i).field("string_match")))
                  : Optional.empty(),
              !proto.hasPresentMatch() || proto.getPresentMatch()));
    }
    return matches;
  }
}
