package dev.weir.sidecar.resource;

import com.google.protobuf.ByteString;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.route.HeaderMutation;
import dev.weir.sidecar.config.route.HedgePolicy;
import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.config.route.RouteAction.Mirror;
import dev.weir.sidecar.config.route.RouteAction.Priority;
import dev.weir.sidecar.config.route.RouteAction.RegexRewrite;
import dev.weir.sidecar.config.route.RouteAction.Rewrite;
import dev.weir.sidecar.config.route.RouteAction.Timeouts;
import dev.weir.sidecar.config.route.RouteAction.WeightedCluster;
import dev.weir.sidecar.resource.filter.HttpFilterParsers;
import dev.weir.sidecar.resource.value.HeaderMutations;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import dev.weir.sidecar.resource.value.StringMatches;
import dev.weir.sidecar.resource.value.WireTexts;
import dev.weir.sidecar.route.PathSubstitution;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction.MaxStreamDuration;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster.ClusterWeight;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatchAndSubstitute;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a route does: forward, answer, redirect. */
final class RouteActionParser {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(15);
  private static final int MAX_DIRECT_RESPONSE_BYTES = 4096;

  private RouteActionParser() {}

  /**
   * @param inherited the mirrors of a route that has none of its own
   */
  static RouteAction parse(
      Route proto, FieldPath path, HttpFilterParsers filters, List<Mirror> inherited)
      throws Invalid {
    return switch (proto.getActionCase()) {
      case ROUTE -> forward(proto.getRoute(), path.field("route"), filters, inherited);
      case DIRECT_RESPONSE ->
          directResponse(proto.getDirectResponse(), path.field("direct_response"));
      case REDIRECT -> redirect(proto.getRedirect(), path.field("redirect"));
      case FILTER_ACTION -> throw new Invalid(path.field("filter_action"), "is not supported");
      case NON_FORWARDING_ACTION ->
          throw new Invalid(path.field("non_forwarding_action"), "is not supported");
      case ACTION_NOT_SET ->
          throw new Invalid(path, "must set one of route, direct_response, redirect");
    };
  }

  private static RouteAction.Forward forward(
      io.envoyproxy.envoy.config.route.v3.RouteAction proto,
      FieldPath path,
      HttpFilterParsers filters,
      List<Mirror> inherited)
      throws Invalid {
    List<Mirror> mirrors = Mirrors.parse(proto.getRequestMirrorPoliciesList(), path);
    return new RouteAction.Forward(
        clusters(proto, path, filters),
        switch (proto.getClusterNotFoundResponseCode()) {
          case SERVICE_UNAVAILABLE -> 503;
          case NOT_FOUND -> 404;
          case INTERNAL_SERVER_ERROR -> 500;
          case UNRECOGNIZED ->
              throw new Invalid(
                  path.field("cluster_not_found_response_code"),
                  "has no value " + proto.getClusterNotFoundResponseCodeValue());
        },
        timeouts(proto, path),
        proto.hasRetryPolicy()
            ? Optional.of(
                RetryPolicyParser.parse(proto.getRetryPolicy(), path.field("retry_policy")))
            : Optional.empty(),
        proto.hasHedgePolicy()
            ? Optional.of(hedgePolicy(proto.getHedgePolicy()))
            : Optional.empty(),
        rewrite(proto, path),
        switch (proto.getPriority()) {
          case DEFAULT -> Priority.DEFAULT;
          case HIGH -> Priority.HIGH;
          case UNRECOGNIZED ->
              throw new Invalid(path.field("priority"), "has no value " + proto.getPriorityValue());
        },
        mirrors.isEmpty() ? inherited : mirrors,
        upgrades(proto.getUpgradeConfigsList(), path.field("upgrade_configs")));
  }

