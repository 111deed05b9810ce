package dev.weir.sidecar.resource;

import com.google.protobuf.Struct;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Endpoint;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Health;
import dev.weir.sidecar.config.cluster.DnsDiscovery;
import dev.weir.sidecar.resource.value.Addresses;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code config.endpoint.v3.ClusterLoadAssignment}. */
final class EndpointParser {
  ClusterLoadAssignment parse(
      io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment proto, FieldPath path)
      throws Invalid {
    return new ClusterLoadAssignment(
        proto.getClusterName(),
        each(proto, path, EndpointParser::endpoint),
        overprovisioning(proto));
  }

  /** Those of a cluster of type STRICT_DNS or LOGICAL_DNS. */
  List<DnsDiscovery.Name> names(
      io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment proto, FieldPath path)
      throws Invalid {
    return each(proto, path, EndpointParser::name);
  }

  static int overprovisioning(io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment proto) {
    return Scalars.clamp(
        proto.getPolicy().hasOverprovisioningFactor(),
        proto.getPolicy().getOverprovisioningFactor(),
        ClusterLoadAssignment.DEFAULT_OVERPROVISIONING);
  }

  private interface Reader<T> {
    T read(LbEndpoint proto, LocalityLbEndpoints locality, FieldPath path) throws Invalid;
  }

  private static <T> List<T> each(
      io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment proto,
      FieldPath path,
      Reader<T> reader)
      throws Invalid {
    List<T> all = new ArrayList<>();
    for (int i = 0; i < proto.getEndpointsCount(); i++) {
      LocalityLbEndpoints locality = proto.getEndpoints(i);
      FieldPath at = path.field("endpoints").index(i);
      if (locality.hasLedsClusterLocalityConfig()) {
        throw new Invalid(at.field("leds_cluster_locality_config"), "is not supported");
      }
      List<LbEndpoint> protos = locality.getLbEndpointsList();
      for (int j = 0; j < protos.size(); j++) {
        FieldPath endpoint = at.field("lb_endpoints").index(j);
        if (!protos.get(j).hasEndpoint()) {
          throw new Invalid(endpoint.field("endpoint"), "must be set");
        }
        all.add(reader.read(protos.get(j), locality, endpoint));
      }
    }
    return all;
  }

  private static Endpoint endpoint(LbEndpoint proto, LocalityLbEndpoints locality, FieldPath path)
      throws Invalid {
    return new Endpoint(
        Addresses.literal(
            proto.getEndpoint().getAddress(), path.field("endpoint").field("address")),
        weight(proto),
        health(proto, path),
        locality.getPriority(),
        locality.getLocality().getZone(),
        transport(proto));
  }

  private static DnsDiscovery.Name name(
      LbEndpoint proto, LocalityLbEndpoints locality, FieldPath path) throws Invalid {
    var address = proto.getEndpoint().getAddress();
    return new DnsDiscovery.Name(
        Addresses.nameOrLiteral(address, path.field("endpoint").field("address")),
        address.getSocketAddress().getPortValue(),
        weight(proto),
        health(proto, path),
        locality.getPriority(),
        locality.getLocality().getZone(),
        transport(proto));
  }

  private static Map<String, String> transport(LbEndpoint proto) {
    return TransportSockets.criteria(
        proto
            .getMetadata()
            .getFilterMetadataOrDefault(TransportSockets.METADATA, Struct.getDefaultInstance()));
  }

  private static int weight(LbEndpoint proto) {
    return Scalars.clamp(proto.hasLoadBalancingWeight(), proto.getLoadBalancingWeight(), 1);
  }

  private static Health health(LbEndpoint proto, FieldPath path) throws Invalid {
    return switch (proto.getHealthStatus()) {
      case UNKNOWN, HEALTHY -> Health.HEALTHY;
      case UNHEALTHY, TIMEOUT -> Health.UNHEALTHY;
      case DRAINING -> Health.DRAINING;
      case DEGRADED -> Health.DEGRADED;
      case UNRECOGNIZED ->
          throw new Invalid(
              path.field("health_status"), "has no value " + proto.getHealthStatusValue());
    };
  }
}
