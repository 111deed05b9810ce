package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.cluster.Cluster.Discovery;
import dev.weir.sidecar.resource.value.Invalid;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;

/** Where a cluster's hosts come from. */
final class DiscoveryParser {

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
              new EndpointParser().parse(proto.getLoadAssignment(), path.field("load_assignment")));
      case STRICT_DNS, LOGICAL_DNS ->
          throw new Invalid(
              path.field("type"), "DNS is not supported yet; use STATIC with IP addresses, or EDS");
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
