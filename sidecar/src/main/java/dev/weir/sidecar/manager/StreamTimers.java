package dev.weir.sidecar.manager;

import dev.weir.sidecar.filter.StreamTimer;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.runtime.LazyTimer;
import org.jspecify.annotations.Nullable;

/** The deadlines of one stream, on its connection's timer: a list of a few. */
final class StreamTimers {
  private final class Entry implements StreamTimer {
    private final Runnable expired;
    private final @Nullable Entry next;
    private long at = LazyTimer.NEVER;

    Entry(Runnable expired, @Nullable Entry next) {
      this.expired = expired;
      this.next = next;
    }

    @Override
    public void set(long nanos) {
      at = nanos;
      connection.wakeAt(nanos);
    }

    @Override
    public void clear() {
      at = LazyTimer.NEVER;
    }
  }

  private final ServerConnection connection;
  private @Nullable Entry first;

  StreamTimers(ServerConnection connection) {
    this.connection = connection;
  }

  StreamTimer add(Runnable expired) {
    Entry entry = new Entry(expired, first);
    first = entry;
    return entry;
  }

  /** Runs what is due; returns the earliest that is not. */
  long run(long now) {
    for (Entry entry = first; entry != null && first != null; entry = entry.next) {
      if (entry.at != LazyTimer.NEVER && now - entry.at >= 0) {
        entry.at = LazyTimer.NEVER;
        entry.expired.run();
      }
    }
    long next = LazyTimer.NEVER;
    for (Entry entry = first; entry != null; entry = entry.next) {
      next = Math.min(next, entry.at);
    }
    return next;
  }

  void clear() {
    first = null;
  }
}
