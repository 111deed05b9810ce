package dev.weir.sidecar.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Messages on their way out, and the thread that writes them: there while there are any, and a
 * while longer. Of a message that comes again and again the repeats are a number, once a minute.
 */
final class LogWriter {
  /** Characters that may wait. */
  static final int MOST_WAITING = 512 << 10;

  /** Of one message, beside its text. */
  private static final int OVERHEAD = 256;

  private static final long REPEAT_NANOS = Duration.ofMinutes(1).toNanos();
  private static final long IDLE_NANOS = Duration.ofSeconds(10).toNanos();

  private final OutputStream out;
  private final String program;
  private final LogFormat format;
  private final ConcurrentLinkedQueue<Message> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicBoolean writing = new AtomicBoolean();
  private volatile @Nullable Thread thread;
  private volatile boolean closing;

  // ---- the writer's
  private @Nullable Message last;
  private long lastNanos;
  private long repeats;
  private long toldDropped;

  /**
   * @param out written to by the writer's thread alone
   */
  LogWriter(OutputStream out, String program, LogFormat format) {
    this.program = program;
    this.out = out;
    this.format = format;
  }

  /** Drops and counts what there is no room for. Any thread; waits for nothing. */
  void offer(Message message) {
    int size = size(message);
    if (waiting.addAndGet(size) > MOST_WAITING) {
      waiting.addAndGet(-size);
      dropped.incrementAndGet();
      return;
    }
    queue.offer(message);
    if (writing.compareAndSet(false, true)) {
      begin();
    } else {
      LockSupport.unpark(thread);
    }
  }

  private static int size(Message message) {
    return message.text().length() + OVERHEAD;
  }

  /** Messages that are lost: nobody has read what was before them in time. */
  long dropped() {
    return dropped.get();
  }

  private void begin() {
    Thread next = Thread.ofPlatform().name("log").daemon(true).unstarted(this::run);
    thread = next;
    next.start();
  }

  private void run() {
    boolean more = true;
    while (more) {
      write();
      if (closing) {
        tellRepeats();
      }
      more = !queue.isEmpty() || !closing && rested();
      if (!more) {
        writing.set(false);
        more = !queue.isEmpty() && writing.compareAndSet(false, true); // it came meanwhile
      }
    }
  }

  /** Waits for more; false: there is none. */
  private boolean rested() {
    long now = System.nanoTime();
    long limit = repeats > 0 ? lastNanos + REPEAT_NANOS - now : IDLE_NANOS;
    if (limit > 0) {
      LockSupport.parkNanos(this, limit);
    }
    if (repeats > 0) {
      if (System.nanoTime() - lastNanos >= REPEAT_NANOS) {
        tellRepeats();
      }
      return true;
    }
    return !queue.isEmpty() || System.nanoTime() - now < IDLE_NANOS;
  }

  private void write() {
    for (Message next = queue.poll(); next != null; next = queue.poll()) {
      Message before = last;
      if (before != null
          && next.saysTheSame(before)
          && System.nanoTime() - lastNanos < REPEAT_NANOS) {
        repeats++;
      } else {
        tellRepeats();
        line(next, 0);
        last = next;
        lastNanos = System.nanoTime();
      }
      waiting.addAndGet(-size(next));
    }
    tellDropped();
  }

  private void tellRepeats() {
    Message of = last;
    if (repeats > 0 && of != null) {
      line(new Message(Instant.now(), of.level(), of.component(), of.text(), of.facts()), repeats);
      repeats = 0;
      lastNanos = System.nanoTime();
    }
  }

  private void tellDropped() {
    long more = dropped.get() - toldDropped;
    if (more > 0) {
      toldDropped += more;
      String text =
          more + " messages are lost: what was before them was not read, or written, in time";
      line(
          new Message(Instant.now(), Level.WARNING, Component.MAIN, text, Map.of("dropped", more)),
          0);
    }
  }

  private void line(Message message, long count) {
    byte[] bytes =
        (format.line(program, message, count) + System.lineSeparator())
            .getBytes(StandardCharsets.UTF_8);
    try {
      out.write(bytes);
      out.flush();
    } catch (IOException e) {
      dropped.addAndGet(Math.max(1, count)); // a full disk, a pipe that nobody reads any more
    }
  }

  /** Waits until what is here is written, or for {@code limit}; what comes is written too. */
  void close(Duration limit) throws InterruptedException {
    closing = true;
    Thread writer = thread;
    while (writer != null && writing.get()) {
      LockSupport.unpark(writer);
      if (!writer.join(limit)) {
        return;
      }
      Thread next = thread;
      writer = next == writer ? null : next;
    }
  }
}
