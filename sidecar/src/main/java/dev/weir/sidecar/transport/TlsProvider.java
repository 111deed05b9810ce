package dev.weir.sidecar.transport;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.util.function.Supplier;

/** Whose code speaks TLS. */
public enum TlsProvider {
  /** BoringSSL, by tcnative. */
  BORINGSSL(SslProvider.OPENSSL_REFCNT),
  /** The JDK's own engine. */
  JDK(SslProvider.JDK);

  private static final String PROPERTY = "weir.tls.provider";

  private final SslProvider provider;

  TlsProvider(SslProvider provider) {
    this.provider = provider;
  }

  SslProvider netty() {
    return provider;
  }

  public boolean available() {
    return this == JDK || OpenSsl.isAvailable();
  }

  /**
   * What the system property {@code weir.tls.provider} says, which is looked at now; else BoringSSL
   * where it runs, which is found out when it is first asked for: that takes a tenth of a second,
   * and a sidecar without TLS never needs it.
   */
  public static Supplier<TlsProvider> standard() {
    String wanted = System.getProperty(PROPERTY, "");
    for (TlsProvider each : values()) {
      if (each.name().equalsIgnoreCase(wanted)) {
        if (!each.available()) {
          throw new IllegalStateException(
              PROPERTY + ": " + wanted + " does not run here: " + OpenSsl.unavailabilityCause());
        }
        return () -> each;
      }
    }
    if (!wanted.isEmpty()) {
      throw new IllegalStateException(PROPERTY + ": must be boringssl or jdk, not " + wanted);
    }
    return () -> BORINGSSL.available() ? BORINGSSL : JDK;
  }
}
