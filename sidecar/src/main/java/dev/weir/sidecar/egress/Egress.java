package dev.weir.sidecar.egress;

import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What of a sidecar's connections goes by a door to another network, or nowhere.
 *
 * @param door the Unix socket; empty: no connection leaves this network
 * @param inside addresses that are reached in this network
 */
public record Egress(Optional<Path> door, Ipv4Range inside) {
  /** Of experiments, and what virtual addresses are of: it is nobody's outside of a mesh. */
  private static final Ipv4Range RESERVED = Ipv4Range.parse("240.0.0.0/4");

  /**
   * {@code RANGE=FILE}: what is inside, and the door; {@code RANGE} where there is none.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static Egress parse(String text) {
    int equals = text.indexOf('=');
    if (equals < 0) {
      return new Egress(Optional.empty(), Ipv4Range.parse(text));
    }
    return new Egress(
        Optional.of(Path.of(text.substring(equals + 1))),
        Ipv4Range.parse(text.substring(0, equals)));
  }

  /** As {@link #parse} takes it. */
  @Override
  public String toString() {
    return inside + door.map(file -> "=" + file).orElse("");
  }

  /** Whether a connection to {@code to} leaves this network; IPv6 does not. */
  public boolean leadsTo(SocketAddress to) {
    return to instanceof InetSocketAddress inet
        && inet.getAddress() instanceof Inet4Address address
        && !address.isLoopbackAddress()
        && !address.isAnyLocalAddress()
        && !address.isMulticastAddress()
        && !RESERVED.contains(address)
        && !inside.contains(address);
  }
}
