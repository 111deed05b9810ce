package dev.weir.sidecar.telemetry.edge;

import dev.weir.sidecar.config.bootstrap.Node;
import java.util.Map;

/**
 * Who calls: a service account of a namespace, which is what a certificate of the mesh says. Of a
 * member of a mesh without Kubernetes it is its service's name.
 */
public record Workload(String name, String namespace) {
  /** One that has not proved who it is. */
  public static final Workload UNKNOWN = new Workload("unknown", "unknown");

  /** All for whom there is no more room. */
  public static final Workload OTHERS = new Workload("others", "others");

  private static final String NAMESPACE = "/ns/";
  private static final String ACCOUNT = "/sa/";

  /** Of {@code spiffe://TRUST_DOMAIN/ns/NAMESPACE/sa/NAME}; unknown for any other URI. */
  public static Workload of(String spiffeId) {
    int namespace = spiffeId.indexOf(NAMESPACE);
    int account = spiffeId.indexOf(ACCOUNT, namespace + NAMESPACE.length());
    return namespace < 0 || account < 0
        ? UNKNOWN
        : new Workload(
            spiffeId.substring(account + ACCOUNT.length()),
            spiffeId.substring(namespace + NAMESPACE.length(), account));
  }

  /** The one beside us: by its identity, else by what its bootstrap says of it. */
  public static Workload of(Node node) {
    Map<String, Object> metadata = node.metadata();
    if (metadata.get(Node.IDENTITY) instanceof String identity) {
      return of(identity);
    }
    String name = metadata.get("WEIR_SERVICE") instanceof String service ? service : node.cluster();
    String namespace = metadata.get("WEIR_NAMESPACE") instanceof String given ? given : "";
    return new Workload(
        name.isEmpty() ? UNKNOWN.name() : name,
        namespace.isEmpty() ? UNKNOWN.namespace() : namespace);
  }
}
