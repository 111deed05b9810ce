package dev.weir.sidecar.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.member.RestartPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceTest {
  @TempDir Path folder;
  private @Nullable Instance instance;

  @AfterEach
  void stop() throws Exception {
    if (instance != null) {
      instance.kill();
      instance.await();
    }
  }

  /** It says nothing, and lives until somebody writes into its FIFO. */
  private Path quiet() throws IOException {
    Path weir = folder.resolve("weir");
    Files.writeString(weir, "#!/bin/sh\nread line <\"$0.fifo\"\n");
    Files.setPosixFilePermissions(weir, PosixFilePermissions.fromString("rwx------"));
    return weir;
  }

  private Service service() {
    return new Service(
        "cart",
        List.of("true"),
        folder,
        Map.of(),
        List.of(),
        Map.of(),
        RestartPolicy.NO,
        Duration.ZERO,
        1);
  }

  /** Quiet ones would hold all that carries virtual threads, but only after half a minute. */
  @Test
  void whatItSaysIsReadByNoVirtualThread() throws Exception {
    Path weir = quiet();
    assertEquals(0, new ProcessBuilder("mkfifo", weir + ".fifo").start().waitFor());
    instance = Instance.start(weir, folder, service(), 1, "cart-1", line -> {});
    assertTrue(
        Thread.getAllStackTraces().keySet().stream() // which has no virtual ones
            .anyMatch(thread -> thread.getName().equals("cart-1")));
  }
}
