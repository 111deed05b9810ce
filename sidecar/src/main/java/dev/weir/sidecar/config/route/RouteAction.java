package dev.weir.sidecar.config.route;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a route does with a request that matched. */
public sealed interface RouteAction {
  /**
   * {@code config.route.v3.RouteAction}.
   *
   * @param weighted at least one; a single cluster has weight 1
   * @param clusterNotFoundStatus 404, 500 or 503, when the cluster is unknown
   * @param mirrors who gets copies of the requests
   * @param upgrades the protocols, in lower case, that {@code upgrade_configs} lets requests of
   *     this route ask for, or not, whatever the connection manager says
   */
  record Forward(
      List<WeightedCluster> weighted,
      int clusterNotFoundStatus,
      Timeouts timeouts,
      Optional<RetryPolicy> retryPolicy,
      Optional<HedgePolicy> hedgePolicy,
      Rewrite rewrite,
      Priority priority,
      List<Mirror> mirrors,
      Map<String, Boolean> upgrades)
      implements RouteAction {
    public Forward {
      weighted = List.copyOf(weighted);
      mirrors = List.copyOf(mirrors);
      upgrades = Map.copyOf(upgrades);
      if (weighted.isEmpty()) {
        throw new IllegalArgumentException("a route without a cluster");
      }
    }
  }

  /** {@code config.route.v3.DirectResponseAction}; {@code body} is at most 4 KiB, as in Envoy. */
  record DirectResponse(int status, String body) implements RouteAction {}

  /** {@code config.route.v3.RedirectAction}; an absent part is kept from the request. */
  record Redirect(
      Optional<String> scheme,
      Optional<String> host,
      int port,
      Optional<String> path,
      Optional<String> prefixRewrite,
      Optional<RegexRewrite> regexRewrite,
      int status,
      boolean stripQuery)
      implements RouteAction {}

  /**
   * {@code WeightedCluster.ClusterWeight}.
   *
   * @param host {@code host_rewrite_literal}
   */
  record WeightedCluster(
      String cluster,
      int weight,
      Optional<String> host,
      HeaderMutation requestHeaders,
      HeaderMutation responseHeaders,
      Map<String, RouteFilterConfig> filterConfigs) {
    public WeightedCluster {
      filterConfigs = Map.copyOf(filterConfigs);
    }
  }

  /** {@code prefix_rewrite} or {@code regex_rewrite}, and {@code host_rewrite_literal}. */
  record Rewrite(Optional<String> prefix, Optional<RegexRewrite> regex, Optional<String> host) {}

  /**
   * {@code type.matcher.v3.RegexMatchAndSubstitute}: {@code substitution} has {@code \1} for what a
   * group of {@code pattern} holds, {@code \0} for all of a match, and {@code \\} for a backslash.
   */
  record RegexRewrite(String pattern, String substitution) {}

  /**
   * {@code RequestMirrorPolicy}: of a million requests, {@code perMillion} go to {@code cluster} as
   * well.
   *
   * @param shadowHost {@code -shadow} is put behind the host's name
   */
  record Mirror(String cluster, int perMillion, boolean shadowHost) {}

  /**
   * @param request {@code timeout}, from the end of the request to the end of the response; zero is
   *     off, unset is 15 s
   * @param idle {@code idle_timeout}, instead of the connection manager's stream idle timeout
   * @param maxStream {@code max_stream_duration.max_stream_duration}
   * @param grpcTimeoutMax {@code max_stream_duration.grpc_timeout_header_max}: present:
   *     grpc-timeout is honoured, up to this (zero: any)
   */
  record Timeouts(
      Duration request,
      Optional<Duration> idle,
      Optional<Duration> maxStream,
      Optional<Duration> grpcTimeoutMax) {}

  enum Priority {
    DEFAULT,
    HIGH
  }
}
