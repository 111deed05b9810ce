package dev.weir.control.precheck;

import dev.weir.control.cluster.Cluster;
import dev.weir.control.cluster.WeirPod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.stream.Collectors;

/** What is there of Weir already. */
final class Installed {
  private static final String SUBJECT = "installation";

  private Installed() {}

  static List<Verdict> look(KubernetesClient client) {
    List<WeirPod> controlPlanes = WeirPod.controlPlanes(client);
    if (controlPlanes.isEmpty()) {
      return List.of(
          Verdict.ok(
              SUBJECT,
              "none yet; helm install weir charts/weir --namespace "
                  + Cluster.SYSTEM
                  + " --create-namespace"));
    }
    String said =
        controlPlanes.stream()
            .map(one -> one.name().name() + " " + one.version())
            .collect(Collectors.joining(", "));
    return List.of(
        controlPlanes.stream().allMatch(WeirPod::ready)
            ? Verdict.ok(SUBJECT, "there is one already: " + said)
            : Verdict.warning(
                SUBJECT,
                "there is one that is not ready: "
                    + said
                    + "; kubectl -n "
                    + Cluster.SYSTEM
                    + " logs deployment/weir-control-plane"));
  }
}
