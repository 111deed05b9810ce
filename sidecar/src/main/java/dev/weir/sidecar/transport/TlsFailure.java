package dev.weir.sidecar.transport;

import dev.weir.sidecar.transport.TransportSocket.Attachment;
import java.nio.channels.ClosedChannelException;
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
    String reason =
        cause instanceof ClosedChannelException
            ? "the peer has ended the connection"
            : String.valueOf(cause.getMessage());
    Throwable each = cause;
    for (int depth = 0; each != null && depth < DEPTH; depth++, each = each.getCause()) {
      if (each instanceof PeerVerifier.NotTheOne) {
        attachment.slab().inc(stats.failVerifySan);
        reason = String.valueOf(each.getMessage());
        break;
      }
      if (each instanceof PeerVerifier.OtherHash) {
        attachment.slab().inc(stats.failVerifyCertHash);
        reason = "the peer's certificate: " + each.getMessage();
        break;
      }
      if (each instanceof CertificateException) {
        attachment.slab().inc(stats.failVerifyError);
        reason = "the peer's certificate: " + each.getMessage();
        break;
      }
      if (isNoCertificate(String.valueOf(each.getMessage()))) {
        attachment.slab().inc(stats.failVerifyNoCert);
        reason = "the peer has shown no certificate";
        break;
      }
    }
    return "TLS_error: " + reason;
  }

  /** There is no type for this, of the JDK's engine nor of BoringSSL. */
  private static boolean isNoCertificate(String message) {
    return message.contains("Empty client certificate chain")
        || message.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE");
  }
}
