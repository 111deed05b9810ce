package dev.weir.sidecar.http;

/** {@code host[:port]}, RFC 9110, section 7.2. */
public final class Authority {
  private Authority() {}

  /** Where the port begins, with its colon; the length where there is none. */
  public static int portStart(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon > authority.lastIndexOf(']') ? colon : authority.length();
  }

  /** Without the port, and without the brackets of an IPv6 address. */
  public static String host(String authority) {
    String host = authority.substring(0, portStart(authority));
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }
}
