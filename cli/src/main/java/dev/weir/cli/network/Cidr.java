package dev.weir.cli.network;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.regex.Pattern;

/**
 * A range of addresses as people write it: {@code 10.0.0.0/8}, {@code fd00::/8}, or one address.
 */
public record Cidr(InetAddress address, int prefixLength) {
  /** An address without a zone, IPv4 in four numbers: the JDK reads 80 as 0.0.0.80. */
  private static final Pattern ADDRESS =
      Pattern.compile("[0-9]+(\\.[0-9]+){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  /**
   * @throws IllegalArgumentException with what is wrong; a host name is never looked up
   */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address = address(slash < 0 ? text : text.substring(0, slash), text);
    int longest = address.getAddress().length * Byte.SIZE;
    String length = slash < 0 ? Integer.toString(longest) : text.substring(slash + 1);
    if (!length.matches("[0-9]{1,3}") || Integer.parseInt(length) > longest) {
      throw new IllegalArgumentException(
          "\"" + text + "\": the prefix length must be from 0 to " + longest);
    }
    return new Cidr(address, Integer.parseInt(length));
  }

  private static InetAddress address(String address, String text) {
    String wrong = "\"" + text + "\" is not an address range, as 10.0.0.0/8 or fd00::/8";
    if (!ADDRESS.matcher(address).matches()) {
      throw new IllegalArgumentException(wrong);
    }
    try {
      return InetAddress.ofLiteral(address);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(wrong, e);
    }
  }

  public boolean ipv6() {
    return address instanceof Inet6Address;
  }

  @Override
  public String toString() {
    return address.getHostAddress() + "/" + prefixLength;
  }
}
