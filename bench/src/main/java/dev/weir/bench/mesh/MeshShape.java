package dev.weir.bench.mesh;

/**
 * How many of what a mesh has.
 *
 * @param instances of each service
 * @param namespaces services are in these by turns
 * @param whole whether each sidecar is told of all services; else of its namespace
 */
record MeshShape(int services, int instances, int namespaces, boolean whole) {
  static String name(int service) {
    return "svc-%04d".formatted(service);
  }

  /** Of an instance. */
  static String address(int instance) {
    return "10.%d.%d.%d".formatted(1 + instance / 62_500, instance / 250 % 250, 1 + instance % 250);
  }

  String namespace(int service) {
    return "team-%03d".formatted(service % namespaces);
  }

  /** What the control plane calls a service's cluster, endpoints and routes. */
  String outbound(int service) {
    return "outbound|8080|" + namespace(service) + "/" + name(service);
  }

  int sidecars() {
    return services * instances;
  }

  /** Whether sidecars of one service are told of another. */
  boolean tells(int service, int other) {
    return whole || service % namespaces == other % namespaces;
  }

  /** How many instances the sidecars of a service are told of. */
  int told(int service) {
    if (whole) {
      return sidecars();
    }
    int rest = service % namespaces;
    return (services - rest + namespaces - 1) / namespaces * instances;
  }

  /** The policy of a service's calls. */
  String resilience(int service, int millis) {
    return """
    apiVersion: weir.dev/v1alpha1
    kind: ResiliencePolicy
    metadata: {name: %1$s, namespace: %2$s}
    spec:
      targetRefs: [{group: "", kind: Service, name: %1$s}]
      timeouts: {request: %3$dms, backendRequest: 500ms}
      retry: {attempts: 2, codes: [503]}
      circuitBreaker: {trip: {consecutiveFailures: 5}, openFor: 5s, probes: 3}
    """
        .formatted(name(service), namespace(service), millis);
  }

  /** The policy of what a service takes. */
  String limits(int service) {
    return """
    apiVersion: weir.dev/v1alpha1
    kind: RateLimitPolicy
    metadata: {name: %1$s, namespace: %2$s}
    spec:
      targetRefs: [{group: "", kind: Service, name: %1$s}]
      limits:
      - {name: everyone, scope: Replica, rate: 500/s, burst: 200}
      - {name: per-client, scope: Replica, per: [{header: x-client}], rate: 20/s, burst: 20}
    """
        .formatted(name(service), namespace(service));
  }
}
