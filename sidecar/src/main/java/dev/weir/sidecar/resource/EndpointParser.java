package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Endpoint;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Health;
import dev.weir.sidecar.resource.value.Addresses;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.ArrayList;
import java.util.List;

/** {@code config.endpoint.v3.ClusterLoadAssignment}. */
final class EndpointParser {
  ClusterLoadAssignment parse(
      io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment proto, FieldPath path)
      throws Invalid {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < proto.getEndpointsCount(); i++) {
      LocalityLbEndpoints locality = proto.getEndpoints(i);
      FieldPath at = path.field("endpoints").index(i);
      if (locality.hasLedsClusterLocalityConfig()) {
        throw new Invalid(at.field("leds_cluster_locality_config"), "is not supported");
      }
      List<LbEndpoint> protos = locality.getLbEndpointsList();
      for (int j = 0; j < protos.size(); j++) {
        endpoints.add(endpoint(protos.get(j), locality, at.field("lb_endpoints").index(j)));
      }
    }
    return new ClusterLoadAssignment(
        proto.getClusterName(),
        endpoints,
        Scalars.clamp(
            proto.getPolicy().hasOverprovisioningFactor(),
            proto.getPolicy().getOverprovisioningFactor(),
            ClusterLoadAssignment.DEFAULT_OVERPROVISIONING));
  }

  private Endpoint endpoint(LbEndpoint proto, LocalityLbEndpoints locality, FieldPath path)
      throws Invalid {
    if (!proto.hasEndpoint()) {
      throw new Invalid(path.field("endpoint"), "must be set");
    }
    return new Endpoint(
        Addresses.literal(
            proto.getEndpoint().getAddress(), path.field("endpoint").field("address")),
        proto.getEndpoint().getHostname(),
        Scalars.clamp(proto.hasLoadBalancingWeight(), proto.getLoadBalancingWeight(), 1),
        switch (proto.getHealthStatus()) {
          case UNKNOWN, HEALTHY -> Health.HEALTHY;
          case UNHEALTHY, TIMEOUT -> Health.UNHEALTHY;
          case DRAINING -> Health.DRAINING;
          case DEGRADED -> Health.DEGRADED;
          case UNRECOGNIZED ->
              throw new Invalid(
                  path.field("health_status"), "has no value " + proto.getHealthStatusValue());
        },
        locality.getPriority(),
        locality.getLocality().getZone());
  }
}