  private static Rewrite rewrite(
      io.envoyproxy.envoy.config.route.v3.RouteAction proto, FieldPath path) throws Invalid {
    if (proto.hasRegexRewrite() && !proto.getPrefixRewrite().isEmpty()) {
      throw new Invalid(path, "may set one of prefix_rewrite and regex_rewrite");
    }
    return new Rewrite(
        WireTexts.pathPrefix(proto.getPrefixRewrite(), path.field("prefix_rewrite")),
        regexRewrite(proto.hasRegexRewrite(), proto.getRegexRewrite(), path.field("regex_rewrite")),
        WireTexts.authority(proto.getHostRewriteLiteral(), path.field("host_rewrite_literal")));
  }

  private static Optional<RegexRewrite> regexRewrite(
      boolean set, RegexMatchAndSubstitute proto, FieldPath path) throws Invalid {
    if (!set) {
      return Optional.empty();
    }
    RegexRewrite rewrite =
        new RegexRewrite(
            StringMatches.pattern(proto.getPattern(), path.field("pattern")),
            WireTexts.pathPart(proto.getSubstitution(), path.field("substitution")));
    try {
      new PathSubstitution(rewrite);
    } catch (IllegalArgumentException e) {
      throw new Invalid(path.field("substitution"), String.valueOf(e.getMessage()));
    }
    return Optional.of(rewrite);
  }

  static HedgePolicy hedgePolicy(io.envoyproxy.envoy.config.route.v3.HedgePolicy proto) {
    return new HedgePolicy(proto.getHedgeOnPerTryTimeout());
  }

  private static Map<String, Boolean> upgrades(
      List<io.envoyproxy.envoy.config.route.v3.RouteAction.UpgradeConfig> protos, FieldPath path)
      throws Invalid {
    Map<String, Boolean> types = new HashMap<>();
    for (int i = 0; i < protos.size(); i++) {
      var proto = protos.get(i);
      if (proto.hasConnectConfig()) {
        throw new Invalid(path.index(i).field("connect_config"), "is not supported");
      }
      types.put(
          HttpConnectionManagerParser.upgradeType(proto.getUpgradeType(), path.index(i)),
          !proto.hasEnabled() || proto.getEnabled().getValue());
    }
    return types;
  }

  private static List<WeightedCluster> clusters(
      io.envoyproxy.envoy.config.route.v3.RouteAction proto,
      FieldPath path,
      HttpFilterParsers filters)
      throws Invalid {
    return switch (proto.getClusterSpecifierCase()) {
      case CLUSTER ->
          List.of(
              new WeightedCluster(
                  proto.getCluster(),
                  1,
                  Optional.empty(),
                  HeaderMutation.NONE,
                  HeaderMutation.NONE,
                  Map.of()));
      case WEIGHTED_CLUSTERS ->
          weighted(
              proto.getWeightedClusters().getClustersList(),
              path.field("weighted_clusters").field("clusters"),
              filters);
      case CLUSTER_HEADER -> throw new Invalid(path.field("cluster_header"), "is not supported");
      case CLUSTER_SPECIFIER_PLUGIN ->
          throw new Invalid(path.field("cluster_specifier_plugin"), "is not supported");
      case INLINE_CLUSTER_SPECIFIER_PLUGIN ->
          throw new Invalid(path.field("inline_cluster_specifier_plugin"), "is not supported");
      case CLUSTERSPECIFIER_NOT_SET ->
          throw new Invalid(path, "must set cluster or weighted_clusters");
    };
  }

  private static List<WeightedCluster> weighted(
      List<ClusterWeight> protos, FieldPath path, HttpFilterParsers filters) throws Invalid {
    List<WeightedCluster> clusters = new ArrayList<>();
    long sum = 0;
    for (int i = 0; i < protos.size(); i++) {
      ClusterWeight proto = protos.get(i);
      FieldPath at = path.index(i);
      if (proto.getName().isEmpty()) {
        throw new Invalid(at.field("name"), "must not be empty");
      }
      if (!proto.hasWeight()) {
        throw new Invalid(at.field("weight"), "must be set");
      }
      int weight = Scalars.clamp(proto.getWeight().getValue());
      sum += weight;
      clusters.add(
          new WeightedCluster(
              proto.getName(),
              weight,
              WireTexts.authority(proto.getHostRewriteLiteral(), at.field("host_rewrite_literal")),
              HeaderMutations.parse(
                  proto.getRequestHeadersToAddList(),
                  proto.getRequestHeadersToRemoveList(),
                  at,
                  "request"),
              HeaderMutations.parse(
                  proto.getResponseHeadersToAddList(),
                  proto.getResponseHeadersToRemoveList(),
                  at,
                  "response"),
              filters.routeConfigs(
                  proto.getTypedPerFilterConfigMap(), at.field("typed_per_filter_config"))));
    }
    if (sum == 0 || sum > Integer.MAX_VALUE) {
      throw new Invalid(path, "the sum of the weights must be 1 to " + Integer.MAX_VALUE);
    }
    return clusters;
  }

