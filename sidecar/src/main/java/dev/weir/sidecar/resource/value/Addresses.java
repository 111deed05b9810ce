package dev.weir.sidecar.resource.value;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.CidrRange;
import dev.weir.sidecar.config.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.Address;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** IP addresses and ports, Unix domain sockets, CIDR ranges. */
public final class Addresses {
  private static final Pattern DOTTED_QUAD = Pattern.compile("[0-9]+(\\.[0-9]+){3}");

  /** As RFC 1123 has it, and the underscores that are in use all the same. */
  private static final Pattern DOMAIN_NAME =
      Pattern.compile("[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63})*\\.?");

  private static final int LONGEST_NAME = 253;

  private Addresses() {}

  /** An IP literal and port, or the path of a socket. */
  public static SocketAddress literal(Address proto, FieldPath path) throws Invalid {
    SocketAddress address = named(proto, path);
    if (address instanceof SocketAddress.Ip ip) {
      parse(ip.host(), path.field("socket_address").field("address"));
    }
    return address;
  }

  /** As {@link #literal}, and a name in place of the IP literal. */
  private static SocketAddress named(Address proto, FieldPath path) throws Invalid {
    return switch (proto.getAddressCase()) {
      case SOCKET_ADDRESS -> socketAddress(proto.getSocketAddress(), path.field("socket_address"));
      case PIPE -> {
        if (proto.getPipe().getPath().isEmpty()) {
          throw new Invalid(path.field("pipe").field("path"), "must not be empty");
        }
        yield new SocketAddress.Pipe(proto.getPipe().getPath());
      }
      case ENVOY_INTERNAL_ADDRESS ->
          throw new Invalid(path.field("envoy_internal_address"), "is not supported");
      case ADDRESS_NOT_SET -> throw new Invalid(path, "must set socket_address or pipe");
    };
  }

  public static SocketAddress socketAddress(
      io.envoyproxy.envoy.config.core.v3.SocketAddress proto, FieldPath path) throws Invalid {
    if (proto.getProtocol() != io.envoyproxy.envoy.config.core.v3.SocketAddress.Protocol.TCP) {
      throw new Invalid(path.field("protocol"), "must be TCP");
    }
    if (proto.getAddress().isEmpty()) {
      throw new Invalid(path.field("address"), "must not be empty");
    }
    if (proto.hasNamedPort()) {
      throw new Invalid(path.field("named_port"), "is not supported; set port_value");
    }
    int port = proto.getPortValue();
    if (port < 0 || port > 65_535) {
      throw new Invalid(path.field("port_value"), "must be at most 65535");
    }
    return new SocketAddress.Ip(proto.getAddress(), port);
  }

  public static List<CidrRange> ranges(
      List<io.envoyproxy.envoy.config.core.v3.CidrRange> protos, FieldPath path) throws Invalid {
    List<CidrRange> ranges = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      ranges.add(range(protos.get(i), path.index(i)));
    }
    return ranges;
  }

  private static CidrRange range(io.envoyproxy.envoy.config.core.v3.CidrRange proto, FieldPath path)
      throws Invalid {
    int bits =
        parse(proto.getAddressPrefix(), path.field("address_prefix")) instanceof Inet4Address
            ? 32
            : 128;
    int length = Scalars.clamp(proto.hasPrefixLen(), proto.getPrefixLen(), 0);
    if (length > bits) {
      throw new Invalid(path.field("prefix_len"), "must be at most " + bits);
    }
    return new CidrRange(proto.getAddressPrefix(), length);
  }

  /** The host of a socket address with a port: an IP literal, or a name that can be looked up. */
  public static String nameOrLiteral(Address proto, FieldPath path) throws Invalid {
    if (!proto.hasSocketAddress()) {
      throw new Invalid(path, "must set socket_address");
    }
    FieldPath at = path.field("socket_address");
    socketAddress(proto.getSocketAddress(), at);
    String host = proto.getSocketAddress().getAddress();
    if (!isLiteral(host)
        && (host.length() > LONGEST_NAME || !DOMAIN_NAME.matcher(host).matches())) {
      throw new Invalid(
          at.field("address"),
          "\"" + host + "\" is neither an IP address nor a name that can be looked up");
    }
    return host;
  }

  private static boolean isLiteral(String host) {
    try {
      parse(host, FieldPath.ROOT);
      return true;
    } catch (Invalid e) {
      return false;
    }
  }

  /** An IP literal. */
  public static InetAddress parse(String literal, FieldPath path) throws Invalid {
    try {
      return literal.indexOf(':') < 0 && DOTTED_QUAD.matcher(literal).matches()
          ? Inet4Address.ofLiteral(literal)
          : Inet6Address.ofLiteral(literal);
    } catch (IllegalArgumentException e) {
      throw new Invalid(path, "\"" + literal + "\" is not an IP address");
    }
  }
}
