package dev.weir.sidecar.member;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What happened to a member and was not looked at yet. */
interface Events {
  /** Waits for the next one; empty: nothing has happened for that long. */
  Optional<Event> next(Duration atMost) throws InterruptedException;

  /** Any thread adds, the main thread takes. */
  final class Queue implements Events {
    /** Who sends more signals than this is not in a hurry; the rest happens once at a time. */
    private static final int MOST = 64;

    private final BlockingQueue<Event> queue = new LinkedBlockingQueue<>(MOST);

    void add(Event event) {
      queue.offer(event);
    }

    @Override
    public Optional<Event> next(Duration atMost) throws InterruptedException {
      return Optional.ofNullable(queue.poll(atMost.toNanos(), TimeUnit.NANOSECONDS));
    }
  }
}
