package dev.weir.sidecar.filter.http.bulkhead;

import dev.weir.sidecar.runtime.Loop;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The slots of one scope, and those who wait for one. Any thread; no lock is taken. A slot that
 * becomes free is given to one who waits, on that one's own loop.
 */
final class Bulkhead {
  /** One who waits, or has waited. */
  static final class Waiter {
    private enum State {
      WAITING,
      ADMITTED,
      GONE
    }

    private final Loop loop;
    private final Runnable admitted;
    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

    Waiter(Loop loop, Runnable admitted) {
      this.loop = loop;
      this.admitted = admitted;
    }
  }

  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private final ConcurrentLinkedDeque<Waiter> queue = new ConcurrentLinkedDeque<>();
  private volatile int most;
  private volatile int mostWaiting;
  private volatile boolean newestFirst;

  Bulkhead(BulkheadConfig config) {
    configure(config);
  }

  /** Other numbers from now on; who has a slot or waits goes on. */
  void configure(BulkheadConfig config) {
    most = config.maxRequests();
    mostWaiting = config.queue().map(BulkheadConfig.Queue::length).orElse(0);
    newestFirst = config.queue().map(BulkheadConfig.Queue::newestFirst).orElse(false);
    admitWaiting();
  }

  /** A slot, to be given back by {@link #release}; false if there is none, or others wait. */
  boolean tryAcquire() {
    return waiting.get() == 0 && tryTake();
  }

  private boolean tryTake() {
    while (true) {
      int now = taken.get();
      if (now >= most) {
        return false;
      }
      if (taken.compareAndSet(now, now + 1)) {
        return true;
      }
    }
  }

  /**
   * Waits for a slot; {@code admitted} runs on {@code loop} when there is one, and then {@link
   * #release} is owed. Null if too many wait.
   */
  @Nullable Waiter await(Loop loop, Runnable admitted) {
    while (true) {
      int now = waiting.get();
      if (now >= mostWaiting) {
        return null;
      }
      if (waiting.compareAndSet(now, now + 1)) {
        break;
      }
    }
    Waiter waiter = new Waiter(loop, admitted);
    queue.addLast(waiter);
    admitWaiting(); // a slot may have become free before anybody was seen to wait
    return waiter;
  }

  /** Waits no longer; false if it was admitted before. */
  boolean leave(Waiter waiter) {
    if (!waiter.state.compareAndSet(Waiter.State.WAITING, Waiter.State.GONE)) {
      return false;
    }
    queue.remove(waiter);
    waiting.decrementAndGet();
    return true;
  }

  void release() {
    taken.decrementAndGet();
    admitWaiting();
  }

  private void admitWaiting() {
    while (waiting.get() > 0 && tryTake()) {
      Waiter next = newestFirst ? queue.pollLast() : queue.pollFirst();
      if (next == null) {
        taken.decrementAndGet();
        if (queue.isEmpty()) {
          return; // who is counted and not in the queue yet looks again when it is
        }
        continue;
      }
      if (next.state.compareAndSet(Waiter.State.WAITING, Waiter.State.ADMITTED)) {
        waiting.decrementAndGet();
        next.loop.eventLoop().execute(next.admitted);
      } else {
        taken.decrementAndGet();
      }
    }
  }

  /** Requests that have a slot. */
  int taken() {
    return taken.get();
  }

  int waiting() {
    return waiting.get();
  }
}