  @SuppressWarnings("deprecation") // max_grpc_timeout is still sent, by Istio among others.
  private static Timeouts timeouts(
      io.envoyproxy.envoy.config.route.v3.RouteAction proto, FieldPath path) throws Invalid {
    MaxStreamDuration maxStream = proto.getMaxStreamDuration();
    FieldPath at = path.field("max_stream_duration");
    boolean maxGrpc = proto.hasMaxGrpcTimeout() && !maxStream.hasGrpcTimeoutHeaderMax();
    return new Timeouts(
        Scalars.duration(
            proto.hasTimeout(), proto.getTimeout(), DEFAULT_TIMEOUT, path.field("timeout")),
        optional(proto.hasIdleTimeout(), proto.getIdleTimeout(), path.field("idle_timeout")),
        optional(
            maxStream.hasMaxStreamDuration(),
            maxStream.getMaxStreamDuration(),
            at.field("max_stream_duration")),
        maxGrpc
            ? optional(true, proto.getMaxGrpcTimeout(), path.field("max_grpc_timeout"))
            : optional(
                maxStream.hasGrpcTimeoutHeaderMax(),
                maxStream.getGrpcTimeoutHeaderMax(),
                at.field("grpc_timeout_header_max")));
  }

  private static Optional<Duration> optional(
      boolean set, com.google.protobuf.Duration proto, FieldPath path) throws Invalid {
    return set ? Optional.of(Scalars.duration(proto, path)) : Optional.empty();
  }

  private static RouteAction.DirectResponse directResponse(
      DirectResponseAction proto, FieldPath path) throws Invalid {
    String body = proto.hasBody() ? DataSources.inline(proto.getBody(), path.field("body")) : "";
    if (ByteString.copyFromUtf8(body).size() > MAX_DIRECT_RESPONSE_BYTES) {
      throw new Invalid(
          path.field("body"), "must have at most " + MAX_DIRECT_RESPONSE_BYTES + " bytes");
    }
    return new RouteAction.DirectResponse(proto.getStatus(), body);
  }

  private static RouteAction.Redirect redirect(RedirectAction proto, FieldPath path)
      throws Invalid {
    if (proto.getPortRedirect() < 0 || proto.getPortRedirect() > 65_535) {
      throw new Invalid(path.field("port_redirect"), "must be at most 65535");
    }
    return new RouteAction.Redirect(
        proto.getHttpsRedirect()
            ? Optional.of("https")
            : WireTexts.scheme(proto.getSchemeRedirect(), path.field("scheme_redirect")),
        WireTexts.authority(proto.getHostRedirect(), path.field("host_redirect")),
        proto.getPortRedirect(),
        WireTexts.reference(proto.getPathRedirect(), path.field("path_redirect")),
        WireTexts.pathPrefix(proto.getPrefixRewrite(), path.field("prefix_rewrite")),
        regexRewrite(proto.hasRegexRewrite(), proto.getRegexRewrite(), path.field("regex_rewrite")),
        switch (proto.getResponseCode()) {
          case MOVED_PERMANENTLY -> 301;
          case FOUND -> 302;
          case SEE_OTHER -> 303;
          case TEMPORARY_REDIRECT -> 307;
          case PERMANENT_REDIRECT -> 308;
          case UNRECOGNIZED ->
              throw new Invalid(
                  path.field("response_code"), "has no value " + proto.getResponseCodeValue());
        },
        proto.getStripQuery());
  }
}
