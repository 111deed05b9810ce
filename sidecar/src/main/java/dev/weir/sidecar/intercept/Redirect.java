package dev.weir.sidecar.intercept;

import dev.weir.cli.network.Cidr;
import dev.weir.cli.network.PortRange;
import java.util.List;

/**
 * What is redirected where.
 *
 * @param ports where the sidecar listens
 * @param own what tells the sidecar's own connections from the app's
 * @param family which of the two internet protocols
 * @param outbound what the app calls past the sidecar
 * @param inbound what reaches the app past the sidecar
 */
record Redirect(Ports ports, Own own, Family family, Exclusions outbound, Exclusions inbound) {
  enum Family {
    ipv4,
    ipv6,
    dual
  }

  /** How the sidecar's own connections are known. */
  sealed interface Own {}

  /** By their {@code SO_MARK}, which takes CAP_NET_ADMIN to set. */
  record Mark(long number) implements Own {}

  /** By the user that the sidecar runs as, and nobody else. */
  record User(long id) implements Own {}

  /** The sidecar's own ports. */
  record Ports(int outbound, int inbound, int admin) {}

  /**
   * What stays as it was.
   *
   * @param ports by destination port
   * @param addresses by the other side's address: where a call goes to, or comes from
   */
  record Exclusions(List<PortRange> ports, List<Cidr> addresses) {
    Exclusions {
      ports = List.copyOf(ports);
      addresses = List.copyOf(addresses);
    }
  }
}
