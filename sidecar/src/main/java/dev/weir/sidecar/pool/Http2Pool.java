package dev.weir.sidecar.pool;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.config.Http2Options;
import dev.weir.sidecar.config.RouteAction.Priority;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.http.h2.Http2ClientConnection;
import dev.weir.sidecar.runtime.LazyTimer;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.MaxAge;
import dev.weir.sidecar.stats.StatSlab;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 connections to one host: one, and another when the peer allows no more streams on the
 * first.
 */
final class Http2Pool implements Pool, Http2ClientConnection.Owner {
  /** Stream ids are odd numbers of 31 bits: a connection is replaced before they run out. */
  private static final int MOST_STREAMS = 1 << 29;

  private final Loop loop;
  private final StatSlab slab;
  private final Connector connector;
  private final LiveCluster cluster;
  private final Host host;
  private final Http2Options options;
  private final Runnable emptied;
  private final List<Http2ClientConnection> connections = new ArrayList<>(1);
  private final Waiters waiters;
  private boolean connecting;
  private boolean draining;

  /**
   * @param emptied told when the pool has nothing left
   */
  Http2Pool(
      Loop loop,
      StatSlab slab,
      Connector connector,
      LiveCluster cluster,
      Host host,
      Http2Options options,
      Runnable emptied) {
    this.loop = loop;
    this.slab = slab;
    this.connector = connector;
    this.cluster = cluster;
    this.host = host;
    this.options = options;
    this.emptied = emptied;
    this.waiters = new Waiters(cluster, slab);
  }

  @Override
  public @Nullable Pending newStream(
      StreamDecoder decoder, Resources resources, StreamCallbacks callbacks) {
    Http2ClientConnection connection = waiters.isEmpty() ? withRoom() : null;
    if (connection != null) {
      callbacks.ready(connection.newStream(decoder), Protocol.HTTP2);
      replaceIfUsedUp(connection);
      return null;
    }
    Pending waiter = waiters.add(decoder, resources, callbacks);
    if (waiter != null) {
      connectIfNeeded();
    }
    return waiter;
  }

  /** A connection is there that is not about to go. */
  private boolean lasting() {
    for (int i = 0; i < connections.size(); i++) {
      if (!connections.get(i).draining()) {
        return true;
      }
    }
    return false;
  }

  private void replaceIfUsedUp(Http2ClientConnection connection) {
    int most = cluster.config().connection().maxRequests();
    if (connection.requests() >= (most > 0 ? most : MOST_STREAMS)) {
      connection.drain();
    }
  }

  private @Nullable Http2ClientConnection withRoom() {
    for (int i = 0; i < connections.size(); i++) {
      Http2ClientConnection connection = connections.get(i);
      if (connection.hasRoom()) {
        return connection;
      }
    }
    return null;
  }

  private void connectIfNeeded() {
    if (connecting || waiters.isEmpty()) {
      return;
    }
    if (!cluster.resources(Priority.DEFAULT).openConnection(!lasting())) {
      slab.inc(cluster.stats().cxOverflow);
      return;
    }
    connecting = true;
    Http2ClientConnection connection = Http2ClientConnection.create(loop, options, this);
    connector.connect(
        loop,
        cluster,
        host,
        connection,
        new Connector.Outcome() {
          @Override
          public void connected(Channel channel) {
            connecting = false;
            connections.add(connection);
            slab.inc(cluster.stats().cxTotal);
            slab.inc(cluster.stats().cxActive);
            MaxAge.limit(
                channel,
                loop.eventLoop(),
                cluster.config().connection().maxDuration(),
                connection::drain);
            serve(connection);
          }

          @Override
          public void failed(boolean timeout, String reason) {
            connecting = false;
            cluster.resources(Priority.DEFAULT).closeConnection();
            slab.inc(timeout ? cluster.stats().cxConnectTimeout : cluster.stats().cxConnectFail);
            connectFailed(
                timeout ? ResetReason.CONNECT_TIMEOUT : ResetReason.CONNECT_FAILURE, reason);
          }
        });
  }

  /**
   * One connection is tried for all that wait: its failure is theirs, unless another connection
   * will serve them.
   */
  private void connectFailed(ResetReason reason, String details) {
    if (!lasting()) {
      waiters.fail(waiters.size(), reason, details);
    }
    tellIfEmpty();
  }

  private void serve(Http2ClientConnection connection) {
    while (connection.hasRoom() && waiters.serveOldest(Protocol.HTTP2, connection::newStream)) {
      replaceIfUsedUp(connection);
    }
    if (!waiters.isEmpty()) {
      connectIfNeeded();
    } else if (connection.activeStreams() == 0) {
      idle(connection);
    }
  }

  private void idle(Http2ClientConnection connection) {
    if (draining) {
      connection.drain();
      return;
    }
    long idleNanos = cluster.config().connection().idleTimeout().toNanos();
    connection.idleUntil(idleNanos > 0 ? System.nanoTime() + idleNanos : LazyTimer.NEVER);
  }

  @Override
  public void room(Http2ClientConnection connection) {
    if (connections.contains(connection)) {
      serve(connection);
    }
  }

  @Override
  public void goingAway(Http2ClientConnection connection) {
    connectIfNeeded();
  }

  @Override
  public void closed(Http2ClientConnection connection) {
    if (!connections.remove(connection)) {
      return; // never connected
    }
    cluster.resources(Priority.DEFAULT).closeConnection();
    slab.dec(cluster.stats().cxActive);
    slab.inc(cluster.stats().cxDestroy);
    connectIfNeeded();
    tellIfEmpty();
  }

  @Override
  public void drain() {
    draining = true;
    List.copyOf(connections).forEach(Http2ClientConnection::drain);
    tellIfEmpty();
  }

  private void tellIfEmpty() {
    if (draining && empty()) {
      emptied.run();
    }
  }

  @Override
  public boolean empty() {
    return connections.isEmpty() && !connecting && waiters.isEmpty();
  }
}
