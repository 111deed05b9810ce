package dev.weir.sidecar.member;

import static dev.weir.sidecar.bootstrap.BootstrapText.quoted;

import dev.weir.sidecar.bootstrap.BootstrapText;
import dev.weir.sidecar.member.names.Service;
import java.net.InetSocketAddress;
import java.util.Optional;

/** The bootstrap of a member's sidecar: who it is, and where its configuration comes from. */
final class MemberBootstrap {
  private MemberBootstrap() {}

  /**
   * @param name the instance's, unique in the mesh
   * @param address where it is reached
   * @param controlPlane its ADS port, and its CA's
   * @param proof how it proves who it is; empty: the control plane takes plain text
   */
  static String write(
      String name,
      Service service,
      String address,
      InetSocketAddress controlPlane,
      Optional<MemberProof> proof) {
    return BootstrapText.write(
        name,
        service.name(),
        "{WEIR_SERVICE: %s, WEIR_NAMESPACE: %s, WEIR_ADDRESS: %s}"
            .formatted(quoted(service.name()), quoted(service.namespace()), quoted(address)),
        new BootstrapText.ControlPlane(
            controlPlane.getAddress().getHostAddress(), controlPlane.getPort(), false),
        proof.map(each ->
            new BootstrapText.Proof(
                each.spiffeId(service), each.controlPlane(), each.roots(), each.token())),
        true,
        "",
        "");
  }
}
