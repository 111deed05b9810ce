package dev.weir.sidecar.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.weir.sidecar.member.RestartPolicy;
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
    Path weir = folder.resolve("weir");
    Files.writeString(weir, LAUNCHER);
    Files.setPosixFilePermissions(weir, PosixFilePermissions.fromString("rwx------"));
    List<Service> services = Stream.of("a", "b").map(this::service).toList();
    Folders folders = Folders.of(folder, Optional.of(folder.toString()));
    try (Journal journal = Journal.create(folder, Optional.empty())) {
      Up up = new Up(services, weir, folders, journal, 1);
      up.start();
      up.await();
      assertFalse(up.failed());
    }
    assertEquals(
        List.of("start", "end", "start", "end"), Files.readAllLines(folder.resolve("weir.said")));
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
