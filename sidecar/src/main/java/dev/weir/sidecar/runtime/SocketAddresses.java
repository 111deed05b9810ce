package dev.weir.sidecar.runtime;

import dev.weir.sidecar.config.SocketAddress;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Configured addresses as the system takes them, and as people read them. */
public final class SocketAddresses {
  private SocketAddresses() {}

  /** Never looks a name up. @throws IllegalArgumentException for a host that is no IP literal */
  public static java.net.SocketAddress of(SocketAddress address) {
    return switch (address) {
      case SocketAddress.Pipe(String path) -> new DomainSocketAddress(path);
      case SocketAddress.Ip(String host, int port) -> {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(host);
        if (bytes == null) {
          throw new IllegalArgumentException("\"" + host + "\" is not an IP address");
        }
        try {
          yield new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException e) {
          throw new IllegalArgumentException(e);
        }
      }
    };
  }

  /** As a configuration has it: {@code 10.0.0.1:80}, {@code [::1]:80}, a path. */
  public static String text(java.net.SocketAddress address) {
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? NetUtil.toSocketAddressString(inet)
        : String.valueOf(address);
  }
}
