package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.Cluster.Discovery;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import java.time.Duration;

/** Where a cluster's hosts come from. */
final class DiscoveryParser {
  private static final Duration DEFAULT_DNS_REFRESH = Duration.ofSeconds(5);

  private DiscoveryParser() {}

  static Discovery parse(Cluster proto, FieldPath path) throws Invalid {
    if (proto.hasClusterType()) {
      throw new Invalid(path.field("cluster_type"), "is not supported");
    }
    if (proto.getType() != Cluster.DiscoveryType.EDS && proto.hasEdsClusterConfig()) {
      throw new Invalid(path.field("eds_cluster_config"), "is for a cluster of type EDS");
    }
    return switch (proto.getType()) {
      case STATIC ->
          new Discovery.Static(
              EndpointParser.ofLiterals()
                  .parse(proto.getLoadAssignment(), path.field("load_assignment")));
      case STRICT_DNS -> dns(proto, false, path);
      case LOGICAL_DNS -> dns(proto, true, path);
      case EDS -> eds(proto, path.field("eds_cluster_config"));
      case ORIGINAL_DST -> {
        if (proto.hasLoadAssignment()) {
          throw new Invalid(
              path.field("load_assignment"), "cannot be set in a cluster of type ORIGINAL_DST");
        }
        yield new Discovery.OriginalDst();
      }
      case UNRECOGNIZED ->
          throw new Invalid(path.field("type"), "has no value " + proto.getTypeValue());
    };
  }

  @SuppressWarnings(
      "deprecation") // dns_refresh_rate is where DNS clusters without an extension say it.
  private static Discovery dns(Cluster proto, boolean logical, FieldPath path) throws Invalid {
    var endpoints =
        EndpointParser.ofNames().parse(proto.getLoadAssignment(), path.field("load_assignment"));
    if (logical && endpoints.endpoints().size() != 1) {
      throw new Invalid(
          path.field("load_assignment"), "must have one endpoint in a cluster of type LOGICAL_DNS");
    }
    return new Discovery.Dns(
        endpoints,
        Scalars.duration(
            proto.hasDnsRefreshRate(),
            proto.getDnsRefreshRate(),
            DEFAULT_DNS_REFRESH,
            path.field("dns_refresh_rate")),
        logical);
  }

  private static Discovery eds(Cluster proto, FieldPath path) throws Invalid {
    if (!proto.hasEdsClusterConfig()) {
      throw new Invalid(path, "must be set in a cluster of type EDS");
    }
    var config = proto.getEdsClusterConfig();
    return new Discovery.Eds(
        config.getServiceName().isEmpty() ? proto.getName() : config.getServiceName(),
        ConfigSources.ads(config.getEdsConfig(), path.field("eds_config")));
  }
}
