package dev.weir.sidecar.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.format.ByteSink;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.testkit.TestLoops;
import dev.weir.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log is open as long as a configuration in force has it. */
class LogFilesTest {
  private final Loops loops = TestLoops.of(2);
  private final LogFiles files = new LogFiles(loops, System.err::println);
  private Path path;

  @BeforeEach
  void name(@TempDir Path folder) {
    path = folder.resolve("access.log");
  }

  @AfterEach
  void close() {
    loops.close();
    files.close();
  }

  private LogFile take() {
    return files.take(new AccessLog.Sink.File(path.toString()));
  }

  /** As a stream of each loop that ends. */
  private void logOnEachLoop(LogFile log, String line) throws Exception {
    for (Loop loop : loops.all()) {
      loop.eventLoop()
          .submit(() -> {
            LoopBuffer buffer = log.buffer(loop);
            buffer.sink().put((line + "\n").getBytes(StandardCharsets.US_ASCII));
            buffer.lineDone();
          })
          .get();
    }
  }

  private static ByteSink sink(String line) {
    ByteSink sink = new ByteSink(64);
    sink.put((line + "\n").getBytes(StandardCharsets.US_ASCII));
    return sink;
  }

  private List<String> lines() {
    try {
      return Files.readAllLines(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Descriptors of this process that are the log. */
  private int descriptors() {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return (int) all.filter(this::isLog).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isLog(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).equals(path);
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }

  private static long writers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("access-log"))
        .count();
  }

  @Test
  void afterARenameItGoesOnInANewFileAtItsPath() throws Exception {
    LogFile log = take();
    log.write(sink("before"), 1);
    Await.until(() -> lines().equals(List.of("before")));
    Path rotated = path.resolveSibling("access.log.1");
    Files.move(path, rotated);
    log.write(sink("still"), 1);
    Await.until(() -> size(rotated) == "before\nstill\n".length());
    files.reopen();
    Await.until(() -> Files.exists(path)); // a line that comes would be in it
    log.write(sink("after"), 1);
    Await.until(() -> lines().equals(List.of("after")));
    assertEquals(List.of("before", "still"), Files.readAllLines(rotated));
    assertEquals(1, descriptors());
  }

  @Test
  void whatCannotBeOpenedAnewGoesOnWhereItWas() throws Exception {
    LogFile log = take();
    Path rotated = path.resolveSibling("access.log.1");
    Files.move(path, rotated);
    Files.createDirectory(path);
    files.reopen();
    log.write(sink("kept"), 1);
    Await.until(() -> size(rotated) == "kept\n".length());
    assertEquals(0, files.dropped());
  }

  @Test
  void lineThatWasLeftHalfIsEndedBeforeTheFirstOne() throws Exception {
    Files.writeString(path, "whole\nhal");
    LogFile log = take();
    log.write(sink("first"), 1);
    Await.until(() -> lines().equals(List.of("whole", "hal", "first")));
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatAFullDiskDoesNotTakeIsCountedAndToldOnce() throws Exception {
    List<String> said = new CopyOnWriteArrayList<>();
    try (LogFiles full = new LogFiles(loops, said::add)) {
      LogFile log = full.take(new AccessLog.Sink.File("/dev/full"));
      for (int i = 0; i < 10; i++) {
        log.write(sink("lost"), 1);
      }
      Await.until(() -> full.dropped() == 10);
    }
    assertEquals(
        List.of(
            "access log /dev/full: No space left on device; lines are dropped until it can be"
                + " written"),
        said);
  }

  @Test
  void theLastOneThatHasItClosesItAfterTheLastLine() throws Exception {
    long before = writers();
    LogFile log = take();
    assertSame(log, take());
    logOnEachLoop(log, "one");
    files.release(log);
    logOnEachLoop(log, "two");
    assertEquals(1, descriptors());
    assertEquals(before + 1, writers());

    files.release(log);
    Await.until(() -> descriptors() == 0 && writers() == before);
    assertEquals(List.of("one", "one", "two", "two"), lines().stream().sorted().toList());
  }

  @Test
  void whatOutlastsItIsWrittenByAWriterThatGoesAgain() throws Exception {
    long before = writers();
    LogFile log = take();
    files.release(log);
    Await.until(() -> descriptors() == 0 && writers() == before);

    logOnEachLoop(log, "late");
    Await.until(() -> lines().size() == 2);
    Await.until(() -> descriptors() == 0 && writers() == before);
  }

  @Test
  void whatOutlastsItIsWrittenAtTheEndOfTheProcess() throws Exception {
    LogFile log = take();
    files.release(log);
    Await.until(() -> descriptors() == 0);
    logOnEachLoop(log, "late");
    loops.close();
    files.close();
    assertEquals(List.of("late", "late"), lines());
    // Its writer ends at any moment: each line may need another.
    for (int line = 3; line < 1000; line++) {
      log.write(sink("late"), 1);
      log.close();
      assertEquals(line, lines().size());
    }
  }

  @Test
  void aPathThatComesBackBeforeItWentGoesOnInTheSameWriter() throws Exception {
    long before = writers();
    for (int i = 0; i < 100; i++) {
      LogFile log = take();
      logOnEachLoop(log, "line");
      AtomicBoolean again = new AtomicBoolean();
      // A loop that is at something else: it has not handed over what it has.
      loops
          .get(1)
          .eventLoop()
          .execute(() -> {
            while (!again.get()) {
              // busy
            }
          });
      files.release(log);
      assertSame(log, take());
      again.set(true);
      logOnEachLoop(log, "line");
      assertEquals(1, descriptors());
      assertEquals(before + 1, writers());
      files.release(log);
      Await.until(() -> descriptors() == 0 && writers() == before);
    }
    assertEquals(400, lines().size());
    assertEquals(0, files.dropped());
  }
}
