package dev.weir.control.model;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.regex.Pattern;

/** Literal IP addresses; names are never looked up. */
public final class Addresses {
  private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern IPV4 = Pattern.compile("(" + BYTE + "\\.){3}" + BYTE);
  private static final Pattern IPV6_CHARACTERS = Pattern.compile("[0-9A-Fa-f.]*:[0-9A-Fa-f.:]*");
  private static final Pattern LENGTH = Pattern.compile("0|[1-9][0-9]{0,2}");
  private static final Pattern PORT = Pattern.compile("[1-9][0-9]{0,4}");
  private static final int MAX_PORT = 65_535;
  private static final int IPV4_BITS = 32;
  private static final int IPV6_BITS = 128;

  private Addresses() {}

  /** Whether others can call it; a socket that is bound to any address has none of its own. */
  public static boolean isCallable(String text) {
    return isIpv4(text) && !text.equals("0.0.0.0");
  }

  /** Whether it is an address, or one with the length of its prefix; none of IPv4 in IPv6. */
  public static boolean isBlock(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    boolean four = isIpv4(address);
    return (four || isIpv6(address))
        && (slash < 0 || isLength(text.substring(slash + 1), four ? IPV4_BITS : IPV6_BITS));
  }

  private static boolean isIpv6(String text) {
    try {
      return IPV6_CHARACTERS.matcher(text).matches()
          && InetAddress.ofLiteral(text) instanceof Inet6Address;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isLength(String text, int most) {
    return LENGTH.matcher(text).matches() && Integer.parseInt(text) <= most;
  }

  /** Whether it is a port, without zeros before it. */
  public static boolean isPort(String text) {
    return PORT.matcher(text).matches() && Integer.parseInt(text) <= MAX_PORT;
  }

  public static boolean isIpv4(String text) {
    return IPV4.matcher(text).matches();
  }
}
