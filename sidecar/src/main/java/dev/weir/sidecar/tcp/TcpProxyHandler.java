package dev.weir.sidecar.tcp;

import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.config.listener.TcpProxy;
import dev.weir.sidecar.config.route.RouteAction.Priority;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.pool.Connector;
import dev.weir.sidecar.runtime.LastFlush;
import dev.weir.sidecar.runtime.LazyTimer;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.transport.TlsSession;
import dev.weir.sidecar.transport.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A downstream connection of a {@code tcp_proxy} chain. Reads wait until the upstream is connected,
 * and whenever the other side is full.
 *
 * <p>It may connect ahead, before it is known that the connection is one of its chain's: see {@link
 * #connectAhead}.
 */
public final class TcpProxyHandler extends ChannelInboundHandlerAdapter {
  /** How long one side, its other side gone, may take none of what it has still to get. */
  private static final long LAST_FLUSH_NANOS = Duration.ofSeconds(10).toNanos();

  private final TcpProxy config;
  private final TcpStats stats;
  private final Loop loop;
  private final StatSlab slab;
  private final ClusterManager clusters;
  private final Connector connector;
  private final Destination destination;
  private final ConnectionLine line;
  private final Consumer<String> failed;
  private final Runnable closed;
  private final LazyTimer idle;
  private final long idleNanos;

  private @Nullable Channel downstream;
  private @Nullable Channel upstream;
  private final ArrayDeque<ByteBuf> early = new ArrayDeque<>();
  private boolean earlyEnd;
  private boolean connecting;
  private boolean over;

  /** What the server has said while this is ahead: one read at most. */
  private final ArrayDeque<ByteBuf> spoken = new ArrayDeque<>();

  /** While it is ahead: told when the server does something, and whether it says something. */
  private @Nullable Consumer<Boolean> answered;

  private @Nullable Runnable unreachable;

  private boolean reset;
  private int attempts;

  /**
   * @param destination where the client was going, for clusters of type ORIGINAL_DST
   * @param line written when it is over
   * @param failed told why nobody was met
   * @param closed told when the connection is gone
   */
  public TcpProxyHandler(
      TcpProxy config,
      TcpStats stats,
      Loop loop,
      StatSlab slab,
      ClusterManager clusters,
      Connector connector,
      Destination destination,
      ConnectionLine line,
      Consumer<String> failed,
      Runnable closed) {
    this.config = config;
    this.stats = stats;
    this.loop = loop;
    this.slab = slab;
    this.clusters = clusters;
    this.connector = connector;
    this.destination = destination;
    this.line = line;
    this.failed = failed;
    this.closed = closed;
    this.idle = new LazyTimer(loop, this::idled);
    this.idleNanos = config.idleTimeout().toNanos();
  }

  /**
   * Connects before this is added to {@code from}'s pipeline, which is left alone until then: the
   * server may be the first to speak. To be followed by adding it, or by {@link #abandon}.
   *
   * @param acted when the server says something (true), which is kept until this is added, or ends:
   *     it is to be added then and there
   * @param unconnected when it cannot be connected to: to be followed by {@link #abandon}
   */
  public void connectAhead(Channel from, Consumer<Boolean> acted, Runnable unconnected) {
    downstream = from;
    answered = acted;
    unreachable = unconnected;
    connect(from);
  }

  /** The connection is not one of this chain's after all. */
  public void abandon() {
    answered = null;
    over = true;
    spoken.forEach(ByteBuf::release);
    spoken.clear();
    if (upstream != null) {
      upstream.close();
    }
    closed.run();
  }

  /** The client is closed for that it could not be connected ahead. */
  public void over() {
    line.write();
  }

