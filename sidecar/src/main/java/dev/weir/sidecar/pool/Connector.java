package dev.weir.sidecar.pool;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.transport.TlsStats;
import dev.weir.sidecar.transport.TransportSocket;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.io.FileNotFoundException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Opens upstream connections with a cluster's socket options. Any event loop. */
public final class Connector {
  private static final int SOL_SOCKET = 1;
  private static final int SO_MARK = 36;

  /** How a connection attempt ended. */
  public interface Outcome {
    void connected(Channel channel);

    void failed(boolean timeout, String reason);

    /** ALPN has agreed on a protocol that {@link Transport#accepts} does not take. */
    default void declined(String protocol) {
      failed(false, "TLS_error: the peer wants to speak \"" + protocol + "\"");
    }
  }

  /**
   * What a connection goes through.
   *
   * @param protocols offered by ALPN in place of what is configured; empty for that
   * @param accepts whether what was agreed will do; empty for nothing agreed
   */
  public record Transport(
      TransportSocket socket,
      StatSlab slab,
      TlsStats stats,
      List<String> protocols,
      Predicate<String> accepts) {
    /** As {@code cluster} is configured, whatever is agreed on. */
    public static Transport of(LiveCluster cluster, StatSlab slab) {
      return new Transport(cluster.transport(), slab, cluster.tlsStats(), List.of(), any -> true);
    }
  }

  private final Loops loops;

  public Connector(Loops loops) {
    this.loops = loops;
  }

  /**
   * Connects on {@code loop}'s thread, within the cluster's {@code connect_timeout}, the transport
   * socket's part included; {@code handler} is in the pipeline before a byte for it comes.
   *
   * @param transport null for plain bytes, whatever the cluster has
   */
  public void connect(
      Loop loop,
      LiveCluster cluster,
      Host host,
      @Nullable Transport transport,
      ChannelHandler handler,
      Outcome outcome) {
    Transport secured = transport == null || transport.socket().plain() ? null : transport;
    long until = loop.nanoTime() + cluster.config().connectTimeout().toNanos();
    Cluster config = cluster.config();
    boolean domain = host.socketAddress() instanceof DomainSocketAddress;
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop.eventLoop())
            .channelFactory(() -> {
              Channel channel = loops.newClientChannel(domain);
              loops.buffers().join(channel, config.connection().bufferLimit());
              return channel;
            })
            .handler(secured == null ? handler : new Connecting())
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                (int) Math.min(Integer.MAX_VALUE, config.connectTimeout().toMillis()));
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
                  if (future.isSuccess() && secured == null) {
                    outcome.connected(future.channel());
                  } else if (future.isSuccess() && secured != null) {
                    secure(future.channel(), loop, until, secured, handler, outcome);
                  } else {
                    Throwable cause = future.cause();
                    outcome.failed(cause instanceof ConnectTimeoutException, reason(cause));
                  }
                });
  }

  private static void secure(
      Channel channel,
      Loop loop,
      long until,
      Transport transport,
      ChannelHandler handler,
      Outcome outcome) {
    transport
        .socket()
        .attach(
            channel,
            new TransportSocket.Attachment(
                loop,
                transport.slab(),
                transport.stats(),
                Math.max(1, until - loop.nanoTime()),
                transport.protocols()),
            new TransportSocket.Outcome() {
              @Override
              public void ready(String protocol) {
                if (transport.accepts().test(protocol)) {
                  channel.pipeline().replace(Connecting.class, "codec", handler);
                  outcome.connected(channel);
                } else {
                  channel.close();
                  outcome.declined(protocol);
                }
              }

              @Override
              public void failed(boolean timeout, String reason) {
                outcome.failed(timeout, reason);
              }
            });
  }

  /** Holds the place of the connection's handler; what goes wrong is told by the outcome. */
  private static final class Connecting extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
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

  /** A word where the cause has one, the system's own words else. */
  private static String reason(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    if (cause instanceof ConnectTimeoutException) {
      return "connection_timeout";
    }
    if (message.contains("Connection refused")) {
      return "connection_refused";
    }
    // Some have no message with epoll.
    if (cause instanceof NoRouteToHostException || message.contains("unreachable")) {
      return "destination_unreachable";
    }
    return cause instanceof FileNotFoundException ? "no_such_file" : message;
  }
}
