package dev.weir.sidecar.runtime;

import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One event loop and what it shares with nobody: scratch space, the list of channels to flush,
 * random numbers. All methods but {@link #connections()} are for its own thread.
 *
 * <p>Writes are flushed once at the end of the read that caused them, so that a message is one
 * system call.
 */
public final class Loop {
  /** Size of {@link #scratch()} in bytes. */
  public static final int SCRATCH = 64 << 10;

  private static final int DATE_LENGTH = 29;

  /** Something with writes to flush. */
  public interface Flushable {
    void flushNow();
  }

  private final int index;
  private final EventLoop eventLoop;
  private final byte[] scratch = new byte[SCRATCH];
  private final int[] intScratch = new int[4 * 1024];
  private final Clock clock;
  private final SplittableRandom random;
  private final Incidents incidents;
  private List<Flushable> dirty = new ArrayList<>();
  private List<Flushable> flushing = new ArrayList<>();
  private final Runnable flush = this::flushAll;
  private boolean flushScheduled;
  private long dateSecond;
  private byte[] date = new byte[0];
  private final AtomicInteger connections = new AtomicInteger();

  /**
   * @param random for this loop alone
   * @param incidents where mistakes of tasks of this loop are told
   */
  public Loop(
      int index, EventLoop eventLoop, Clock clock, SplittableRandom random, Incidents incidents) {
    this.index = index;
    this.eventLoop = eventLoop;
    this.clock = clock;
    this.random = random;
    this.incidents = incidents;
  }

  /** 0 to the number of loops, exclusive. */
  public int index() {
    return index;
  }

  public EventLoop eventLoop() {
    return eventLoop;
  }

  public Clock clock() {
    return clock;
  }

  /** {@link Clock#nanoTime()}. */
  public long nanoTime() {
    return clock.nanoTime();
  }

  public Incidents incidents() {
    return incidents;
  }

  public SplittableRandom random() {
    return random;
  }

  /** Bytes for use within one call; nobody keeps them. */
  public byte[] scratch() {
    return scratch;
  }

  /** Ints for use within one call; nobody keeps them. */
  public int[] intScratch() {
    return intScratch;
  }

  /**
   * {@code flushable} has something to flush; it says so once until it was flushed. That is at the
   * end of this turn of the loop, when all that was ready has been read: what several connections
   * have brought goes out in one system call a connection.
   */
  public void dirty(Flushable flushable) {
    dirty.add(flushable);
    if (!flushScheduled) {
      flushScheduled = true;
      eventLoop.execute(flush);
    }
  }

  private void flushAll() {
    flushScheduled = false;
    while (!dirty.isEmpty()) {
      List<Flushable> batch = dirty;
      dirty = flushing;
      flushing = batch;
      for (int i = 0; i < batch.size(); i++) {
        flush(batch.get(i));
      }
      batch.clear();
    }
  }

  /** One that fails must not keep the others of its batch. */
  private void flush(Flushable flushable) {
    try {
      flushable.flushNow();
    } catch (Throwable mistake) {
      incidents.report("a flush", mistake);
    }
  }

  /** The value of a Date header, now: RFC 9110 5.6.7. Not to be changed. */
  public byte[] date() {
    long second = clock.currentTimeMillis() / 1000;
    if (second != dateSecond) {
      dateSecond = second;
      date =
          DateTimeFormatter.RFC_1123_DATE_TIME
              .format(ZonedDateTime.ofInstant(Instant.ofEpochSecond(second), ZoneOffset.UTC))
              .getBytes(StandardCharsets.US_ASCII);
      if (date.length < DATE_LENGTH) {
        // Java writes the first nine days of a month with one digit.
        date =
            (new String(date, 0, 5, StandardCharsets.US_ASCII)
                    + "0"
                    + new String(date, 5, date.length - 5, StandardCharsets.US_ASCII))
                .getBytes(StandardCharsets.US_ASCII);
      }
    }
    return date;
  }

  /** Open downstream connections of this loop. Any thread; exact on the acceptor's only. */
  public int connections() {
    return connections.get();
  }

  /** Called by the acceptor when it hands over a connection, and by the loop when one is closed. */
  public void countConnection(int change) {
    connections.addAndGet(change);
  }
}
