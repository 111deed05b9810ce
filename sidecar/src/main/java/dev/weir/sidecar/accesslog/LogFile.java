package dev.weir.sidecar.accesslog;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.format.ByteSink;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/** One open log. Buffers travel to the writer thread and back by two bounded queues. */
final class LogFile {
  private static final int MOST_WAITING = 64;
  private static final Duration LONGEST_END = Duration.ofSeconds(2);

  private record Batch(ByteSink sink, int lines) {}

  private final OutputStream out;
  private final String name;
  private final PrintStream complaints;
  private final List<LoopBuffer> buffers = new ArrayList<>();
  private final BlockingQueue<Batch> full = new ArrayBlockingQueue<>(MOST_WAITING);
  private final BlockingQueue<ByteSink> free = new ArrayBlockingQueue<>(8);
  private final AtomicLong dropped = new AtomicLong();
  private final Thread writer;
  private boolean broken;

  LogFile(AccessLog.Sink sink, Loops loops, PrintStream complaints) throws IOException {
    this.complaints = complaints;
    this.name =
        switch (sink) {
          case AccessLog.Sink.File(String path) -> path;
          case AccessLog.Sink.Stdout() -> "stdout";
          case AccessLog.Sink.Stderr() -> "stderr";
        };
    this.out =
        switch (sink) {
          case AccessLog.Sink.File(String path) when path.equals("/dev/stdout") -> System.out;
          case AccessLog.Sink.File(String path) when path.equals("/dev/stderr") -> System.err;
          case AccessLog.Sink.File(String path) -> new FileOutputStream(path, true);
          case AccessLog.Sink.Stdout() -> System.out;
          case AccessLog.Sink.Stderr() -> System.err;
        };
    for (Loop loop : loops.all()) {
      buffers.add(new LoopBuffer(loop, this));
    }
    writer = Thread.ofPlatform().name("access-log").daemon(true).start(this::run);
  }

  /**
   * @throws IllegalArgumentException if {@code sink} could not be opened now
   */
  static void check(AccessLog.Sink sink) {
    if (sink instanceof AccessLog.Sink.File(String name)) {
      Path file = Path.of(name).toAbsolutePath();
      Path folder = file.getParent();
      if (Files.isDirectory(file)) {
        throw new IllegalArgumentException("path: " + name + " is a folder");
      }
      boolean possible =
          Files.exists(file)
              ? Files.isWritable(file)
              : folder != null && Files.isDirectory(folder) && Files.isWritable(folder);
      if (!possible) {
        throw new IllegalArgumentException(
            "path: " + name + " cannot be written; make its folder, and let this user write there");
      }
    }
  }

  LoopBuffer buffer(Loop loop) {
    return buffers.get(loop.index());
  }

  /** Lines that were dropped because the disk was slower than the traffic. */
  long dropped() {
    return dropped.get();
  }

  /** Any loop. Returns an empty buffer. */
  ByteSink write(ByteSink sink, int lines) {
    if (!full.offer(new Batch(sink, lines))) {
      dropped.addAndGet(lines);
      sink.truncate(0);
      return sink;
    }
    ByteSink next = free.poll();
    return next == null ? LoopBuffer.fresh() : next;
  }

  private void run() {
    try {
      while (true) {
        Batch batch = full.take();
        if (batch.lines() == 0) {
          return;
        }
        try {
          out.write(batch.sink().bytes(), 0, batch.sink().length());
          out.flush();
          broken = false;
        } catch (IOException e) {
          dropped.addAndGet(batch.lines());
          if (!broken) {
            broken = true;
            complaints.println(
                "access log "
                    + name
                    + ": "
                    + e.getMessage()
                    + "; lines are dropped until it can be written");
          }
        }
        batch.sink().truncate(0);
        free.offer(batch.sink());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Event loops have stopped: writes what is left, for a bounded time. */
  void close() {
    for (LoopBuffer buffer : buffers) {
      buffer.handOver();
    }
    try {
      if (!full.offer(new Batch(LoopBuffer.fresh(), 0), LONGEST_END.toMillis(), MILLISECONDS)
          || !writer.join(LONGEST_END)) {
        complaints.println("access log " + name + ": too slow; the last lines may be lost");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (out instanceof FileOutputStream file && Files.isRegularFile(Path.of(name))) {
      try {
        file.getFD().sync();
      } catch (IOException e) {
        complaints.println("access log " + name + ": " + e.getMessage());
      }
    }
  }
}
