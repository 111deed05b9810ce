package dev.weir.sidecar.member;

import dev.weir.sidecar.member.names.Service;
import java.nio.file.Path;

/**
 * How a member proves who it is to its control plane: by a token, until its sidecar has a
 * certificate, and for the next one. The control plane is held to be who it says as well, by an
 * identity that its CA gives to nobody else.
 *
 * @param trustDomain of the mesh
 * @param roots what a control plane's certificate must lead to, a file
 * @param token a file that somebody keeps valid
 */
record MemberProof(String trustDomain, Path roots, Path token) {
  String spiffeId(Service service) {
    return "spiffe://%s/ns/%s/sa/%s".formatted(trustDomain, service.namespace(), service.name());
  }

  /** Who the control plane is. */
  String controlPlane() {
    return "spiffe://" + trustDomain + "/ns/weir-system/sa/weir-control-plane";
  }
}
