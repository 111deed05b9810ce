package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.listener.TcpProxy;
import dev.weir.sidecar.config.listener.TcpProxy.WeightedCluster;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import java.time.Duration;
import java.util.List;

/** {@code TcpProxy}. */
final class TcpProxyParser {
  private static final Duration DEFAULT_IDLE = Duration.ofHours(1);

  private final AccessLogParser accessLogs;

  TcpProxyParser(AccessLogParser accessLogs) {
    this.accessLogs = accessLogs;
  }

  TcpProxy parse(
      io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy proto, FieldPath path)
      throws Invalid {
    if (proto.hasTunnelingConfig()) {
      throw new Invalid(path.field("tunneling_config"), "is not supported");
    }
    return new TcpProxy(
        proto.getStatPrefix(),
        clusters(proto, path),
        accessLogs.parse(proto.getAccessLogList(), path.field("access_log")),
        Scalars.duration(
            proto.hasIdleTimeout(),
            proto.getIdleTimeout(),
            DEFAULT_IDLE,
            path.field("idle_timeout")),
        Scalars.clamp(proto.hasMaxConnectAttempts(), proto.getMaxConnectAttempts(), 1));
  }

  private static List<WeightedCluster> clusters(
      io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy proto, FieldPath path)
      throws Invalid {
    return switch (proto.getClusterSpecifierCase()) {
      case CLUSTER -> List.of(new WeightedCluster(proto.getCluster(), 1));
      case WEIGHTED_CLUSTERS ->
          proto.getWeightedClusters().getClustersList().stream()
              .map(each -> new WeightedCluster(each.getName(), Scalars.clamp(each.getWeight())))
              .toList();
      case CLUSTERSPECIFIER_NOT_SET ->
          throw new Invalid(path, "must set cluster or weighted_clusters");
    };
  }
}
