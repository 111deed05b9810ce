package dev.weir.sidecar.filter.http.extauthz;

import java.util.Set;

/** Fields that say how a message lies on its connection, and not what it is: RFC 9110 7.6.1. */
final class Framing {
  private static final Set<String> NAMES =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "http2-settings",
          "keep-alive",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private Framing() {}

  /** {@code name} is in lower case. */
  static boolean is(String name) {
    return NAMES.contains(name);
  }
}
