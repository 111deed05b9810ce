package dev.weir.sidecar.pod;

import static dev.weir.sidecar.bootstrap.BootstrapText.quoted;

import dev.weir.sidecar.bootstrap.BootstrapText;
import java.util.Optional;

/** The bootstrap of a pod's sidecar. */
final class PodBootstrap {
  private PodBootstrap() {}

  static String write(Arguments pod) {
    ProbeListeners probes = new ProbeListeners(pod.statusPort(), pod.probes());
    String identity = "spiffe://%s/ns/%s/sa/%s";
    return BootstrapText.write(
        pod.pod() + "." + pod.namespace(),
        pod.account() + "." + pod.namespace(),
        "{WEIR_POD: %s, WEIR_NAMESPACE: %s, WEIR_ADDRESS: %s, WEIR_MARK: 0}"
            .formatted(quoted(pod.pod()), quoted(pod.namespace()), quoted(pod.address())),
        new BootstrapText.ControlPlane(
            pod.controlPlane().host(), pod.controlPlane().port(), pod.controlPlane().isName()),
        Optional.of(
            new BootstrapText.Proof(
                identity.formatted(pod.trustDomain(), pod.namespace(), pod.account()),
                identity.formatted(pod.trustDomain(), "weir-system", "weir-control-plane"),
                pod.roots(),
                pod.token())),
        false,
        probes.listeners(),
        probes.clusters());
  }
}
