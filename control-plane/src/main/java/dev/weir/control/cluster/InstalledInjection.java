package dev.weir.control.cluster;

import dev.weir.control.injector.Injection;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;

/** What an installation's webhook injects: the ConfigMap that the chart makes for it. */
public final class InstalledInjection {
  private static final String FILE = "injection.yaml";

  private InstalledInjection() {}

  /** {@code weir-injection}; of a revision {@code weir-injection-next}. */
  public static String name(Optional<String> revision) {
    return "weir-injection" + revision.map(one -> "-" + one).orElse("");
  }

  /**
   * Empty where there is none. Throws IllegalArgumentException for one that has what this program
   * does not know, with what that is.
   */
  public static Optional<Injection> of(KubernetesClient client, Optional<String> revision) {
    String name = name(revision);
    ConfigMap map = client.configMaps().inNamespace(Cluster.SYSTEM).withName(name).get();
    String text = map == null || map.getData() == null ? null : map.getData().get(FILE);
    return text == null ? Optional.empty() : Optional.of(Injection.read(name, text));
  }
}
