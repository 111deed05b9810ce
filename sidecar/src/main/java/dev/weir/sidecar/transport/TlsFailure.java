package dev.weir.sidecar.transport;

import dev.weir.sidecar.transport.TransportSocket.Attachment;
import java.security.cert.CertificateException;

/** Why a handshake failed: counted, and said in words. */
final class TlsFailure {
  /** The deepest cause that is looked at. */
  private static final int DEPTH = 8;

  private TlsFailure() {}

  /** Returns Envoy's {@code TLS_error:} with the reason. */
  static String count(Throwable cause, Attachment attachment) {
    TlsStats stats = attachment.stats();
    attachment.slab().inc(stats.connectionError);
    String reason = String.valueOf(cause.getMessage());
    Throwable each = cause;
    for (int depth = 0; each != null && depth < DEPTH; depth++, each = each.getCause()) {
      if (each instanceof PeerVerifier.NotTheOne) {
        attachment.slab().inc(stats.failVerifySan);
        reason = String.valueOf(each.getMessage());
        break;
      }
      if (each instanceof CertificateException) {
        attachment.slab().inc(stats.failVerifyError);
        reason = "the peer's certificate: " + each.getMessage();
        break;
      }
      // The JDK has no type for this.
      if (String.valueOf(each.getMessage()).contains("Empty client certificate chain")) {
        attachment.slab().inc(stats.failVerifyNoCert);
        reason = "the peer has shown no certificate";
        break;
      }
    }
    return "TLS_error: " + reason;
  }
}
