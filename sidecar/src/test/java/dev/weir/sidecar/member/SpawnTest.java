package dev.weir.sidecar.member;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.member.system.Sign;
import dev.weir.sidecar.member.system.User;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process as a member's app is one. */
class SpawnTest {
  private static final User NOBODY_ELSE = new User(0, 0);

  @TempDir Path folder;
  private final BlockingQueue<Ending> endings = new LinkedBlockingQueue<>();

  private AppProcess start(List<String> environment, String script) throws IOException {
    return AppProcess.start(
        List.of("bash", "-c", script), environment, NOBODY_ELSE, Optional.empty(), endings::add);
  }

  private Ending ending() throws InterruptedException {
    return Optional.ofNullable(endings.poll(20, TimeUnit.SECONDS)).orElseThrow();
  }

  private static List<String> with(String... variables) {
    List<String> environment = new ArrayList<>(List.of("PATH=" + System.getenv("PATH")));
    environment.addAll(List.of(variables));
    return environment;
  }

  @Test
  void itHasTheWordsAndTheVariablesByteByByte() throws Exception {
    Path written = folder.resolve("written");

    start(with("WORD=\u00ff\u00fe"), "printf '%s \u00fd' \"$WORD\" >" + written);

    assertEquals(0, ending().status());
    assertEquals("\u00ff\u00fe \u00fd", Files.readString(written, StandardCharsets.ISO_8859_1));
  }

  @Test
  void itHasNoDescriptorOfThisProcess() throws Exception {
    Path written = folder.resolve("written");
    try (var held = Files.newInputStream(Path.of("/proc/self/status"))) {
      start(with(), "ls /proc/$$/fd >" + written + "; exit 4");
      assertEquals(4, ending().status());
      assertTrue(held.available() >= 0);
    }

    // The last two are ls's output and what bash has of it.
    List<String> descriptors = Files.readAllLines(written);
    assertEquals(List.of("0", "1", "2"), descriptors.subList(0, 3));
    assertTrue(descriptors.size() <= 4, descriptors.toString());
  }

  @Test
  void aSignalReachesAllOfItAndIsTold() throws Exception {
    Path up = folder.resolve("up");
    AppProcess app =
        start(with(), "sleep 1000 & echo $! >" + up + ".next; mv " + up + ".next " + up + "; wait");
    while (!Files.exists(up)) {
      Thread.onSpinWait();
    }

    app.tell(Sign.TERM);

    assertEquals(Optional.of("SIGTERM"), ending().unexpected());
    assertFalse(app.running());
    long child = Long.parseLong(Files.readString(up).strip());
    while (new Holder(child).alive()) {
      Thread.onSpinWait();
    }
    app.tell(Sign.KILL); // nobody is met any more
  }

  @Test
  void aProgramThatIsNotThereHasTheStatusOfShells() throws Exception {
    AppProcess.start(
        List.of("/no/such/program"), with(), NOBODY_ELSE, Optional.empty(), endings::add);

    assertEquals(127, ending().status());
  }
}
