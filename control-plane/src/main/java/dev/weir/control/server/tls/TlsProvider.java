package dev.weir.control.server.tls;

import io.netty.handler.ssl.OpenSsl;
import java.io.IOException;

/** Whose code speaks TLS on the control plane's port, and to other control planes. */
enum TlsProvider {
  /** BoringSSL, by tcnative. */
  BORINGSSL,
  /** The JDK's own engine. */
  JDK;

  private static final String PROPERTY = "weir.tls.provider";

  /**
   * What the system property {@code weir.tls.provider} says; else BoringSSL where it runs. Finding
   * that out loads it, which a control plane without TLS never needs.
   */
  static TlsProvider standard() throws IOException {
    String wanted = System.getProperty(PROPERTY, "");
    if (wanted.isEmpty()) {
      return OpenSsl.isAvailable() ? BORINGSSL : JDK;
    }
    if (wanted.equalsIgnoreCase(JDK.name())) {
      return JDK;
    }
    if (!wanted.equalsIgnoreCase(BORINGSSL.name())) {
      throw new IOException(PROPERTY + ": must be boringssl or jdk, not " + wanted);
    }
    if (!OpenSsl.isAvailable()) {
      throw new IOException(
          PROPERTY + ": " + wanted + " does not run here: " + OpenSsl.unavailabilityCause());
    }
    return BORINGSSL;
  }
}
