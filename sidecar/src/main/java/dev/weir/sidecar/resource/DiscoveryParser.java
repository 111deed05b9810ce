package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.cluster.Cluster.Discovery;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.TypedConfigs;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;

/** Where a cluster's hosts come from. */
final class DiscoveryParser {
  private final DnsDiscoveryParser dns;

  DiscoveryParser(TypedConfigs typedConfigs) {
    this.dns = new DnsDiscoveryParser(typedConfigs);
  }

  Discovery parse(Cluster proto, FieldPath path) throws Invalid {
    if (proto.hasClusterType()) {
      return dns.ofClusterType(proto, path);
    }
    if (proto.getType() != Cluster.DiscoveryType.EDS && proto.hasEdsClusterConfig()) {
      throw new Invalid(path.field("eds_cluster_config"), "is for a cluster of type EDS");
    }
    return switch (proto.getType()) {
      case STATIC ->
          new Discovery.Static(
              new EndpointParser().parse(proto.getLoadAssignment(), path.field("load_assignment")));
      case STRICT_DNS, LOGICAL_DNS -> dns.ofType(proto, path);
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
        ConfigSources.fetch(config.getEdsConfig(), path.field("eds_config")));
  }
}