  /** The server has done something; if it was ahead, this is what the connection is. */
  private void serverActs(boolean speaks) {
    Consumer<Boolean> told = answered;
    if (told != null) {
      told.accept(speaks);
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    answered = null;
    downstream = ctx.channel();
    slab.inc(stats.cxTotal);
    slab.inc(stats.cxActive);
    TlsSession session = TlsSession.of(ctx.channel());
    if (session != null && session.peer() != null) {
      slab.inc(stats.cxByPeer.of(session.peer().toString())[0]);
    }
    progress();
    if (upstream == null) {
      ctx.channel().config().setAutoRead(false);
      if (!connecting) {
        attempts = 0;
        connect(ctx.channel());
      }
    } else if (!spoken.isEmpty()) {
      spoken.forEach(data -> ctx.channel().write(data, ctx.channel().voidPromise()));
      spoken.clear();
      ctx.channel().flush();
      upstream.config().setAutoRead(ctx.channel().isWritable());
    }
  }

  private void unconnected(Channel from) {
    connecting = false;
    Runnable told = answered == null ? null : unreachable;
    if (told != null) {
      told.run();
    } else {
      notMet(from);
    }
  }

  /** Whom {@code client} calls is not met: it is to see that this is no answer without a byte. */
  public static void notMet(Channel client) {
    LastFlush.endByReset(client);
    client.close();
  }

  private void connect(Channel from) {
    String cluster = pick();
    line.info.cluster = cluster;
    LiveCluster live = clusters.get(cluster);
    if (live == null) {
      slab.inc(stats.noCluster);
      line.failed(ResponseFlag.NO_CLUSTER, "no-cluster");
      failed.accept("there is no cluster " + cluster);
      unconnected(from);
      return;
    }
    Host host = live.chooseFor(destination, loop, slab);
    if (host == null) {
      slab.inc(live.stats().cxNoneHealthy);
      line.failed(ResponseFlag.NO_HEALTHY_UPSTREAM, "no-healthy-upstream");
      failed.accept(cluster + " has no healthy instance");
      unconnected(from);
      return;
    }
    Resources resources = live.resources(Priority.DEFAULT);
    if (!resources.openConnection(false)) {
      slab.inc(live.stats().cxOverflow);
      line.failed(ResponseFlag.UPSTREAM_OVERFLOW, "max-connections");
      failed.accept(cluster + " has as many connections as it may");
      unconnected(from);
      return;
    }
    connecting = true;
    attempts++;
    line.info.attempts = attempts;
    line.info.upstreamHost = host.toString();
    line.info.upstreamFailure = "";
    Upstream handler = new Upstream(live, host);
    connector.connect(
        loop,
        live,
        host,
        Connector.Transport.of(live, host, slab),
        handler,
        new Connector.Outcome() {
          @Override
          public void connected(Channel channel) {
            slab.inc(live.stats().cxTotal);
            slab.inc(live.stats().cxActive);
            handler.counted = true;
            live.reportRelay(host);
            if (over) {
              channel.close();
              return;
            }
            connecting = false;
            upstream = channel;
            line.met();
            if (answered == null) {
              opened(from, channel);
            }
          }

          @Override
          public void failed(boolean timeout, String reason) {
            resources.closeConnection();
            slab.inc(timeout ? live.stats().cxConnectTimeout : live.stats().cxConnectFail);
            live.reportConnect(host, false);
            live.reportFailure(host);
            line.info.upstreamFailure = reason;
            line.failed(
                ResponseFlag.UPSTREAM_CONNECTION_FAILURE,
                timeout ? "connect-timeout" : "connect-failure");
            if (!over && attempts < config.maxConnectAttempts()) {
              connect(from);
            } else if (!over) {
              slab.inc(live.stats().cxConnectAttemptsExceeded);
              line.info.flag(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED);
              unmet(cluster, host, reason);
              unconnected(from);
            }
          }
        });
  }

  private void unmet(String cluster, Host host, String reason) {
    if (!connector.tellsOf(host)) {
      failed.accept(
          cluster
              + ": "
              + host
              + ": "
              + reason
              + (attempts > 1 ? ", after " + attempts + " attempts" : ""));
    }
  }

  private String pick() {
    int total = config.clusters().stream().mapToInt(TcpProxy.WeightedCluster::weight).sum();
    int pick = total <= 1 ? 0 : loop.random().nextInt(total);
    for (TcpProxy.WeightedCluster each : config.clusters()) {
      pick -= each.weight();
      if (pick < 0) {
        return each.cluster();
      }
    }
    return config.clusters().getLast().cluster();
  }

  private void opened(Channel from, Channel to) {
    progress();
    while (!early.isEmpty()) {
      to.write(early.poll(), to.voidPromise());
    }
    to.flush();
    if (earlyEnd) {
      shutdownOutput(to);
    }
    from.config().setAutoRead(true);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf data = (ByteBuf) message;
    slab.add(stats.rxBytes, data.readableBytes());
    line.info.bytesReceived += data.readableBytes();
    Channel to = upstream;
    if (over) {
      data.release();
    } else if (to == null) {
      early.add(data); // what the first look had read, and one read at most
    } else {
      relay(data, ctx.channel(), to);
    }
  }

  private void relay(ByteBuf data, Channel from, Channel to) {
    progress();
    to.write(data, to.voidPromise());
    if (!to.isWritable()) {
      from.config().setAutoRead(false);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    Channel to = upstream;
    if (to != null) {
      to.flush();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    Channel from = upstream;
    if (from != null) {
      from.config().setAutoRead(ctx.channel().isWritable());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      Channel to = upstream;
      if (to == null) {
        earlyEnd = true;
      } else {
        shutdownOutput(to);
      }
    }
  }

  private static void shutdownOutput(Channel channel) {
    if (Wire.outputShutdown(channel)) {
      return;
    }
    if (Wire.inputShutdown(channel)) {
      // Both ways have ended: when all is written.
      channel
          .writeAndFlush(io.netty.buffer.Unpooled.EMPTY_BUFFER)
          .addListener(ChannelFutureListener.CLOSE);
    } else {
      Wire.shutdownOutput(channel);
    }
  }

  private void progress() {
    if (idleNanos > 0) {
      idle.set(loop.nanoTime() + idleNanos);
    }
  }

  private void idled() {
    slab.inc(stats.idleTimeout);
    Channel from = downstream;
    if (from != null) {
      from.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    over = true;
    idle.cancel();
    slab.dec(stats.cxActive);
    early.forEach(ByteBuf::release);
    early.clear();
    Channel to = upstream;
    if (to != null) {
      end(to, reset);
    }
    line.write();
    closed.run();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    loop.incidents().reportUnlessIo("a TCP relay", cause);
    reset = true;
    ctx.close();
  }

  /** A reset on one side is one on the other: a transfer that was cut must not look complete. */
  private void end(Channel other, boolean reset) {
    if (reset) {
      LastFlush.reset(loop, other, LAST_FLUSH_NANOS);
    } else {
      LastFlush.close(loop, other, LAST_FLUSH_NANOS);
    }
  }

  /** The upstream side. */
  private final class Upstream extends ChannelInboundHandlerAdapter {
    private final LiveCluster live;
    private final Host host;
    private boolean counted;
    private boolean reset;

    Upstream(LiveCluster live, Host host) {
      this.live = live;
      this.host = host;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      ctx.channel().config().setOption(io.netty.channel.ChannelOption.ALLOW_HALF_CLOSURE, true);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      serverActs(true);
      ByteBuf data = (ByteBuf) message;
      slab.add(stats.txBytes, data.readableBytes());
      Channel to = downstream;
      line.info.bytesSent += data.readableBytes();
      if (over || to == null) {
        data.release();
      } else if (answered != null) {
        spoken.add(data);
        ctx.channel().config().setAutoRead(false);
      } else {
        relay(data, ctx.channel(), to);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      Channel to = downstream;
      if (to != null) {
        to.flush();
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      Channel from = downstream;
      if (from != null) {
        from.config().setAutoRead(ctx.channel().isWritable());
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      Channel to = downstream;
      if (event instanceof ChannelInputShutdownEvent && !over && to != null) {
        serverActs(false);
        shutdownOutput(to);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (counted) {
        slab.dec(live.stats().cxActive);
        slab.inc(live.stats().cxDestroy);
        live.resources(Priority.DEFAULT).closeConnection(); // last: it may have been what kept it
      }
      Channel to = downstream;
      if (!over && to != null) {
        if (reset && line.silent()) {
          // Of TLS 1.3 it is only now that one learns what the other side thinks of a certificate.
          line.failed(ResponseFlag.UPSTREAM_CONNECTION_TERMINATION, "upstream-closed");
          unmet(live.config().name(), host, line.info.upstreamFailure);
        }
        serverActs(false);
        end(to, reset);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      loop.incidents().reportUnlessIo("a TCP relay", cause);
      line.broken(cause);
      reset = true;
      ctx.close();
    }
  }
}
