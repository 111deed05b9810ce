package dev.weir.sidecar.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * Where a connection was going before a redirect rule sent it here: SO_ORIGINAL_DST of Linux's
 * netfilter.
 */
final class OriginalDestination {
  private static final RawUnixChannelOption IPV4 =
      new RawUnixChannelOption("SO_ORIGINAL_DST", 0, 80, 16);
  private static final RawUnixChannelOption IPV6 =
      new RawUnixChannelOption("IP6T_SO_ORIGINAL_DST", 41, 80, 28);

  private OriginalDestination() {}

  /** The local address where there was no redirect, or no netfilter. */
  static SocketAddress of(Channel channel) {
    SocketAddress local = channel.localAddress();
    if (!(channel instanceof EpollSocketChannel) || !(local instanceof InetSocketAddress inet)) {
      return local;
    }
    boolean ipv4 = inet.getAddress().getAddress().length == 4;
    try {
      ByteBuffer address = channel.config().getOption(ipv4 ? IPV4 : IPV6);
      return parse(address, ipv4);
    } catch (ChannelException | UnknownHostException e) {
      return local; // the kernel knows of no redirect for this connection
    }
  }

  /** struct sockaddr_in, or sockaddr_in6. */
  private static InetSocketAddress parse(ByteBuffer address, boolean ipv4)
      throws UnknownHostException {
    int port = (address.get(2) & 0xff) << 8 | address.get(3) & 0xff;
    byte[] bytes = new byte[ipv4 ? 4 : 16];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = address.get((ipv4 ? 4 : 8) + i);
    }
    return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
  }
}
