package dev.weir.sidecar.pool;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.config.cluster.Cluster.ConnectionOptions;
import dev.weir.sidecar.config.route.RouteAction.Priority;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.runtime.IdleList;
import dev.weir.sidecar.runtime.LazyTimer;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.MaxAge;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.transport.ServerName;
import dev.weir.sidecar.transport.TransportSocket;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Opens one loop's connections to one host within the cluster's {@code max_connections}, and keeps
 * count of them. Event loop of the pool.
 */
final class HostConnections {
  private final Loop loop;
  private final StatSlab slab;
  private final Connector connector;
  private final LiveCluster cluster;
  private final Host host;
  private final Connector.Transport transport;
  private final IdleList idle;

  /**
   * @param called in place of what the transport socket says; null for that
   * @param idle the loop's idle connections
   * @param protocols that the connections are for, as ALPN calls them, the first is liked best
   * @param force offer them even where the cluster's transport socket has others
   * @param accepts whether what was agreed will do; empty for nothing agreed
   */
  HostConnections(
      Loop loop,
      StatSlab slab,
      Connector connector,
      LiveCluster cluster,
      Host host,
      @Nullable ServerName called,
      IdleList idle,
      List<String> protocols,
      boolean force,
      Predicate<String> accepts) {
    this.loop = loop;
    this.slab = slab;
    this.connector = connector;
    this.cluster = cluster;
    this.host = host;
    this.idle = idle;
    TransportSocket socket = cluster.transport(host);
    this.transport =
        new Connector.Transport(
            socket,
            slab,
            cluster.tlsStats(),
            force || socket.protocols().isEmpty() ? protocols : List.of(),
            accepts,
            false,
            called);
  }

  Loop loop() {
    return loop;
  }

  ConnectionOptions options() {
    return cluster.config().connection();
  }

  Waiters newWaiters() {
    return new Waiters(cluster, slab);
  }

  /**
   * True: {@link #open} is to follow.
   *
   * @param must the pool has none: one is opened over the limit too
   */
  boolean mayOpen(boolean must) {
    boolean may = cluster.resources(Priority.DEFAULT).openConnection(must);
    if (!may) {
      slab.inc(cluster.stats().cxOverflow);
    }
    return may;
  }

  /**
   * Connects; one of {@code connected}, {@code failed} and {@code declined} follows.
   *
   * @param declined null: what the peer wants to speak instead is a failure
   * @param drain asks the connection to end with what is under way, once it has its maximum age
   */
  void open(
      ChannelHandler connection,
      Runnable drain,
      Runnable connected,
      BiConsumer<ResetReason, String> failed,
      @Nullable Runnable declined) {
    connector.connect(
        loop,
        cluster,
        host,
        transport,
        connection,
        new Connector.Outcome() {
          @Override
          public void connected(Channel channel) {
            cluster.reportConnect(host, true);
            slab.inc(cluster.stats().cxTotal);
            slab.inc(cluster.stats().cxActive);
            MaxAge.limit(
                channel,
                loop,
                options().maxDuration(),
                () -> {
                  slab.inc(cluster.stats().cxMaxDurationReached);
                  drain.run();
                });
            connected.run();
          }

          @Override
          public void failed(boolean timeout, String reason) {
            cluster.reportConnect(host, false);
            cluster.resources(Priority.DEFAULT).closeConnection();
            slab.inc(timeout ? cluster.stats().cxConnectTimeout : cluster.stats().cxConnectFail);
            failed.accept(
                timeout ? ResetReason.CONNECT_TIMEOUT : ResetReason.CONNECT_FAILURE, reason);
          }

          @Override
          public void declined(String protocol) {
            if (declined == null) {
              Connector.Outcome.super.declined(protocol);
            } else {
              cluster.reportConnect(host, true);
              cluster.resources(Priority.DEFAULT).closeConnection();
              declined.run();
            }
          }
        });
  }

  IdleList idle() {
    return idle;
  }

  /** A connection closes because too many are idle. */
  void evicted() {
    slab.inc(cluster.stats().cxIdleEvicted);
  }

  /** A connection that was connected is gone. */
  void closed() {
    slab.dec(cluster.stats().cxActive);
    slab.inc(cluster.stats().cxDestroy);
    cluster.resources(Priority.DEFAULT).closeConnection(); // last: it may have been what kept it
  }

  /** When a connection that is idle from now on is closed. */
  long idleDeadline() {
    long nanos = options().idleTimeout().toNanos();
    return nanos > 0 ? loop.nanoTime() + nanos : LazyTimer.NEVER;
  }
}
