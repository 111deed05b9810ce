package dev.weir.sidecar.config.bootstrap;

import java.util.List;
import java.util.Map;

/**
 * Who this sidecar says it is ({@code config.core.v3.Node}). {@code metadata} holds String, Double,
 * Boolean, List and Map values; {@code extensions} the type URLs of the Weir extensions it takes.
 */
public record Node(
    String id, String cluster, Map<String, Object> metadata, List<String> extensions) {
  /** Of these the one that asks for destinations that it is not told of. */
  public static final String ON_DEMAND =
      "type.googleapis.com/weir.extensions.filters.listener.on_demand.v1alpha1.OnDemand";

  /** Of these the one that handles calls to instances as calls to their services. */
  public static final String INSTANCES =
      "type.googleapis.com/weir.extensions.filters.listener.instances.v1alpha1.Instances";

  /** Of these the one that says what the sidecar tells. */
  public static final String TELEMETRY =
      "type.googleapis.com/weir.extensions.filters.listener.telemetry.v1alpha1.ListenerTelemetry";

  /** Of these the one that believes some peers' {@code x-forwarded-client-cert}. */
  public static final String FORWARDED_CLIENT_CERT =
      "type.googleapis.com/weir.extensions.http.forwarded_client_cert.v1alpha1.ForwardedClientCert";

  /** Of these the one that has a certificate of the mesh's CA. */
  public static final String WORKLOAD_IDENTITY =
      "type.googleapis.com/weir.extensions.bootstrap.identity.v1alpha1.WorkloadIdentity";

  /** The metadata that says who it is by that. */
  public static final String IDENTITY = "WEIR_IDENTITY";

  public Node {
    metadata = Map.copyOf(metadata);
    extensions = List.copyOf(extensions);
  }
}
