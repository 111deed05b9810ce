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

  /** How much longer than it may take the end is waited for. */
  private static final Duration GRACE = Duration.ofMillis(500);

  /**
   * How much there may be.
   *
   * @param waiting weight of what waits or is under way, and how many there may be of it
   * @param batch with that weight it is sent
   * @param message weight of one request; what the last has beyond it is over
   * @param linger how long the first of a batch waits for others
   */
  public record Bounds(int waiting, int batch, int message, Duration linger) {
    /** Of what weighs as much as it has records. */
    public static final Bounds OF_RECORDS =
        new Bounds(MOST_WAITING, 512, 512, Duration.ofSeconds(1));

    /** What may wait or be under way of an access log, in bytes. */
    public static final int MOST_OF_LOG = 4 << 20;

    /** Of one message of them: what has come while the one before was under way. */
    private static final int MESSAGE_OF_LOG = 512 << 10;

    /**
     * Of an access log whose records weigh bytes.
     *
     * @param bytes with which they go
     */
    public static Bounds ofLog(int bytes, Duration linger) {
      return new Bounds(
          MOST_OF_LOG,
          Math.clamp(bytes, 1, MOST_OF_LOG),
          Math.clamp(bytes, MESSAGE_OF_LOG, MOST_OF_LOG),
          linger);
    }
  }

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
  private final Bounds bounds;
  private final ToIntFunction<R> size;
  private final ToIntFunction<R> weight;
  private final Supplier<? extends Sender<R>> senders;
  private final Queue<R> offered = PlatformDependent.newFixedMpscQueue(MOST_WAITING);
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicBoolean resting = new AtomicBoolean();
  private final Thread thread;
  private boolean mistaken;
  private volatile @Nullable Sender<R> sender;
  private volatile boolean closing;
  private volatile long endBy;

  /**
   * One of {@link Bounds#OF_RECORDS}.
   *
   * @param size how many records are made of one
   * @param senders asked on the queue's thread, when there is the first to send
   */
  public ExportQueue(
      ExportCounts counts, ToIntFunction<R> size, Supplier<? extends Sender<R>> senders) {
    this("otlp", counts, Bounds.OF_RECORDS, size, size, senders);
  }

  /**
   * @param thread its name
   * @param weight of one, in what the bounds are in
   */
  public ExportQueue(
      String thread,
      ExportCounts counts,
      Bounds bounds,
      ToIntFunction<R> size,
      ToIntFunction<R> weight,
      Supplier<? extends Sender<R>> senders) {
    this.counts = counts;
    this.bounds = bounds;
    this.size = size;
    this.weight = weight;
    this.senders = senders;
    this.thread = Thread.ofPlatform().name(thread).daemon(true).unstarted(this::run);
    this.thread.start();
  }

  /**
   * Whether there is no room for so many records that weigh as much, which then are counted as
   * dropped: there is no need to copy what they are made of. The loop {@code loop}.
   */
  public boolean refuses(int records, int loop) {
    boolean refused = closing || waiting.get() + records > bounds.waiting();
    if (refused) {
      counts.dropped(records, loop);
    }
    return refused;
  }

  /** Drops and counts what there is no room for. The loop {@code loop}; waits for nothing. */
  public void offer(R one, int loop) {
    int added = weight.applyAsInt(one);
    int all = waiting.addAndGet(added);
    if (closing || all > bounds.waiting() || !offered.offer(one)) {
      waiting.addAndGet(-added);
      counts.dropped(size.applyAsInt(one), loop);
      return;
    }
    boolean full = all >= bounds.batch() && all - added < bounds.batch();
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

  /** All is sent, or dropped. */
  boolean isOver() {
    return !thread.isAlive();
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
    long until = System.nanoTime() + bounds.linger().toNanos();
    for (long left = bounds.linger().toNanos();
        left > 0 && !closing && waiting.get() < bounds.batch();
        left = until - System.nanoTime()) {
      LockSupport.parkNanos(this, left);
    }
  }

  private void send(List<R> batch) {
    int records = 0;
    int taken = 0;
    for (R next = offered.poll();
        next != null;
        next = taken < bounds.message() ? offered.poll() : null) {
      batch.add(next);
      records += size.applyAsInt(next);
      taken += weight.applyAsInt(next);
    }
    if (batch.isEmpty()) {
      return;
    }
    if (closing && leftNanos() <= 0) {
      counts.left(records);
    } else if (isSent(batch)) {
      counts.sent(records);
    } else {
      counts.failed(records);
    }
    batch.clear();
    waiting.addAndGet(-taken);
  }

  /** A mistake of ours costs a batch; the first is told, as one that ends a thread is. */
  private boolean isSent(List<R> batch) {
    try {
      return sender().send(batch);
    } catch (RuntimeException mistake) {
      if (!mistaken) {
        mistaken = true;
        thread.getUncaughtExceptionHandler().uncaughtException(thread, mistake);
      }
      return false;
    }
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
