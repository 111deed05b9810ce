package dev.weir.sidecar.pool;

import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.config.Http2Options;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.http.h2.Http2ClientConnection;
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

  private final HostConnections opener;
  private final Http2Options options;
  private final Runnable emptied;
  private final List<Http2ClientConnection> connections = new ArrayList<>(1);
  private final Waiters waiters;
  private final @Nullable Runnable declined;
  private boolean connecting;
  private boolean draining;

  /**
   * @param waiters of this pool, or of it and another
   * @param emptied told when the pool has nothing left
   * @param declined told when the peer speaks something else: those that wait are the caller's
   *     then; null: that is a failure
   */
  Http2Pool(
      HostConnections opener,
      Http2Options options,
      Waiters waiters,
      Runnable emptied,
      @Nullable Runnable declined) {
    this.opener = opener;
    this.options = options;
    this.emptied = emptied;
    this.waiters = waiters;
    this.declined = declined;
  }

  @Override
  public @Nullable Pending newStream(
      StreamDecoder decoder, Resources resources, StreamCallbacks callbacks) {
    Http2ClientConnection connection = withRoom();
    if (connection != null && waiters.isEmpty() && fits(connection, callbacks)) {
      callbacks.ready(connection.newStream(decoder), connection);
      replaceIfUsedUp(connection);
      return null;
    }
    Pending waiter = waiters.add(decoder, resources, callbacks);
    if (waiter != null && connection != null) {
      serve(connection);
    } else if (waiter != null) {
      connectIfNeeded();
    }
    return waiter;
  }

  /**
   * Whether extended CONNECT may be asked for is known when the peer's settings are, RFC 8441 3.
   */
  private static boolean fits(Http2ClientConnection connection, StreamCallbacks callbacks) {
    return connection.settled() || !callbacks.upgrade();
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
    int most = opener.options().maxRequests();
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
    if (connecting || waiters.isEmpty() || !opener.mayOpen(!lasting())) {
      return;
    }
    connecting = true;
    Http2ClientConnection connection =
        Http2ClientConnection.create(
            opener.loop(), options, opener.options().maxResponseHeaders(), this);
    opener.open(
        connection,
        connection::drain,
        () -> {
          connecting = false;
          connections.add(connection);
          serve(connection);
        },
        this::connectFailed,
        declined == null ? null : this::declined);
  }

  private void declined() {
    connecting = false;
    java.util.Objects.requireNonNull(declined).run();
    tellIfEmpty();
  }

  /**
   * One connection is tried for all that wait: its failure is theirs, unless another connection
   * will serve them.
   */
  private void connectFailed(ResetReason reason, String details) {
    connecting = false;
    if (!lasting()) {
      waiters.fail(waiters.size(), reason, details);
    }
    tellIfEmpty();
  }

  private void serve(Http2ClientConnection connection) {
    while (connection.hasRoom()
        && waiters.serveOldest(connection, waiting -> fits(connection, waiting))) {
      replaceIfUsedUp(connection);
    }
    if (!waiters.isEmpty()) {
      if (!connection.hasRoom()) {
        connectIfNeeded();
      }
    } else if (connection.activeStreams() == 0) {
      idle(connection);
    }
  }

  private void idle(Http2ClientConnection connection) {
    if (draining) {
      connection.drain();
      return;
    }
    connection.idleUntil(opener.idleDeadline(), opener.idle());
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
  public void evicted(Http2ClientConnection connection) {
    opener.evicted();
    connection.drain();
  }

  @Override
  public void closed(Http2ClientConnection connection) {
    if (!connections.remove(connection)) {
      return; // never connected
    }
    opener.closed();
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
