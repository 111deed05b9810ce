package dev.weir.sidecar.transport;

import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.SSL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.StandardConstants;

/**
 * The name of the server that a client calls (RFC 6066, section 3). Names that are none of DNS are
 * in use, with underscores above all, as {@code outbound_.80_._.cart.shop.svc.cluster.local}: the
 * JDK's class for them takes none, so that they are bytes here.
 */
final class ServerNames {
  private ServerNames() {}

  private static final class Name extends SNIServerName {
    Name(String name) {
      super(StandardConstants.SNI_HOST_NAME, name.getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * A client's engine sends this name.
   *
   * @param name empty: it sends none
   */
  static void send(SSLEngine engine, String name) {
    if (engine instanceof ReferenceCountedOpenSslEngine own) {
      if (!name.isEmpty()) {
        SSL.setTlsExtHostName(own.sslPointer(), name);
      }
      return;
    }
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setServerNames(name.isEmpty() ? List.of() : List.of(new Name(name)));
    engine.setSSLParameters(parameters);
  }

  /** What a client's engine sends; empty for none. */
  static String sent(SSLEngine engine) {
    return engine instanceof ReferenceCountedOpenSslEngine own
        ? text(own)
        : text(engine.getSSLParameters().getServerNames());
  }

  /**
   * What a server's engine was sent, in lower case; empty for nothing, and for a client's.
   *
   * @param session the engine's: that of its handshake, as long as there is one
   */
  static String received(SSLEngine engine, SSLSession session) {
    if (engine.getUseClientMode()) {
      return "";
    }
    String name = "";
    if (engine instanceof ReferenceCountedOpenSslEngine own) {
      name = text(own);
    } else if (session instanceof ExtendedSSLSession extended) {
      name = text(extended.getRequestedServerNames());
    }
    return name.toLowerCase(Locale.ROOT);
  }

  private static String text(ReferenceCountedOpenSslEngine engine) {
    long ssl = engine.sslPointer();
    String name = ssl == 0 ? null : SSL.getSniHostname(ssl);
    return name == null ? "" : name;
  }

  private static String text(List<SNIServerName> names) {
    for (SNIServerName name : names) {
      if (name.getType() == StandardConstants.SNI_HOST_NAME) {
        return new String(name.getEncoded(), StandardCharsets.UTF_8);
      }
    }
    return "";
  }
}
