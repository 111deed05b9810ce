package dev.weir.control.source.resource;

import java.util.Map;
import java.util.Optional;

/** Kinds of other meshes, which people bring along, and what says the same here. */
final class OtherMeshes {
  private static final String ROUTES = "HTTPRoute or GRPCRoute of Gateway API";
  private static final String RESILIENCE = "ResiliencePolicy";
  private static final String ACCESS = "AuthorizationPolicy of weir.dev/v1alpha1";

  /** By group and kind, whatever the version. */
  private static final Map<String, String> COUNTERPARTS =
      Map.ofEntries(
          Map.entry(
              "networking.istio.io VirtualService",
              ROUTES + " for where calls go, " + RESILIENCE + " for timeouts and retries"),
          Map.entry(
              "networking.istio.io DestinationRule",
              RESILIENCE
                  + " (circuitBreaker, outlierDetection) for its trafficPolicy, a Service for each"
                  + " subset"),
          Map.entry(
              "networking.istio.io ServiceEntry",
              "a Service of type ExternalName, or with its EndpointSlices"),
          Map.entry("security.istio.io AuthorizationPolicy", ACCESS),
          Map.entry("security.istio.io PeerAuthentication", "AuthenticationPolicy (mtls)"),
          Map.entry("security.istio.io RequestAuthentication", "AuthenticationPolicy (jwt)"),
          Map.entry("telemetry.istio.io Telemetry", "TelemetryPolicy"),
          Map.entry(
              "linkerd.io ServiceProfile",
              ROUTES
                  + " for its routes, "
                  + RESILIENCE
                  + " for timeouts, retries and their budget"),
          Map.entry("policy.linkerd.io AuthorizationPolicy", ACCESS),
          Map.entry("policy.linkerd.io MeshTLSAuthentication", ACCESS + " (rules[].from)"),
          Map.entry("policy.linkerd.io NetworkAuthentication", ACCESS + " (rules[].from)"),
          Map.entry("policy.linkerd.io Server", ACCESS + " of a port of a Service"),
          Map.entry("policy.linkerd.io HTTPRoute", "HTTPRoute of gateway.networking.k8s.io/v1"),
          Map.entry("policy.linkerd.io HTTPLocalRateLimitPolicy", "RateLimitPolicy"),
          Map.entry("kuma.io MeshTimeout", RESILIENCE + " (timeouts)"),
          Map.entry("kuma.io MeshRetry", RESILIENCE + " (retry)"),
          Map.entry("kuma.io MeshCircuitBreaker", RESILIENCE + " (circuitBreaker)"),
          Map.entry("kuma.io MeshRateLimit", "RateLimitPolicy"),
          Map.entry("consul.hashicorp.com ServiceRouter", ROUTES),
          Map.entry("consul.hashicorp.com ServiceSplitter", ROUTES + ", by the weight of backends"),
          Map.entry("consul.hashicorp.com ServiceResolver", RESILIENCE));

  private OtherMeshes() {}

  /** What to write instead of a kind, if it is another mesh's. */
  static Optional<String> counterpart(String apiVersion, String kind) {
    int slash = apiVersion.indexOf('/');
    String group = slash < 0 ? "" : apiVersion.substring(0, slash);
    return Optional.ofNullable(COUNTERPARTS.get(group + " " + kind));
  }
}
