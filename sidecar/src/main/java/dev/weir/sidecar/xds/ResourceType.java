package dev.weir.sidecar.xds;

import java.util.Optional;

/** The kinds of resources, in the order in which a stream asks for them. */
public enum ResourceType {
  /** First: by these a control plane knows what else to send. Asked for by name alone. */
  DESTINATION("weir.service.discovery.v1alpha1.Destination", false),
  SECRET("envoy.extensions.transport_sockets.tls.v3.Secret", false),
  CLUSTER("envoy.config.cluster.v3.Cluster", true),
  ENDPOINTS("envoy.config.endpoint.v3.ClusterLoadAssignment", false),
  LISTENER("envoy.config.listener.v3.Listener", true),
  ROUTE("envoy.config.route.v3.RouteConfiguration", false);

  private final String typeUrl;
  private final boolean complete;

  ResourceType(String message, boolean complete) {
    this.typeUrl = "type.googleapis.com/" + message;
    this.complete = complete;
  }

  public String typeUrl() {
    return typeUrl;
  }

  /** A SotW response holds all there are, so that what is missing is removed. */
  boolean isComplete() {
    return complete;
  }

  /** {@code cluster}, as in messages. */
  public String noun() {
    return switch (this) {
      case DESTINATION -> "destination";
      case SECRET -> "secret";
      case CLUSTER -> "cluster";
      case ENDPOINTS -> "endpoints";
      case LISTENER -> "listener";
      case ROUTE -> "route configuration";
    };
  }

  public static Optional<ResourceType> of(String typeUrl) {
    for (ResourceType type : values()) {
      if (type.typeUrl.equals(typeUrl)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
