package dev.weir.sidecar.pool;

import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.http.h1.Http1ClientConnection;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 connections to one host: the last used is used first, so that idle ones age and close.
 */
final class Http1Pool implements Pool, Http1ClientConnection.Owner {
  private final HostConnections opener;
  private final Runnable emptied;
  private final ArrayDeque<Http1ClientConnection> idle = new ArrayDeque<>();
  private final Set<Http1ClientConnection> all = new HashSet<>();
  private final Waiters waiters;
  private int connecting;
  private boolean draining;

  /**
   * @param waiters of this pool, or of it and another
   * @param emptied told when the pool has nothing left
   */
  Http1Pool(HostConnections opener, Waiters waiters, Runnable emptied) {
    this.opener = opener;
    this.emptied = emptied;
    this.waiters = waiters;
  }

  @Override
  public @Nullable Pending newStream(
      StreamDecoder decoder, Resources resources, StreamCallbacks callbacks) {
    Http1ClientConnection connection = takeIdle();
    if (connection != null) {
      callbacks.ready(connection.newStream(decoder), connection);
      return null;
    }
    Pending waiter = waiters.add(decoder, resources, callbacks);
    if (waiter != null) {
      connectIfNeeded();
    }
    return waiter;
  }

  private @Nullable Http1ClientConnection takeIdle() {
    for (Http1ClientConnection connection = idle.pollLast();
        connection != null;
        connection = idle.pollLast()) {
      if (connection.active()) {
        return connection;
      }
    }
    return null;
  }

  /** Connects for those that wait. */
  void connectIfNeeded() {
    while (connecting < waiters.size()) {
      boolean must = all.isEmpty() && connecting == 0;
      if (!opener.mayOpen(must)) {
        return;
      }
      connect();
    }
  }

  private void connect() {
    connecting++;
    Http1ClientConnection connection =
        new Http1ClientConnection(opener.loop(), opener.options().maxResponseHeaders(), this);
    opener.open(
        connection,
        connection::drain,
        () -> {
          connecting--;
          all.add(connection);
          idle(connection);
        },
        this::connectFailed,
        null);
  }

  private void connectFailed(ResetReason reason, String details) {
    connecting--;
    if (all.isEmpty() && connecting == 0) {
      waiters.fail(waiters.size(), reason, details); // nothing is on its way for any of them
    } else if (waiters.size() > connecting) {
      waiters.fail(1, reason, details);
    }
    connectIfNeeded(); // those that wait behind the limit of connections
    tellIfEmpty();
  }

  @Override
  public void idle(Http1ClientConnection connection) {
    if (!connection.active()) {
      return; // its end is on its way to closed()
    }
    int most = opener.options().maxRequests();
    if (most > 0 && connection.requests() >= most) {
      connection.close();
      return;
    }
    if (waiters.serveOldest(connection, any -> true)) {
      return;
    }
    if (draining) {
      connection.close();
    } else {
      idle.addLast(connection);
      connection.idleUntil(opener.idleDeadline(), opener.idle());
    }
  }

  @Override
  public void evicted(Http1ClientConnection connection) {
    opener.evicted();
    idle.remove(connection);
    connection.close();
  }

  @Override
  public void closed(Http1ClientConnection connection) {
    if (!all.remove(connection)) {
      return; // never connected
    }
    idle.remove(connection);
    opener.closed();
    connectIfNeeded();
    tellIfEmpty();
  }

  @Override
  public void drain() {
    draining = true;
    for (Http1ClientConnection connection : List.copyOf(all)) {
      connection.drain();
    }
    tellIfEmpty();
  }

  private void tellIfEmpty() {
    if (draining && empty()) {
      emptied.run();
    }
  }

  @Override
  public boolean empty() {
    return all.isEmpty() && connecting == 0 && waiters.isEmpty();
  }
}
