package dev.weir.sidecar.accesslog;

import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.format.ByteSink;
import dev.weir.sidecar.log.Log;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import io.netty.util.internal.PlatformDependent;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One log. Buffers travel to the writer thread and back by two bounded queues without locks. The
 * writer, and its descriptor, are there while a configuration has the log; for the last lines of
 * streams that outlast it, one comes back and goes when they are written.
 */
final class LogFile {
  private static final int MOST_WAITING = 64;
  private static final int MOST_FREE = 8;
  private static final Duration LONGEST_END = Duration.ofSeconds(2);

  private record Batch(ByteSink sink, int lines) {}

  private final AccessLog.Sink sink;
  private final String name;
  private final Loops loops;
  private final Log complaints;
  private final AtomicLong dropped;

  /** Asked when there is nothing to write and nobody who wants the log: whether that is so. */
  private final Predicate<LogFile> ending;

  private final List<LoopBuffer> buffers = new ArrayList<>();
  private final Queue<Batch> full = PlatformDependent.newFixedMpscQueue(MOST_WAITING);
  private final Queue<ByteSink> free = PlatformDependent.newFixedMpmcQueue(MOST_FREE);
  private final AtomicBoolean writing = new AtomicBoolean(true);
  private volatile boolean wanted = true;
  private volatile Thread writer;

  /** The writer's; null while it is closed. */
  private @Nullable FileChannel file;

  private @Nullable LineChannel out;
  private boolean regular;
  private volatile boolean reopen;

  /** Since when it cannot be written, so many lines were lost; 0: it can. */
  private long lost;

  /**
   * @param dropped where lines are counted that the writer could not keep up with
   * @param ending asked by the writer whether it may end; to say yes it calls {@link
   *     #endIfNothingIsLeft}
   */
  LogFile(
      AccessLog.Sink sink,
      Loops loops,
      Log complaints,
      AtomicLong dropped,
      Predicate<LogFile> ending)
      throws IOException {
    this.sink = sink;
    this.loops = loops;
    this.complaints = complaints;
    this.dropped = dropped;
    this.ending = ending;
    this.name =
        switch (sink) {
          case AccessLog.Sink.File(String path) -> path;
          case AccessLog.Sink.Stdout() -> "stdout";
          case AccessLog.Sink.Stderr() -> "stderr";
        };
    open();
    for (Loop loop : loops.all()) {
      buffers.add(new LoopBuffer(loop, this));
    }
    writer = newWriter();
    writer.start();
  }

  /** Not by way of System.out, which says nothing of what it could not write. */
  private static Optional<FileDescriptor> ofProcess(AccessLog.Sink sink) {
    return switch (sink) {
      case AccessLog.Sink.Stdout() -> Optional.of(FileDescriptor.out);
      case AccessLog.Sink.Stderr() -> Optional.of(FileDescriptor.err);
      case AccessLog.Sink.File(String path) ->
          switch (path) {
            case "/dev/stdout" -> Optional.of(FileDescriptor.out);
            case "/dev/stderr" -> Optional.of(FileDescriptor.err);
            default -> Optional.empty();
          };
    };
  }

  @SuppressWarnings("resource") // closed by closeOut; those of the process are not ours to close
  private LineChannel open() throws IOException {
    Optional<FileDescriptor> process = ofProcess(sink);
    LineChannel made;
    if (process.isPresent()) {
      made = new LineChannel(new FileOutputStream(process.get()).getChannel(), false);
    } else {
      file = new FileOutputStream(name, true).getChannel();
      regular = Files.isRegularFile(Path.of(name));
      made = new LineChannel(file, regular && endsTorn(Path.of(name)));
    }
    out = made;
    return made;
  }

  /** Whether what was written before, by whomever, ends in the midst of a line. */
  private static boolean endsTorn(Path path) {
    ByteBuffer last = ByteBuffer.allocate(1);
    try (FileChannel reading = FileChannel.open(path)) {
      return reading.size() > 0
          && reading.read(last, reading.size() - 1) == 1
          && last.get(0) != '\n';
    } catch (IOException e) {
      return false; // it may be written and not read
    }
  }

