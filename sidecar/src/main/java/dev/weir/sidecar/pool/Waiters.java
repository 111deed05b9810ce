package dev.weir.sidecar.pool;

import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.http.ClientConnection;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.stats.StatSlab;
import java.util.ArrayDeque;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one pool that wait for a connection, oldest first; as many as {@code
 * max_pending_requests} of the cluster allows.
 */
final class Waiters {
  private final LiveCluster cluster;
  private final StatSlab slab;
  private final ArrayDeque<Waiter> queue = new ArrayDeque<>();

  Waiters(LiveCluster cluster, StatSlab slab) {
    this.cluster = cluster;
    this.slab = slab;
  }

  private final class Waiter implements Pending {
    private final StreamDecoder decoder;
    private final Resources resources;
    private final StreamCallbacks callbacks;

    Waiter(StreamDecoder decoder, Resources resources, StreamCallbacks callbacks) {
      this.decoder = decoder;
      this.resources = resources;
      this.callbacks = callbacks;
    }

    @Override
    public void cancel() {
      if (queue.remove(this)) {
        resources.endPending();
      }
    }
  }

  /** Null if there is no place left; the callbacks have been told. */
  @Nullable Pending add(StreamDecoder decoder, Resources resources, StreamCallbacks callbacks) {
    if (!resources.beginPending()) {
      slab.inc(cluster.stats().rqPendingOverflow);
      callbacks.failed(ResetReason.OVERFLOW, "max_pending_requests");
      return null;
    }
    slab.inc(cluster.stats().rqPendingTotal);
    Waiter waiter = new Waiter(decoder, resources, callbacks);
    queue.add(waiter);
    return waiter;
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  int size() {
    return queue.size();
  }

  /** Gives the oldest that {@code fits} a stream of {@code connection}; false if there is none. */
  boolean serveOldest(ClientConnection connection, Predicate<StreamCallbacks> fits) {
    for (Waiter waiter : queue) {
      if (fits.test(waiter.callbacks)) {
        queue.remove(waiter);
        waiter.resources.endPending();
        waiter.callbacks.ready(connection.newStream(waiter.decoder), connection);
        return true;
      }
    }
    return false;
  }

  /** Tells the oldest {@code count} that no connection could be made. */
  void fail(int count, ResetReason reason, String details) {
    for (int i = 0; i < count; i++) {
      Waiter waiter = queue.poll();
      if (waiter == null) {
        return;
      }
      waiter.resources.endPending();
      waiter.callbacks.failed(reason, details);
    }
  }
}
