package dev.weir.sidecar.pool;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.egress.WayOut;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.runtime.TurnReads;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.transport.ServerName;
import dev.weir.sidecar.transport.TlsStats;
import dev.weir.sidecar.transport.TransportSocket;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
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
   * @param halfClose each way must end by itself
   * @param called in place of what is configured; null for that
   */
  public record Transport(
      TransportSocket socket,
      StatSlab slab,
      TlsStats stats,
      List<String> protocols,
      Predicate<String> accepts,
      boolean halfClose,
      @Nullable ServerName called) {
    /** For a relay: as {@code cluster} is configured, whatever is agreed on. */
    public static Transport of(LiveCluster cluster, Host host, StatSlab slab) {
      return new Transport(
          cluster.transport(host), slab, cluster.tlsStats(), List.of(), any -> true, true, null);
    }
  }

  private final Loops loops;
  private final Optional<WayOut> wayOut;

  /** Of this network alone. */
  public Connector(Loops loops) {
    this(loops, Optional.empty());
  }

  /**
   * @param wayOut to where this network does not reach
   */
  public Connector(Loops loops, Optional<WayOut> wayOut) {
    this.loops = loops;
    this.wayOut = wayOut;
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
    Attempt attempt =
        new Attempt(loop, cluster.config(), host.socketAddress(), secured, handler, outcome, until);
    if (wayOut.isPresent() && wayOut.get().leadsTo(host.socketAddress())) {
      throughDoor(wayOut.get(), attempt);
    } else {
      boolean domain = host.socketAddress() instanceof DomainSocketAddress;
      Bootstrap bootstrap = bootstrap(attempt, () -> loops.newClientChannel(domain));
      if (!domain) {
        tcp(bootstrap, attempt.config);
        here(bootstrap, attempt.config);
      }
      open(bootstrap, attempt);
    }
  }

  /** Whether it is told once that a connection to {@code host} cannot be made. */
  public boolean tellsOf(Host host) {
    return wayOut.isPresent() && wayOut.get().leadsTo(host.socketAddress());
  }

  /**
   * A connection that is to be.
   *
   * @param secured what it goes through
   * @param until when it has to be there
   */
  private record Attempt(
      Loop loop,
      Cluster config,
      java.net.SocketAddress to,
      @Nullable Transport secured,
      ChannelHandler handler,
      Outcome outcome,
      long until) {}

  private void throughDoor(WayOut wayOut, Attempt attempt) {
    wayOut.take(
        attempt.loop,
        new WayOut.Outcome() {
          @Override
          public void taken(FileDescriptor socket) {
            Bootstrap bootstrap = bootstrap(attempt, () -> adopt(socket));
            tcp(bootstrap, attempt.config);
            open(bootstrap, attempt)
                .addListener(connected -> {
                  if (!connected.isSuccess()) {
                    wayOut.unreachable(attempt.to, reason(connected.cause()));
                  }
                });
          }

          @Override
          public void failed(String reason) {
            wayOut.unreachable(attempt.to, reason);
            attempt.outcome.failed(false, reason);
          }
        });
  }

  private static Channel adopt(FileDescriptor socket) {
    try {
      return WayOut.channel(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it fails the attempt
    }
  }

  private Bootstrap bootstrap(Attempt attempt, Supplier<Channel> channels) {
    return new Bootstrap()
        .group(attempt.loop.eventLoop())
        .channelFactory(() -> {
          Channel channel = channels.get();
          loops.buffers().join(channel, attempt.config.connection().bufferLimit());
          TurnReads.install(channel, attempt.loop.clock());
          return channel;
        })
        .handler(attempt.secured == null ? attempt.handler : new Connecting())
        .option(
            ChannelOption.CONNECT_TIMEOUT_MILLIS,
            (int) Math.min(Integer.MAX_VALUE, attempt.config.connectTimeout().toMillis()));
  }

  private void tcp(Bootstrap bootstrap, Cluster config) {
    bootstrap.option(ChannelOption.TCP_NODELAY, true);
    config.connection().tcpKeepAlive().ifPresent(options -> keepAlive(bootstrap, options));
  }

  /** What is of this network; of another one nobody may mark a socket. */
  private void here(Bootstrap bootstrap, Cluster config) {
    if (config.connection().mark() != 0 && loops.epoll()) {
      bootstrap.option(
          new IntegerUnixChannelOption("SO_MARK", SOL_SOCKET, SO_MARK), config.connection().mark());
    }
    if (config.connection().source().isPresent()
        && config.connection().source().get() instanceof SocketAddress.Ip ip) {
      bootstrap.localAddress(new InetSocketAddress(ip.host(), ip.port()));
    }
  }

  private static ChannelFuture open(Bootstrap bootstrap, Attempt attempt) {
    Transport secured = attempt.secured;
    Outcome outcome = attempt.outcome;
    return bootstrap
        .connect(attempt.to)
        .addListener(
            (ChannelFutureListener)
                future -> {
                  if (future.isSuccess() && secured == null) {
                    outcome.connected(future.channel());
                  } else if (future.isSuccess() && secured != null) {
                    secure(
                        future.channel(),
                        attempt.loop,
                        attempt.until,
                        secured,
                        attempt.handler,
                        outcome);
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
                transport.protocols(),
                transport.halfClose(),
                transport.called()),
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