  private Thread newWriter() {
    return Thread.ofPlatform().name("access-log").daemon(true).unstarted(this::run);
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

  AccessLog.Sink sink() {
    return sink;
  }

  LoopBuffer buffer(Loop loop) {
    return buffers.get(loop.index());
  }

  /** Any loop. Returns an empty buffer. */
  ByteSink write(ByteSink lines, int count) {
    if (!full.offer(new Batch(lines, count))) {
      dropped.addAndGet(count);
      lines.truncate(0);
      return lines;
    }
    if (!writeIfNobodyDoes()) {
      LockSupport.unpark(writer);
    }
    ByteSink next = free.poll();
    return next == null ? LoopBuffer.fresh() : next;
  }

  private boolean writeIfNobodyDoes() {
    if (writing.get() || !writing.compareAndSet(false, true)) {
      return false;
    }
    Thread next = newWriter();
    writer = next;
    next.start();
    return true;
  }

  private void run() {
    do {
      for (Batch batch = full.poll(); batch != null || wanted; batch = full.poll()) {
        if (reopen) {
          reopen = false;
          openAnew();
        }
        if (batch == null) {
          LockSupport.park(this);
        } else {
          write(batch);
        }
      }
    } while (!ending.test(this));
    if (!full.isEmpty()) {
      boolean _ = writeIfNobodyDoes(); // it came while the end was decided
    }
  }

  /** Whether there was nothing left to write; the writer ends then. The writer's thread. */
  boolean endIfNothingIsLeft() {
    if (!full.isEmpty()) {
      return false;
    }
    closeOut();
    writing.set(false);
    return true;
  }

  private void write(Batch batch) {
    try {
      LineChannel known = out;
      LineChannel to = known == null ? open() : known;
      to.write(batch.sink().bytes(), batch.sink().length(), batch.lines());
      if (lost > 0) {
        complain("can be written again; " + lost + " lines were dropped");
        lost = 0;
      }
    } catch (LineChannel.Lost e) {
      lost(e, e.lines());
    } catch (IOException e) {
      lost(e, batch.lines());
    }
    batch.sink().truncate(0);
    free.offer(batch.sink());
  }

  private void lost(IOException why, int lines) {
    dropped.addAndGet(lines);
    if (lost == 0) {
      complain(why.getMessage() + "; lines are dropped until it can be written");
    }
    lost += lines;
  }

  private void closeOut() {
    FileChannel open = file;
    if (open != null) {
      file = null;
      out = null;
      close(open, regular);
    }
  }

  private void close(FileChannel open, boolean sync) {
    try (open) {
      if (sync) {
        open.force(false);
      }
    } catch (IOException e) {
      complain(e.toString());
    }
  }

  /** What cannot be opened goes on in the file that is open. */
  private void openAnew() {
    FileChannel before = file;
    if (before == null) {
      return;
    }
    boolean sync = regular;
    try {
      open();
      close(before, sync);
    } catch (IOException e) {
      complain("cannot be opened anew, and goes on in the file that it was: " + e.getMessage());
    }
  }

  /**
   * Soon, and before any line that comes after this, it is written to what its path names then. Any
   * thread.
   */
  void reopen() {
    reopen = true;
    LockSupport.unpark(writer);
  }

  private void complain(String what) {
    complaints.accept("access log " + name + ": " + what);
  }

  /** A configuration has it, again. */
  void want() {
    wanted = true;
  }

  /**
   * No configuration in force has it: what the loops have is written, and then it is closed.
   * Control thread.
   */
  void unwant() {
    loops.pass(
        loop -> buffers.get(loop).handOver(),
        () -> {
          wanted = false;
          LockSupport.unpark(writer);
        });
  }

  /** Event loops have stopped: writes what is left, for a bounded time. */
  void close() {
    for (LoopBuffer buffer : buffers) {
      buffer.handOver();
    }
    wanted = false;
    try {
      Thread last;
      do {
        last = writer;
        LockSupport.unpark(last);
        if (!last.join(LONGEST_END)) {
          complain("too slow; the last lines may be lost");
          return;
        }
      } while (last != writer); // one that was about to end has left the rest to another
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
