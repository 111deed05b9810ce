package dev.weir.sidecar.pool;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.InetSocketAddress;

/** Opens upstream connections with a cluster's socket options. Any event loop. */
public final class Connector {
  private static final int SOL_SOCKET = 1;
  private static final int SO_MARK = 36;

  /** How a connection attempt ended. */
  public interface Outcome {
    void connected(Channel channel);

    void failed(boolean timeout, String reason);
  }

  private final Loops loops;

  public Connector(Loops loops) {
    this.loops = loops;
  }

  /**
   * Connects on {@code loop}'s thread; {@code handler} is in the pipeline before the connection is
   * made.
   */
  public void connect(
      Loop loop, LiveCluster cluster, Host host, ChannelHandler handler, Outcome outcome) {
    Cluster config = cluster.config();
    boolean domain = host.socketAddress() instanceof DomainSocketAddress;
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop.eventLoop())
            .channelFactory(() -> loops.newClientChannel(domain))
            .handler(handler)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                (int) Math.min(Integer.MAX_VALUE, config.connectTimeout().toMillis()))
            .option(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(
                    config.connection().bufferLimit() / 2, config.connection().bufferLimit()));
    if (!domain) {
      bootstrap.option(ChannelOption.TCP_NODELAY, true);
      config.connection().tcpKeepAlive().ifPresent(options -> keepAlive(bootstrap, options));
      if (config.connection().mark() != 0 && loops.epoll()) {
        bootstrap.option(
            new IntegerUnixChannelOption("SO_MARK", SOL_SOCKET, SO_MARK),
            config.connection().mark());
      }
      if (config.connection().source().isPresent()
          && config.connection().source().get() instanceof SocketAddress.Ip ip) {
        bootstrap.localAddress(new InetSocketAddress(ip.host(), ip.port()));
      }
    }
    bootstrap
        .connect(host.socketAddress())
        .addListener(
            (ChannelFutureListener)
                future -> {
                  if (future.isSuccess()) {
                    outcome.connected(future.channel());
                  } else {
                    Throwable cause = future.cause();
                    outcome.failed(cause instanceof ConnectTimeoutException, reason(cause));
                  }
                });
  }

  private void keepAlive(Bootstrap bootstrap, Cluster.TcpKeepAlive options) {
    bootstrap.option(ChannelOption.SO_KEEPALIVE, true);
    if (loops.epoll()) {
      set(bootstrap, EpollChannelOption.TCP_KEEPCNT, options.probes());
      set(bootstrap, EpollChannelOption.TCP_KEEPIDLE, options.idleSeconds());
      set(bootstrap, EpollChannelOption.TCP_KEEPINTVL, options.intervalSeconds());
    }
  }

  private static void set(Bootstrap bootstrap, ChannelOption<Integer> option, int value) {
    if (value > 0) {
      bootstrap.option(option, value);
    }
  }

  /** The system's words, without the address that Netty adds: it stands beside them. */
  private static String reason(Throwable cause) {
    if (cause instanceof ConnectTimeoutException) {
      return "connection_timeout";
    }
    String message = String.valueOf(cause.getMessage());
    if (message.contains("Connection refused")) {
      return "connection_refused";
    }
    if (message.contains("unreachable") || message.contains("No route to host")) {
      return "destination_unreachable";
    }
    return message;
  }
}
