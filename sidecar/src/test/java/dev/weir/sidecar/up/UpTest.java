package dev.weir.sidecar.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.member.RestartPolicy;
import dev.weir.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpTest {
  @TempDir Path folder;

  /** A launcher that waits a while for another one to come beside it. */
  private static final String LAUNCHER =
      """
      #!/bin/sh
      echo "start" >>"$0.said"
      tries=0
      until [ "$(grep -c start "$0.said")" -gt 1 ] || [ $tries = 100 ]; do
        tries=$((tries + 1))
      done
      echo "end" >>"$0.said"
      """;

  @Test
  void noMoreAreOnTheirWayAtATimeThanMayBe() throws Exception {
    Path weir = launcher(LAUNCHER);
    List<Service> services = Stream.of("a", "b").map(this::service).toList();
    Folders folders = Folders.of(folder, Optional.of(folder.toString()));
    try (Journal journal = Journal.create(folder, Optional.empty())) {
      Up up = new Up(services, weir, folders, journal, Duration.ZERO, 1);
      up.start();
      up.await();
      assertFalse(up.failed());
    }
    assertEquals(
        List.of("start", "end", "start", "end"), Files.readAllLines(folder.resolve("weir.said")));
  }

  /** One that is deaf to all that can be ignored, and says when it is. */
  private static final String DEAF =
      """
      #!/bin/sh
      trap '' TERM
      mkfifo "$0.fifo"
      echo "$$" >"$0.said.new"
      mv "$0.said.new" "$0.said"
      read line <"$0.fifo"
      """;

  @Test
  void whoDoesNotEndIsKilledAndThatIsSaid() throws Exception {
    Path weir = launcher(DEAF);
    Folders folders = Folders.of(folder, Optional.of(folder.toString()));
    try (Journal journal = Journal.create(folder, Optional.empty())) {
      Up up = new Up(List.of(service("a")), weir, folders, journal, Duration.ofMillis(50), 1);
      up.start();
      Path said = folder.resolve("weir.said");
      Await.until(() -> Files.exists(said));
      assertEquals(List.of("a-1 did not end within 1.05 s; it is killed"), up.stop());
      up.await();
      assertTrue(up.failed());
      long pid = Long.parseLong(Files.readString(said).strip());
      assertFalse(ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent());
    }
  }

  private Path launcher(String script) throws IOException {
    Path weir = folder.resolve("weir");
    Files.writeString(weir, script);
    Files.setPosixFilePermissions(weir, PosixFilePermissions.fromString("rwx------"));
    return weir;
  }

  private Service service(String name) {
    return new Service(
        name,
        List.of("true"),
        folder,
        Map.of(),
        List.of(),
        Map.of(),
        RestartPolicy.NO,
        Duration.ofSeconds(1),
        1);
  }
}
