package dev.weir.sidecar.xds;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What a control plane serves: the methods by which types are streamed, or the path at which one is
 * fetched.
 *
 * @param types in the order in which they are asked for
 * @param sotw a path of gRPC
 * @param delta a path of gRPC
 */
public record DiscoveryService(Set<ResourceType> types, String sotw, String delta) {
  /** All types over one stream. */
  public static final DiscoveryService AGGREGATED =
      new DiscoveryService(
          EnumSet.allOf(ResourceType.class),
          "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources",
          "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources");

  public DiscoveryService {
    types = Set.copyOf(types);
  }

  /** The service of {@code type} alone. */
  public static DiscoveryService of(ResourceType type) {
    return switch (type) {
      case CLUSTER -> of(type, "cluster", "Cluster", "Clusters");
      case ENDPOINTS -> of(type, "endpoint", "Endpoint", "Endpoints");
      case LISTENER -> of(type, "listener", "Listener", "Listeners");
      case ROUTE -> of(type, "route", "Route", "Routes");
      case SECRET ->
          new DiscoveryService(
              Set.of(type),
              "/envoy.service.secret.v3.SecretDiscoveryService/StreamSecrets",
              "/envoy.service.secret.v3.SecretDiscoveryService/DeltaSecrets");
      case DESTINATION -> throw new IllegalArgumentException("destinations come over ADS alone");
    };
  }

  private static DiscoveryService of(ResourceType type, String domain, String noun, String plural) {
    String service = "/envoy.service.%s.v3.%sDiscoveryService/".formatted(domain, noun);
    return new DiscoveryService(
        Set.of(type), service + "Stream" + plural, service + "Delta" + plural);
  }

  /** Where {@code type} is fetched from by REST. */
  public static String restPath(ResourceType type) {
    return "/v3/discovery:"
        + switch (type) {
          case CLUSTER -> "clusters";
          case ENDPOINTS -> "endpoints";
          case LISTENER -> "listeners";
          case ROUTE -> "routes";
          case SECRET -> "secrets";
          case DESTINATION ->
              throw new IllegalArgumentException("destinations come over ADS alone");
        };
  }

  /** Those of {@link #types} in the order in which a stream asks for them. */
  List<ResourceType> inOrder() {
    return types.stream().sorted().toList();
  }
}
