package dev.weir.control.compile.xds;

import com.google.protobuf.Message;
import dev.weir.protos.TypeRegistry;
import dev.weir.protos.service.discovery.v1alpha1.Destination;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The types of resources, in the order a change is sent: what is referred to before what refers to
 * it.
 */
public enum ResourceType {
  CLUSTER(Cluster.getDefaultInstance()),
  ENDPOINTS(ClusterLoadAssignment.getDefaultInstance()),
  LISTENER(Listener.getDefaultInstance()),
  ROUTES(RouteConfiguration.getDefaultInstance()),

  /** Asked for by a sidecar that is not told of all services. */
  DESTINATION(Destination.getDefaultInstance());

  private static final Map<String, ResourceType> BY_URL =
      Arrays.stream(values())
          .collect(Collectors.toUnmodifiableMap(ResourceType::typeUrl, type -> type));

  private final String typeUrl;

  ResourceType(Message message) {
    this.typeUrl = TypeRegistry.typeUrl(message);
  }

  public String typeUrl() {
    return typeUrl;
  }

  /** Envoy's word for one of these. */
  public String kind() {
    return typeUrl.substring(typeUrl.lastIndexOf('.') + 1);
  }

  /** Without a name a client gets all of these. */
  public boolean wildcard() {
    return this == CLUSTER || this == LISTENER;
  }

  public static Optional<ResourceType> of(String typeUrl) {
    return Optional.ofNullable(BY_URL.get(typeUrl));
  }
}
