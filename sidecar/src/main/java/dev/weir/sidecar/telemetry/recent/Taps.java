package dev.weir.sidecar.telemetry.recent;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Those who watch requests as they end. Each has a queue of its own, bounded: what does not fit is
 * counted and told. One who does not come for what there is for {@link #PATIENCE} is forgotten.
 */
public final class Taps {
  private static final int MOST = 8;
  private static final int MOST_WAITING = 1000;
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** What came since the last time. */
  record Drawn(List<RecentRequest> requests, long missed) {
    Drawn {
      requests = List.copyOf(requests);
    }
  }

  /** One who watches. */
  private static final class Tap {
    private final String name;
    private final Predicate<RecentRequest> wanted;

    /** Whoever adds to it never waits. */
    private final LinkedTransferQueue<RecentRequest> waiting = new LinkedTransferQueue<>();

    private final AtomicInteger size = new AtomicInteger();
    private final AtomicLong missed = new AtomicLong();
    private volatile long seenNanos = System.nanoTime();

    private Tap(String name, Predicate<RecentRequest> wanted) {
      this.name = name;
      this.wanted = wanted;
    }

    private void offer(RecentRequest request) {
      if (size.incrementAndGet() > MOST_WAITING) {
        size.decrementAndGet();
        missed.incrementAndGet();
      } else {
        waiting.add(request);
      }
    }

    /** What waits; if nothing does, what comes first in that time. */
    private List<RecentRequest> take(Duration wait) throws InterruptedException {
      List<RecentRequest> taken = new ArrayList<>();
      RecentRequest next = waiting.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
      while (next != null) {
        taken.add(next);
        size.decrementAndGet();
        next = taken.size() < MOST_WAITING ? waiting.poll() : null;
      }
      return taken;
    }

    private boolean forgotten(long now) {
      return now - seenNanos > PATIENCE.toNanos();
    }
  }

  private final CopyOnWriteArrayList<Tap> taps = new CopyOnWriteArrayList<>();

  /** Forgets who does not come any more. To be called now and then, by no loop. */
  public void sweep() {
    long now = System.nanoTime();
    taps.removeIf(tap -> tap.forgotten(now));
  }

  /** Nobody watches. */
  boolean none() {
    return taps.isEmpty();
  }

  /** Event loops. */
  void offer(RecentRequest request) {
    for (Tap tap : taps) {
      if (tap.wanted.test(request)) {
        tap.offer(request);
      }
    }
  }

  /**
   * What came for {@code name} since it asked last; if nothing has, waits for it. The first time it
   * begins to watch. Any thread but a loop.
   *
   * @param wanted of the first time
   * @throws IllegalStateException too many watch
   */
  Drawn draw(String name, Predicate<RecentRequest> wanted, Duration wait)
      throws InterruptedException {
    Tap tap = tap(name, wanted);
    tap.seenNanos = System.nanoTime();
    List<RecentRequest> drawn = tap.take(wait);
    tap.seenNanos = System.nanoTime();
    return new Drawn(drawn, tap.missed.getAndSet(0));
  }

  private synchronized Tap tap(String name, Predicate<RecentRequest> wanted) {
    for (Tap tap : taps) {
      if (tap.name.equals(name)) {
        return tap;
      }
    }
    sweep();
    if (taps.size() >= MOST) {
      throw new IllegalStateException(MOST + " watch already");
    }
    Tap made = new Tap(name, wanted);
    taps.add(made);
    return made;
  }
}
