package dev.weir.control.installation;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The ConfigMap from which a pod's sidecar knows whom to trust when it first calls the control
 * plane: one in each namespace with injected pods. Any thread; it waits for the API server.
 */
public final class RootsOfNamespaces {
  static final String NAME = "weir-roots";
  static final String FILE = "root-cert.pem";
  private static final String LABEL = "weir.dev/roots";

  private final KubernetesClient client;
  private final Supplier<String> roots;

  /** By namespace, what was written there. */
  private final Map<String, String> written = new ConcurrentHashMap<>();

  /**
   * @param roots what the mesh trusts now, in PEM
   */
  public RootsOfNamespaces(KubernetesClient client, Supplier<String> roots) {
    this.client = client;
    this.roots = roots;
  }

  /** A pod of this namespace is about to need it. */
  public void ensure(String namespace) {
    String now = roots.get();
    if (now.equals(written.get(namespace))) {
      return;
    }
    ConfigMap map =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName(NAME)
            .withNamespace(namespace)
            .addToLabels("app.kubernetes.io/part-of", "weir")
            .addToLabels(LABEL, "true")
            .endMetadata()
            .addToData(FILE, now)
            .build();
    client.resource(map).forceConflicts().serverSideApply();
    written.put(namespace, now);
  }

  /** Follows the roots in all namespaces that have it. Now and then. */
  public void follow() {
    Map<String, String> there = new HashMap<>();
    client
        .configMaps()
        .inAnyNamespace()
        .withLabel(LABEL, "true")
        .list()
        .getItems()
        .forEach(map ->
            there.put(
                map.getMetadata().getNamespace(),
                map.getData() == null ? "" : map.getData().getOrDefault(FILE, "")));
    // A namespace that was made anew has none.
    written.entrySet().removeIf(one -> !one.getValue().equals(there.get(one.getKey())));
    there.keySet().forEach(this::ensure);
  }
}
