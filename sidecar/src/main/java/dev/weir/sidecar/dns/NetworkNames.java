package dev.weir.sidecar.dns;

import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.runtime.SocketAddresses;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.regex.Pattern;

/** Names and addresses as text. */
final class NetworkNames {
  /** Characters of a name that can be asked for. */
  static final int LONGEST = 253;

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63})*");

  private NetworkNames() {}

  static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  static boolean isLiteral(String host) {
    return NetUtil.createByteArrayFromIpAddressString(host) != null;
  }

  /** {@code address} is an IP literal. */
  static InetSocketAddress socketAddress(String address, int port) {
    return (InetSocketAddress) SocketAddresses.of(new SocketAddress.Ip(address, port));
  }
}
