package dev.weir.sidecar.config.bootstrap;

import java.time.Duration;
import java.util.Optional;

/**
 * Who this workload is, and who certifies it.
 *
 * @param caCluster a static cluster
 * @param spiffeId {@code spiffe://TRUST_DOMAIN/...}
 * @param rootFile the roots until the CA has said which they are
 * @param tokenFile what proves to the CA who this is
 * @param lifetime that is asked for
 * @param authority of requests to the CA
 */
public record WorkloadIdentity(
    String caCluster,
    String spiffeId,
    String rootFile,
    Optional<String> tokenFile,
    Duration lifetime,
    String authority) {
  /** The secret that is the certificate, as Istio calls it. */
  public static final String CERTIFICATE = "default";

  /** The secret that is the roots, as Istio calls it. */
  public static final String ROOTS = "ROOTCA";
}
