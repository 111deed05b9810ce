package dev.weir.control.precheck;

import dev.weir.control.cluster.Membership;
import dev.weir.control.cluster.WeirPod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Pods that are not as they would be if they were made now, where there is an installation. */
final class Sidecars {
  private static final String SUBJECT = "sidecars";

  private Sidecars() {}

  static List<Verdict> look(KubernetesClient client) {
    List<WeirPod> controlPlanes = WeirPod.controlPlanes(client);
    return controlPlanes.isEmpty()
        ? List.of()
        : of(
            Membership.of(
                client, WeirPod.all(client, Optional.empty()), Optional.empty(), controlPlanes));
  }

  static List<Verdict> of(Membership members) {
    List<Verdict> verdicts = new ArrayList<>();
    members.unknown().forEach(what -> verdicts.add(Verdict.warning(SUBJECT, what)));
    long missing = members.bare().stream().filter(one -> one.reason().isEmpty()).count();
    if (missing > 0) {
      verdicts.add(
          Verdict.warning(
              SUBJECT,
              "%d pods are to have one and have none (%s is one); weir status has their names: start them again"
                  .formatted(
                      missing,
                      members.bare().stream()
                          .filter(one -> one.reason().isEmpty())
                          .findFirst()
                          .orElseThrow()
                          .pod())));
    }
    if (!members.old().isEmpty()) {
      Membership.Old first = members.old().getFirst();
      verdicts.add(
          Verdict.warning(
              SUBJECT,
              "%d are not as they are injected now (that of %s is %s, not %s); they work on until their pods are started again"
                  .formatted(members.old().size(), first.pod(), first.image(), first.now())));
    }
    return verdicts.isEmpty()
        ? List.of(
            Verdict.ok(SUBJECT, "each pod that is to have one has the one that is injected now"))
        : verdicts;
  }
}
