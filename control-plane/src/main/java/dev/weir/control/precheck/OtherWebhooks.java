package dev.weir.control.precheck;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;

/** Other meshes that put their proxies into pods. */
final class OtherWebhooks {
  /** By what the names of their webhook configurations begin with. */
  private static final Map<String, String> MESHES =
      Map.of(
          "istio-", "Istio",
          "linkerd-", "Linkerd",
          "kuma-", "Kuma",
          "consul-", "Consul",
          "osm-", "Open Service Mesh");

  private OtherWebhooks() {}

  static List<Verdict> look(KubernetesClient client) {
    return of(
        client
            .admissionRegistration()
            .v1()
            .mutatingWebhookConfigurations()
            .list()
            .getItems()
            .stream()
            .map(one -> one.getMetadata().getName())
            .sorted()
            .toList());
  }

  static List<Verdict> of(List<String> webhooks) {
    List<Verdict> verdicts =
        webhooks.stream()
            .flatMap(name ->
                MESHES.entrySet().stream()
                    .filter(mesh -> name.startsWith(mesh.getKey()))
                    .map(mesh ->
                        Verdict.warning(
                            "other meshes",
                            ("%s puts its proxies into pods (%s); label no namespace for both: a"
                                    + " pod of another mesh gets no sidecar of Weir's")
                                .formatted(mesh.getValue(), name))))
            .toList();
    return verdicts.isEmpty() ? List.of(Verdict.ok("other meshes", "no webhook of one")) : verdicts;
  }
}
