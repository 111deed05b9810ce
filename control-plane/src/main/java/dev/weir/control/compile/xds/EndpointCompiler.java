package dev.weir.control.compile.xds;

import dev.weir.control.model.Endpoint;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.Collection;

/** The instances of a cluster. */
final class EndpointCompiler {
  private EndpointCompiler() {}

  /** One locality, with a weight and a name: gRPC's libraries leave out or refuse those without. */
  static ClusterLoadAssignment assignment(String cluster, Collection<Endpoint> endpoints) {
    ClusterLoadAssignment.Builder assignment =
        ClusterLoadAssignment.newBuilder().setClusterName(cluster);
    if (!endpoints.isEmpty()) {
      LocalityLbEndpoints.Builder locality =
          LocalityLbEndpoints.newBuilder()
              .setLocality(Locality.getDefaultInstance())
              .setLoadBalancingWeight(Protos.uint32(1));
      endpoints.forEach(endpoint -> locality.addLbEndpoints(endpoint(endpoint)));
      assignment.addEndpoints(locality);
    }
    return assignment.build();
  }

  private static LbEndpoint endpoint(Endpoint endpoint) {
    LbEndpoint.Builder made =
        LbEndpoint.newBuilder()
            .setEndpoint(
                io.envoyproxy.envoy.config.endpoint.v3.Endpoint.newBuilder()
                    .setAddress(Protos.address(endpoint.address(), endpoint.port())));
    if (endpoint.mtls()) {
      made.setMetadata(MutualTls.SPOKEN);
    }
    return made.build();
  }
}
