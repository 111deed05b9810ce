package dev.weir.sidecar.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.format.ByteSink;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.testkit.TestLoops;
import dev.weir.testkit.Await;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
  /** What a pipe holds, twice. */
  private static final int MUCH = 128 << 10;

  @Test
  void theEndWaitsForAWriteThatIsUnderWay(@TempDir Path folder) throws Exception {
    Path pipe = folder.resolve("log");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    CompletableFuture<InputStream> opened =
        CompletableFuture.supplyAsync(() -> {
          try {
            return Files.newInputStream(pipe);
          } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
    Loops loops = TestLoops.of(1);
    LogFile log =
        new LogFile(
            new AccessLog.Sink.File(pipe.toString()),
            loops,
            System.err::println,
            new AtomicLong(),
            LogFile::endIfNothingIsLeft);
    loops.close();
    try (InputStream reader = opened.get(10, TimeUnit.SECONDS)) {
      ByteSink lines = new ByteSink(MUCH);
      lines.put(new byte[MUCH]);
      log.write(lines, 1);
      Thread closing = Thread.ofPlatform().start(log::close);

      Await.until(() -> closing.getState() == Thread.State.TIMED_WAITING);
      assertEquals(MUCH, reader.readNBytes(MUCH).length);
      closing.join(10_000);
      assertFalse(closing.isAlive());
    }
  }
}
