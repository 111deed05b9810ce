package dev.weir.sidecar.http;

import java.util.Set;

/**
 * Fields that say how a message lies on its connection, and not what it is: RFC 9110 7.6.1. The
 * codecs write them; set or taken out by anybody else they would frame another message.
 */
public final class ConnectionFields {
  private static final Set<String> NAMES =
      Set.of(
          "connection",
          "content-length",
          "http2-settings",
          "keep-alive",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private ConnectionFields() {}

  /** {@code name} is in lower case. */
  public static boolean has(String name) {
    return NAMES.contains(name);
  }
}
