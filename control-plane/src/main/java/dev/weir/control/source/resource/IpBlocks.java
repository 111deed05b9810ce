package dev.weir.control.source.resource;

import java.net.InetAddress;

/** Blocks of IP addresses, as text. */
final class IpBlocks {
  private static final int MOST_V4 = 32;
  private static final int MOST_V6 = 128;

  private IpBlocks() {}

  /** An address, or one with the length of its prefix. */
  static boolean isOne(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    InetAddress parsed;
    try {
      parsed = InetAddress.ofLiteral(address);
    } catch (IllegalArgumentException e) {
      return false;
    }
    int most = parsed.getAddress().length == 4 ? MOST_V4 : MOST_V6;
    return slash < 0 || isLength(text.substring(slash + 1), most);
  }

  private static boolean isLength(String text, int most) {
    return text.matches("[0-9]{1,3}") && Integer.parseInt(text) <= most;
  }
}
