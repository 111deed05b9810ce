package dev.weir.control.model;

import java.util.regex.Pattern;

/**
 * Headers that say how a message lies on its connection, and not what it is: RFC 9110 7.6.1. Set or
 * removed they would frame another message; sidecars refuse what changes them.
 */
public final class FramingHeaders {
  /** Of a regular expression, in lower case. */
  static final String NAMES =
      "connection|content-length|http2-settings|keep-alive|proxy-connection|te|trailer"
          + "|transfer-encoding|upgrade";

  private static final Pattern ANY = Pattern.compile("(?i)" + NAMES);

  private FramingHeaders() {}

  public static boolean has(String name) {
    return ANY.matcher(name).matches();
  }
}
