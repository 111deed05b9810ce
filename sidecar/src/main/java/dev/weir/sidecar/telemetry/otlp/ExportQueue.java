package dev.weir.sidecar.telemetry.otlp;

import io.netty.util.internal.PlatformDependent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be sent, and the thread that sends it: in batches, one after the other. Without any
 * it rests.
 *
 * @param <R> what records are made of: one or several of each
 */
public final class ExportQueue<R> {
  /** Records that may wait or be under way; as OpenTelemetry's own queue. */
  public static final int MOST_WAITING = 2048;

  /** Records of one request, those of the last beyond them. */
  private static final int BATCH = 512;

  /** How long the first of a batch waits for others. */
  private static final long LINGER_NANOS = Duration.ofSeconds(1).toNanos();

  /** How much longer than it may take the end is waited for. */
  private static final Duration GRACE = Duration.ofMillis(500);

  /** What batches are given to. The queue's thread. */
  public interface Sender<R> {
    /** Returns when they are sent, or are not; false: they are not. */
    boolean send(List<R> batch);

    /** What is under way, and what comes, is over within so much. Any thread. */
    void hurry(Duration limit);

    /** There is nothing more to send. */
    void end();
  }

  private final ExportCounts counts;
  private final ToIntFunction<R> size;
  private final Supplier<? extends Sender<R>> senders;
  private final Queue<R> offered = PlatformDependent.newFixedMpscQueue(MOST_WAITING);
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicBoolean resting = new AtomicBoolean();
  private final Thread thread;
  private volatile @Nullable Sender<R> sender;
  private volatile boolean closing;
  private volatile long endBy;

  /**
   * @param size how many records are made of one
   * @param senders asked on the queue's thread, when there is the first to send
   */
  public ExportQueue(
      ExportCounts counts, ToIntFunction<R> size, Supplier<? extends Sender<R>> senders) {
    this.counts = counts;
    this.size = size;
    this.senders = senders;
    this.thread = Thread.ofPlatform().name("otlp").daemon(true).unstarted(this::run);
    thread.start();
  }

  /**
   * Whether there is no room for so many records, which then are counted as dropped: there is no
   * need to copy what they are made of. The loop {@code loop}.
   */
  public boolean refuses(int records, int loop) {
    boolean refused = closing || waiting.get() + records > MOST_WAITING;
    if (refused) {
      counts.dropped(records, loop);
    }
    return refused;
  }

  /** Drops and counts what there is no room for. The loop {@code loop}; waits for nothing. */
  public void offer(R one, int loop) {
    int records = size.applyAsInt(one);
    int all = waiting.addAndGet(records);
    if (closing || all > MOST_WAITING || !offered.offer(one)) {
      waiting.addAndGet(-records);
      counts.dropped(records, loop);
      return;
    }
    boolean full = all >= BATCH && all - records < BATCH;
    if (full || resting.get() && resting.compareAndSet(true, false)) {
      LockSupport.unpark(thread);
    }
  }

  /** What waits is sent within {@code limit}, or dropped; nothing is taken any more. Any thread. */
  void close(Duration limit) {
    endBy = System.nanoTime() + limit.toNanos();
    closing = true;
    Sender<R> known = sender;
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
    List<R> batch = new ArrayList<>();
    while (!closing || !offered.isEmpty()) {
      rest();
      send(batch);
    }
    Sender<R> known = sender;
    if (known != null) {
      known.end();
    }
  }

  /** Until there is something to send, and a while longer for what comes with it. */
  private void rest() {
    while (offered.isEmpty() && !closing) {
      resting.set(true);
      if (offered.isEmpty() && !closing) {
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

  private void send(List<R> batch) {
    int records = 0;
    for (R next = offered.poll(); next != null; next = records < BATCH ? offered.poll() : null) {
      batch.add(next);
      records += size.applyAsInt(next);
    }
    if (batch.isEmpty()) {
      return;
    }
    if (closing && leftNanos() <= 0) {
      counts.left(records);
    } else if (sender().send(batch)) {
      counts.sent(records);
    } else {
      counts.failed(records);
    }
    batch.clear();
    waiting.addAndGet(-records);
  }

  private Sender<R> sender() {
    Sender<R> known = sender;
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
