package dev.weir.sidecar.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.member.RestartPolicy;
import dev.weir.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
      Up up = new Up(services, weir, folders, journal, limits(Duration.ZERO));
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
      Up up = new Up(List.of(service("a")), weir, folders, journal, limits(Duration.ofMillis(50)));
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

  /** One that says that it is there, and ends when it is told to. */
  private static final String WAITING =
      """
      #!/bin/sh
      [ -p "$0.fifo" ] || mkfifo "$0.fifo"
      echo "$WEIR_INSTANCE" >>"$0.said"
      read line <"$0.fifo"
      """;

  @Test
  void behindOneThatDoesNotGetReadyNoneIsRestarted() throws Exception {
    Path weir = launcher(WAITING);
    Folders folders = Folders.of(folder, Optional.of(folder.toString()));
    try (Journal journal = Journal.create(folder, Optional.empty())) {
      List<Service> services = List.of(service("a", Map.of(), 2));
      Up up =
          new Up(
              services,
              weir,
              folders,
              journal,
              new Up.Limits(Duration.ZERO, 2, Duration.ZERO, Duration.ZERO));
      up.start();
      Path said = folder.resolve("weir.said");
      Await.until(() -> Files.exists(said) && text(said).lines().count() == 2);
      assertEquals(
          Optional.of(
              new Up.Restarted(
                  false,
                  List.of("a-1 is not ready; a-2 and what comes behind it stay as they are"))),
          up.restart("a"));
      Await.until(() -> text(said).lines().count() == 3);
      assertEquals(2, text(said).lines().filter("1"::equals).count());
      up.stop();
      up.await();
    }
  }

  private Path launcher(String script) throws IOException {
    Path weir = folder.resolve("weir");
    Files.writeString(weir, script);
    Files.setPosixFilePermissions(weir, PosixFilePermissions.fromString("rwx------"));
    return weir;
  }

  private static Up.Limits limits(Duration leaving) {
    return new Up.Limits(leaving, 1, Duration.ZERO, Duration.ZERO);
  }

  private Service service(String name) {
    return service(name, Map.of());
  }

  private Service service(String name, Map<String, Service.Condition> dependsOn) {
    return service(name, dependsOn, 1);
  }

  private Service service(String name, Map<String, Service.Condition> dependsOn, int replicas) {
    return new Service(
        name,
        List.of("true"),
        folder,
        Map.of(),
        List.of(),
        dependsOn,
        RestartPolicy.NO,
        Duration.ofSeconds(1),
        replicas);
  }

  /** One whose instances of service {@code job} end with a status once they are let. */
  private static final String JOB =
      """
      #!/bin/sh
      case $* in
        *--service=job*) read status <"$0.fifo"; exit "$status" ;;
      esac
      """;

  private List<String> log(String status) throws Exception {
    Path weir = launcher(JOB);
    assertEquals(0, new ProcessBuilder("mkfifo", weir + ".fifo").start().waitFor());
    List<Service> services =
        List.of(service("job"), service("web", Map.of("job", Service.Condition.COMPLETED)));
    Folders folders = Folders.of(folder, Optional.of(folder.toString()));
    Path log = folder.resolve(Journal.FILE);
    try (Journal journal = Journal.create(folder, Optional.empty())) {
      Up up = new Up(services, weir, folders, journal, limits(Duration.ZERO));
      up.start();
      Await.until(() -> text(log).contains("waits for"));
      Files.writeString(Path.of(weir + ".fifo"), status + "\n", StandardOpenOption.WRITE);
      up.await();
      assertEquals(!status.equals("0"), up.failed());
    }
    return Files.readAllLines(log).stream()
        .map(line -> line.substring(line.indexOf(' ') + 1).replace('\t', ' '))
        .toList();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatAServiceWaitsForIsSaidAndItStartsWhenThatIsDone() throws Exception {
    assertEquals(
        List.of(
            "web waits for job, which has not ended",
            "job-1 ended with status 0",
            "web-1 ended with status 0"),
        log("0"));
  }

  @Test
  void aServiceThatWaitsForOneThatFailsIsNotStarted() throws Exception {
    assertEquals(
        List.of(
            "web waits for job, which has not ended",
            "job-1 ended with status 3",
            "web is not started: job, on which it depends, has ended with status 3"),
        log("3"));
  }

  @Test
  void aServiceIsKnownByItsNamesAndItsInstances() throws Exception {
    Folders folders = Folders.of(folder, Optional.of(folder.toString()));
    try (Journal journal = Journal.create(folder, Optional.empty())) {
      Up up =
          new Up(List.of(service("shop/cart")), folder, folders, journal, limits(Duration.ZERO));
      for (String known : List.of("shop/cart", "cart", "cart-1")) {
        assertTrue(up.isKnown(known), known);
      }
      for (String unknown : List.of("shop", "cart-2", "car", "")) {
        assertFalse(up.isKnown(unknown), unknown);
      }
    }
  }
}
