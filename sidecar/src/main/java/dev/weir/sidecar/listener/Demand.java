package dev.weir.sidecar.listener;

import dev.weir.sidecar.config.listener.OnDemand;
import dev.weir.sidecar.demand.Destinations;
import dev.weir.sidecar.runtime.LazyTimer;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection that waits for a chain that is asked for: nothing is read until one for its
 * destination has come, or there is none. Event loop of the connection.
 */
final class Demand {
  private final NewConnection connection;
  private final InetSocketAddress to;
  private final OnDemand filter;
  private final Runnable over;
  private final String name;
  private final LazyTimer limit;
  private Destinations.@Nullable Waiting waiting;

  private Demand(NewConnection connection, InetSocketAddress to, OnDemand filter, Runnable over) {
    this.connection = connection;
    this.to = to;
    this.filter = filter;
    this.over = over;
    this.name = Destinations.name(to);
    this.limit = new LazyTimer(connection.loop(), this::late);
  }

  /**
   * The wait for a chain that takes {@code to}; null: none is asked for, or it would be in vain.
   *
   * @param over run once when the wait is over, unless it is ended before
   */
  static @Nullable Demand of(NewConnection connection, InetSocketAddress to, Runnable over) {
    Optional<OnDemand> filter = connection.listener().config().filters().onDemand();
    return filter.isEmpty()
            || connection.connections().destinations().isInVain(Destinations.name(to))
        ? null
        : new Demand(connection, to, filter.get(), over);
  }

  void begin() {
    connection.channel().config().setAutoRead(false);
    long nanos = filter.timeout().toNanos();
    if (nanos > 0) {
      limit.set(connection.loop().nanoTime() + nanos);
    }
    waiting = connection.connections().destinations().await(name, connection.loop(), this::look);
  }

  private void look() {
    if (waiting != null
        && (connection.connections().destinations().isInVain(name)
            || !connection.listener().matcher().mayHaveChainLater(to, connection.from()))) {
      finish();
    }
  }

  private void late() {
    connection.slab().inc(connection.listener().onDemandTimeout);
    connection.connections().destinations().late(name);
    finish();
  }

  private void finish() {
    end();
    connection.channel().config().setAutoRead(true); // before a relay stops it again
    over.run();
  }

  /** It waits no more. */
  void end() {
    limit.cancel();
    if (waiting != null) {
      waiting.end();
      waiting = null;
    }
  }
}
