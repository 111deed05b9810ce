package dev.weir.control.precheck;

import dev.weir.control.cluster.WeirPod;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Namespaces whose pods are to have the sidecar of a revision that nobody has installed. */
final class Revisions {
  private static final String SUBJECT = "revisions";

  private Revisions() {}

  static List<Verdict> look(KubernetesClient client) {
    Set<String> installed = new TreeSet<>();
    WeirPod.controlPlanes(client).forEach(one -> one.revision().ifPresent(installed::add));
    return of(
        client
            .namespaces()
            .withLabel("weir.dev/inject", "enabled")
            .withLabel(WeirPod.REVISION)
            .list()
            .getItems(),
        installed);
  }

  /**
   * @param labelled those that are labelled for the sidecars of a revision
   * @param installed of those that run
   */
  static List<Verdict> of(List<Namespace> labelled, Set<String> installed) {
    List<Verdict> verdicts =
        labelled.stream()
            .filter(namespace -> !installed.contains(revision(namespace)))
            .map(namespace ->
                Verdict.failure(
                    "namespace " + namespace.getMetadata().getName(),
                    ("its label %s says %s, of which there is no control plane: its new pods get no"
                            + " sidecar; %skubectl label namespace %s %s-")
                        .formatted(
                            WeirPod.REVISION,
                            revision(namespace),
                            installed.isEmpty()
                                ? ""
                                : "say " + String.join(" or ", installed) + ", or ",
                            namespace.getMetadata().getName(),
                            WeirPod.REVISION)))
            .toList();
    if (!verdicts.isEmpty()) {
      return verdicts;
    }
    return installed.isEmpty()
        ? List.of()
        : List.of(Verdict.ok(SUBJECT, "installed: " + String.join(", ", installed)));
  }

  private static String revision(Namespace namespace) {
    return namespace.getMetadata().getLabels().getOrDefault(WeirPod.REVISION, "");
  }
}
