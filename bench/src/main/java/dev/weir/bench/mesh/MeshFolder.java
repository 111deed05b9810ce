package dev.weir.bench.mesh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A folder of services, each with a route of two rules and two policies. */
final class MeshFolder {
  private static final int NAMESPACES = 20;

  private final Path root;
  private final int services;

  /** Writes it. */
  MeshFolder(Path root, int services) throws IOException {
    this.root = root;
    this.services = services;
    for (int i = 0; i < services; i++) {
      write(i, "", service(i));
      write(i, "-rate", rate(i));
      timeout(i, 2000);
    }
  }

  static String name(int service) {
    return "svc-%04d".formatted(service);
  }

  static String namespace(int service) {
    return "team-%02d".formatted(service % NAMESPACES);
  }

  /** What the control plane calls a service's cluster, endpoints and routes. */
  static String outbound(int service) {
    return "outbound|8080|" + namespace(service) + "/" + name(service);
  }

  /** Edits the policy of a service. */
  void timeout(int service, int millis) throws IOException {
    write(
        service,
        "-resilience",
        """
        apiVersion: weir.dev/v1alpha1
        kind: ResiliencePolicy
        metadata: {name: %1$s, namespace: %2$s}
        spec:
          targetRefs: [{group: "", kind: Service, name: %1$s}]
          timeouts: {request: %3$dms, backendRequest: 500ms}
          retry: {attempts: 2, codes: [503]}
          circuitBreaker: {trip: {consecutiveFailures: 5}, openFor: 5s, probes: 3}
        """
            .formatted(name(service), namespace(service), millis));
  }

  private static String rate(int service) {
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

  private String service(int service) {
    int next = (service + NAMESPACES) % services;
    String other =
        namespace(next).equals(namespace(service)) && next != service
            ? ", {name: %s, port: 8080, weight: 10}".formatted(name(next))
            : "";
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %1$s, namespace: %2$s}
    spec: {ports: [{name: http, port: 8080, targetPort: 9080}]}
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: %1$s, namespace: %2$s}
    spec:
      parentRefs: [{group: "", kind: Service, name: %1$s}]
      rules:
      - name: canary
        matches: [{path: {type: PathPrefix, value: /v2}, headers: [{name: x-canary, value: "1"}]}]
        timeouts: {request: 5s}
        backendRefs: [{name: %1$s, port: 8080}]
      - name: main
        backendRefs: [{name: %1$s, port: 8080, weight: 90}%3$s]
    """
        .formatted(name(service), namespace(service), other);
  }

  private void write(int service, String what, String text) throws IOException {
    Path folder = Files.createDirectories(root.resolve(namespace(service)));
    Path beside = folder.resolve("." + name(service) + what);
    Files.writeString(beside, text);
    Files.move(
        beside,
        folder.resolve(name(service) + what + ".yaml"),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.ATOMIC_MOVE);
  }
}
