package dev.weir.sidecar.config.cluster;

/**
 * Whose a cluster is: a port of a service, as the mesh's people call it. Told by the cluster's
 * {@code metadata.filter_metadata} at {@link #METADATA}; it changes nothing but what is said of
 * calls to it.
 */
public record ClusterService(String name, String namespace, int port) {
  public static final String METADATA = "weir.service";
}
