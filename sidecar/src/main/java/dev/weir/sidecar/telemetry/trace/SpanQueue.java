package dev.weir.sidecar.telemetry.trace;

import io.netty.util.internal.PlatformDependent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Streams whose spans wait to be sent, and the thread that sends them: in batches, one after the
 * other. Without any it rests.
 */
final class SpanQueue {
  /** Spans that may wait or be under way; as OpenTelemetry's own queue. */
  static final int MOST_WAITING = 2048;

  /** Spans of one request, the last stream's beyond them. */
  private static final int BATCH = 512;

  /** How long the first of a batch waits for others. */
  private static final long LINGER_NANOS = Duration.ofSeconds(1).toNanos();

  /** How much longer than it may take the end is waited for. */
  private static final Duration GRACE = Duration.ofMillis(500);

  /** What batches are given to. The queue's thread. */
  interface Sender {
    /** Returns when they are sent, or are not; false: they are not. */
    boolean send(List<EndedStream> streams);

    /** What is under way, and what comes, is over within so much. Any thread. */
    void hurry(Duration limit);

    /** There is nothing more to send. */
    void end();
  }

  private final TraceStats stats;
  private final Supplier<Sender> senders;
  private final Queue<EndedStream> streams = PlatformDependent.newFixedMpscQueue(MOST_WAITING);
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicBoolean resting = new AtomicBoolean();
  private final Thread thread;
  private volatile @Nullable Sender sender;
  private volatile boolean closing;
  private volatile long endBy;

  /**
   * @param senders asked on the queue's thread, when there is the first to send
   */
  SpanQueue(TraceStats stats, Supplier<Sender> senders) {
    this.stats = stats;
    this.senders = senders;
    this.thread = Thread.ofPlatform().name("otlp").daemon(true).unstarted(this::run);
    thread.start();
  }

  /**
   * Whether there is no room for so many spans, which then are counted as dropped: there is no need
   * to make a record of their stream. The loop {@code loop}.
   */
  boolean refuses(int spans, int loop) {
    boolean refused = closing || waiting.get() + spans > MOST_WAITING;
    if (refused) {
      stats.dropped(spans, loop);
    }
    return refused;
  }

  /** Drops and counts what there is no room for. The loop {@code loop}; waits for nothing. */
  void offer(EndedStream stream, int loop) {
    int spans = stream.spans();
    int all = waiting.addAndGet(spans);
    if (closing || all > MOST_WAITING || !streams.offer(stream)) {
      waiting.addAndGet(-spans);
      stats.dropped(spans, loop);
      return;
    }
    boolean full = all >= BATCH && all - spans < BATCH;
    if (full || resting.get() && resting.compareAndSet(true, false)) {
      LockSupport.unpark(thread);
    }
  }

  /** What waits is sent within {@code limit}, or dropped; nothing is taken any more. Any thread. */
  void close(Duration limit) {
    endBy = System.nanoTime() + limit.toNanos();
    closing = true;
    Sender known = sender;
    if (known != null) {
      known.hurry(limit);
    }
    LockSupport.unpark(thread);
  }

  /** Waits for the end that {@link #close} has begun, its limit and a little more at most. */
  void join() throws InterruptedException {
    thread.join(GRACE.plusNanos(Math.max(0, leftNanos())));
  }

  private long leftNanos() {
    return endBy - System.nanoTime();
  }

  private void run() {
    List<EndedStream> batch = new ArrayList<>();
    while (!closing || !streams.isEmpty()) {
      rest();
      send(batch);
    }
    Sender known = sender;
    if (known != null) {
      known.end();
    }
  }

  /** Until there is something to send, and a while longer for what comes with it. */
  private void rest() {
    while (streams.isEmpty() && !closing) {
      resting.set(true);
      if (streams.isEmpty() && !closing) {
        LockSupport.park(this);
      }
      resting.set(false);
    }
    long until = System.nanoTime() + LINGER_NANOS;
    for (long left = LINGER_NANOS;
        left > 0 && !closing && waiting.get() < BATCH;
        left = until - System.nanoTime()) {
      LockSupport.parkNanos(this, left);
    }
  }

  private void send(List<EndedStream> batch) {
    int spans = 0;
    for (EndedStream next = streams.poll();
        next != null;
        next = spans < BATCH ? streams.poll() : null) {
      batch.add(next);
      spans += next.spans();
    }
    if (batch.isEmpty()) {
      return;
    }
    if (closing && leftNanos() <= 0) {
      stats.left(spans);
    } else if (sender().send(batch)) {
      stats.sent(spans);
    } else {
      stats.failed(spans);
    }
    batch.clear();
    waiting.addAndGet(-spans);
  }

  private Sender sender() {
    Sender known = sender;
    if (known == null) {
      known = senders.get();
      sender = known;
      if (closing) { // who closes may not have seen it
        known.hurry(Duration.ofNanos(Math.max(1, leftNanos())));
      }
    }
    return known;
  }
}
