package dev.weir.control.precheck;

import dev.weir.control.cluster.Cluster;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Namespaces whose pods are to have a sidecar, and may not have its init container. */
final class PodSecurity {
  private static final String SUBJECT = "Pod Security";
  private static final String ENFORCE = "pod-security.kubernetes.io/enforce";
  private static final String AGENT = "weir-cni";
  private static final Set<String> REFUSING = Set.of("baseline", "restricted");

  private PodSecurity() {}

  static List<Verdict> look(KubernetesClient client) {
    List<Namespace> labelled =
        client.namespaces().withLabel("weir.dev/inject", "enabled").list().getItems();
    if (client.apps().daemonSets().inNamespace(Cluster.SYSTEM).withName(AGENT).get() == null) {
      return withInitContainer(labelled);
    }
    return List.of(
        withPlugin(Optional.ofNullable(client.namespaces().withName(Cluster.SYSTEM).get())));
  }

  /**
   * @param labelled those that are labelled for sidecars
   */
  static List<Verdict> withInitContainer(List<Namespace> labelled) {
    List<Verdict> verdicts =
        labelled.stream()
            .filter(namespace -> REFUSING.contains(level(namespace)))
            .map(namespace ->
                Verdict.failure(
                    "namespace " + namespace.getMetadata().getName(),
                    ("enforces the Pod Security level %s, which refuses the init container's"
                            + " NET_ADMIN: pods with a sidecar cannot be made; install the chart"
                            + " with cni.enabled=true, whose pods need no such right, or kubectl"
                            + " label namespace %s %s=privileged --overwrite, or take the label"
                            + " weir.dev/inject from it")
                        .formatted(level(namespace), namespace.getMetadata().getName(), ENFORCE)))
            .toList();
    if (!verdicts.isEmpty()) {
      return verdicts;
    }
    return List.of(
        Verdict.ok(
            SUBJECT,
            labelled.isEmpty()
                ? "no namespace is labelled weir.dev/inject=enabled yet"
                : "none of the labelled namespaces refuses the init container"));
  }

  /**
   * @param system Weir's own namespace, where the plugin's agents are
   */
  static Verdict withPlugin(Optional<Namespace> system) {
    String level = system.map(PodSecurity::level).orElse("");
    return REFUSING.contains(level)
        ? Verdict.failure(
            "namespace " + Cluster.SYSTEM,
            ("enforces the Pod Security level %s, which refuses the agents of the CNI plugin: pods"
                    + " with a sidecar cannot be made; kubectl label namespace %s %s=privileged"
                    + " --overwrite")
                .formatted(level, Cluster.SYSTEM, ENFORCE))
        : Verdict.ok(SUBJECT, "the CNI plugin redirects: no level refuses a pod with a sidecar");
  }

  private static String level(Namespace namespace) {
    return Objects.requireNonNullElse(namespace.getMetadata().getLabels(), Map.<String, String>of())
        .getOrDefault(ENFORCE, "");
  }
}
