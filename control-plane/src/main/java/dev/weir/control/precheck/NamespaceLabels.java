package dev.weir.control.precheck;

import dev.weir.control.injector.Injector;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;

/** Namespaces whose label for injection says what it cannot: it matches no webhook. */
final class NamespaceLabels {
  private NamespaceLabels() {}

  static List<Verdict> look(KubernetesClient client) {
    return of(client.namespaces().withLabel(Injector.LABEL).list().getItems());
  }

  /**
   * @param labelled those that have the label
   */
  static List<Verdict> of(List<Namespace> labelled) {
    return labelled.stream()
        .filter(namespace -> !Injector.WORDS.contains(word(namespace)))
        .map(namespace ->
            Verdict.warning(
                "namespace " + namespace.getMetadata().getName(),
                "its label %1$s says \"%2$s\", which is nothing to Weir: its pods get no sidecar; kubectl label namespace %3$s %1$s=enabled --overwrite, or =disabled"
                    .formatted(Injector.LABEL, word(namespace), namespace.getMetadata().getName())))
        .toList();
  }

  private static String word(Namespace namespace) {
    return namespace.getMetadata().getLabels().getOrDefault(Injector.LABEL, "");
  }
}
