package dev.weir.control.source.kubernetes;

import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;

/**
 * A kind of objects that people write and a mesh reads.
 *
 * @param group empty: Kubernetes' own
 * @param plural as in the API's paths
 */
public record ConfigKind(String group, String version, String kind, String plural) {
  private static final String GATEWAY = "gateway.networking.k8s.io";
  private static final String WEIR = "weir.dev";

  public static final List<ConfigKind> ALL =
      List.of(
          new ConfigKind("", "v1", "Service", "services"),
          new ConfigKind(GATEWAY, "v1", "HTTPRoute", "httproutes"),
          new ConfigKind(GATEWAY, "v1", "GRPCRoute", "grpcroutes"),
          new ConfigKind(GATEWAY, "v1", "TCPRoute", "tcproutes"),
          new ConfigKind(GATEWAY, "v1", "TLSRoute", "tlsroutes"),
          new ConfigKind(GATEWAY, "v1beta1", "ReferenceGrant", "referencegrants"),
          new ConfigKind(GATEWAY, "v1", "BackendTLSPolicy", "backendtlspolicies"),
          new ConfigKind(WEIR, "v1alpha1", "MeshConfig", "meshconfigs"),
          new ConfigKind(WEIR, "v1alpha1", "ResiliencePolicy", "resiliencepolicies"),
          new ConfigKind(WEIR, "v1alpha1", "RateLimitPolicy", "ratelimitpolicies"),
          new ConfigKind(WEIR, "v1alpha1", "TelemetryPolicy", "telemetrypolicies"),
          new ConfigKind(WEIR, "v1alpha1", "AuthenticationPolicy", "authenticationpolicies"),
          new ConfigKind(WEIR, "v1alpha1", "AuthorizationPolicy", "authorizationpolicies"));

  /** Of which only those are read that others name. */
  static final ConfigKind CONFIG_MAP = new ConfigKind("", "v1", "ConfigMap", "configmaps");

  /** As an object has it. */
  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  /** Whether others than Weir say what its fields are, and may have more than we know. */
  boolean isCore() {
    return group.isEmpty();
  }

  /** Whether it is for something else, which its targetRefs name. */
  public boolean isPolicy() {
    return kind.endsWith("Policy");
  }

  /** Whether it is a policy of Gateway API's, of which gateways speak too. */
  public boolean isGatewayPolicy() {
    return isPolicy() && group.equals(GATEWAY);
  }

  /** Whether it is one of Weir's that is for nothing else. */
  public boolean isConfig() {
    return kind.equals("MeshConfig");
  }

  public boolean isRoute() {
    return kind.endsWith("Route");
  }

  /** Whether what became of it is said in its status. */
  public boolean hasStatus() {
    return isPolicy() || isRoute() || isConfig();
  }

  /** As the client wants it. */
  public ResourceDefinitionContext context() {
    return new ResourceDefinitionContext.Builder()
        .withGroup(group)
        .withVersion(version)
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(true)
        .build();
  }
}
