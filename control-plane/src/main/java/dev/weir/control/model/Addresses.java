package dev.weir.control.model;

import java.util.regex.Pattern;

/** Literal IP addresses; names are never looked up. */
public final class Addresses {
  private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern IPV4 = Pattern.compile("(" + BYTE + "\\.){3}" + BYTE);

  private Addresses() {}

  /** Whether others can call it; a socket that is bound to any address has none of its own. */
  public static boolean isCallable(String text) {
    return isIpv4(text) && !text.equals("0.0.0.0");
  }

  public static boolean isIpv4(String text) {
    return IPV4.matcher(text).matches();
  }
}
