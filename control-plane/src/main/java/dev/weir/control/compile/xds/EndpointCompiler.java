package dev.weir.control.compile.xds;

import dev.weir.control.model.Endpoint;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/** The instances of a cluster. */
final class EndpointCompiler {
  private EndpointCompiler() {}

  /**
   * A locality for each zone, with a weight and a name: gRPC's libraries leave out or refuse those
   * without.
   */
  static ClusterLoadAssignment assignment(String cluster, Collection<Endpoint> endpoints) {
    return assignment(cluster, parted(endpoints), zone -> 0);
  }

  /** For callers in each zone that has some: these before all others, which stand in for them. */
  static Map<String, ClusterLoadAssignment> byZone(String cluster, Collection<Endpoint> endpoints) {
    SortedMap<String, List<Endpoint>> zones = parted(endpoints);
    Map<String, ClusterLoadAssignment> all = new HashMap<>();
    if (zones.size() > 1) {
      for (String own : zones.keySet()) {
        if (!own.isEmpty()) {
          all.put(own, assignment(cluster, zones, zone -> zone.equals(own) ? 0 : 1));
        }
      }
    }
    return all;
  }

  private static SortedMap<String, List<Endpoint>> parted(Collection<Endpoint> endpoints) {
    return endpoints.stream()
        .collect(Collectors.groupingBy(Endpoint::zone, TreeMap::new, Collectors.toList()));
  }

  private static ClusterLoadAssignment assignment(
      String cluster, SortedMap<String, List<Endpoint>> zones, ToIntFunction<String> priority) {
    ClusterLoadAssignment.Builder assignment =
        ClusterLoadAssignment.newBuilder().setClusterName(cluster);
    zones.forEach((zone, endpoints) -> {
      LocalityLbEndpoints.Builder locality =
          LocalityLbEndpoints.newBuilder()
              .setLocality(Locality.newBuilder().setZone(zone))
              .setPriority(priority.applyAsInt(zone))
              // Each instance has the same share of them all.
              .setLoadBalancingWeight(Protos.uint32(zones.size() == 1 ? 1 : endpoints.size()));
      endpoints.forEach(endpoint -> locality.addLbEndpoints(endpoint(endpoint)));
      assignment.addEndpoints(locality);
    });
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
