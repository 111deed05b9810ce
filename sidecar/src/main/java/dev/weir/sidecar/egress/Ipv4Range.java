package dev.weir.sidecar.egress;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A range of IPv4 addresses.
 *
 * @param first its first address
 * @param length of the prefix, in bits
 */
public record Ipv4Range(int first, int length) {
  /**
   * {@code 10.88.0.0/16}.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static Ipv4Range parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length == 2
        && parts[1].matches("[0-9]|[12][0-9]|3[0-2]")
        && parts[0].matches("[0-9]+(\\.[0-9]+){3}")
        && InetAddress.ofLiteral(parts[0]) instanceof Inet4Address address) {
      int length = Integer.parseInt(parts[1]);
      return new Ipv4Range(number(address) & mask(length), length);
    }
    throw new IllegalArgumentException("\"" + text + "\" is not an IPv4 range, as 10.88.0.0/16");
  }

  boolean contains(Inet4Address address) {
    return (number(address) & mask(length)) == first;
  }

  private static int mask(int length) {
    return length == 0 ? 0 : -1 << (Integer.SIZE - length);
  }

  private static int number(Inet4Address address) {
    return ByteBuffer.wrap(address.getAddress()).getInt();
  }

  @Override
  public String toString() {
    byte[] address = ByteBuffer.allocate(Integer.BYTES).putInt(first).array();
    return IntStream.range(0, address.length)
            .mapToObj(i -> Integer.toString(address[i] & 0xff))
            .collect(Collectors.joining("."))
        + "/"
        + length;
  }
}
