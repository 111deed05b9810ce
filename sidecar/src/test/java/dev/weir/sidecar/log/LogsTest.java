package dev.weir.sidecar.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What is said is written once, in the format that is asked for, and holds up nobody. */
class LogsTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  private static Logs logs(LogFormat format, OutputStream to) {
    return logs(new LogOptions(format, new Levels(Levels.DEFAULT)), to);
  }

  private static Logs logs(LogOptions options, OutputStream to) {
    return new Logs("weir sidecar", options, System.out, to);
  }

  private List<String> lines() {
    return written.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void textSaysWhoAndWhat() {
    try (Logs logs = logs(LogFormat.TEXT, written)) {
      logs.of(Component.DNS).accept("dns: cart has no address");
      logs.of(Component.CONFIG).info("xds: it answers\nagain");
      logs.of(Component.CONFIG).debug(() -> "not told");
    }
    assertEquals(
        List.of("weir sidecar: dns: cart has no address", "weir sidecar: xds: it answers again"),
        lines());
  }

  @Test
  void jsonIsAnObjectWithTimeLevelComponentMessageAndFacts() {
    try (Logs logs = logs(LogFormat.JSON, written)) {
      logs.of(Component.CONFIG)
          .say(
              Level.WARNING,
              "warning: cluster \"a\\b\": \u0001é\ud83d\ude00\ud83d",
              Map.of("resource", "a", "count", 3L));
    }
    String line = lines().getFirst();
    assertTrue(
        line.matches("\\{\"time\":\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{3})?Z\",.*"),
        line);
    assertEquals(
        "\"level\":\"warning\",\"component\":\"config\","
            + "\"message\":\"cluster \\\"a\\\\b\\\": \\u0001é\ud83d\ude00\\ud83d\","
            + "\"count\":3,\"resource\":\"a\"}",
        line.substring(line.indexOf(",") + 1));
  }

  @Test
  void whatComesAgainIsANumber() {
    try (Logs logs = logs(LogFormat.TEXT, written)) {
      Log log = logs.of(Component.CONFIG);
      log.accept("away");
      log.accept("away");
      log.accept("away");
      log.accept("there");
      log.accept("away");
      log.accept("away");
    }
    assertEquals(
        List.of(
            "weir sidecar: away",
            "weir sidecar: away (2 times more)",
            "weir sidecar: there",
            "weir sidecar: away",
            "weir sidecar: away (1 times more)"),
        lines());
  }

  @Test
  void levelsAreOfComponentsAndAMistakeChangesNone() {
    Levels levels = new Levels(Level.ERROR);
    levels.set("dns:debug,xds:warn");
    assertEquals(Level.DEBUG, levels.of(Component.DNS));
    assertEquals(Level.WARNING, levels.of(Component.CONFIG));
    assertEquals(Level.ERROR, levels.of(Component.MAIN));

    for (String wrong : List.of("dns:info,main:loud", "dns:info,nobody:info", "dns")) {
      assertThrows(IllegalArgumentException.class, () -> levels.set(wrong));
      assertEquals(Level.DEBUG, levels.of(Component.DNS), wrong);
    }
    levels.set(Level.OFF);
    assertTrue(levels.toString().contains("\n  config: off\n"), levels::toString);
    try (Logs logs = logs(new LogOptions(LogFormat.TEXT, levels), written)) {
      logs.of(Component.MAIN).error("not told");
    }
    assertEquals(List.of(), lines());
  }

  /** A pipe that nobody reads, until somebody does. */
  private static final class StuckPipe extends OutputStream {
    final CountDownLatch read = new CountDownLatch(1);
    final ByteArrayOutputStream all = new ByteArrayOutputStream();

    @Override
    public void write(int value) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(byte[] bytes) throws IOException {
      try {
        read.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      synchronized (this) {
        all.write(bytes);
      }
    }

    synchronized String text() {
      return all.toString(StandardCharsets.UTF_8);
    }
  }

  @Test
  void whoSaysSomethingNeverWaitsForAStuckPipeAndWhatIsLostIsTold() {
    StuckPipe pipe = new StuckPipe();
    Logs logs = logs(LogFormat.TEXT, pipe);
    Log log = logs.of(Component.MAIN);
    String much = "x".repeat(1000);
    int count = 2000;
    for (int i = 0; i < count; i++) {
      log.accept(i + much);
    }
    long dropped = logs.dropped();
    assertTrue(dropped > count / 2, () -> "of a bound of half a MiB: " + dropped);

    pipe.read.countDown();
    Await.until(() -> pipe.text().contains("weir sidecar: " + dropped + " messages are lost"));
    assertEquals(count - dropped, pipe.text().lines().filter(line -> line.endsWith("x")).count());
    log.accept("it goes on");
    Await.until(() -> pipe.text().contains("it goes on"));
    logs.close();
  }

  @Test
  void whatAFullDiskDoesNotTakeIsCountedAndToldWhenItDoes() {
    boolean[] full = {true};
    OutputStream disk =
        new OutputStream() {
          @Override
          public void write(int value) {
            throw new UnsupportedOperationException();
          }

          @Override
          public void write(byte[] bytes) throws IOException {
            if (full[0]) {
              throw new IOException("No space left on device");
            }
            written.write(bytes);
          }
        };
    Logs logs = logs(LogFormat.TEXT, disk);
    logs.of(Component.MAIN).accept("a");
    Await.until(() -> logs.dropped() > 0);
    logs.close();
    full[0] = false;
    logs.of(Component.MAIN).accept("b");
    logs.close();
    assertEquals("weir sidecar: b", lines().getFirst());
    assertTrue(lines().getLast().contains("messages are lost"), () -> lines().toString());
  }
}
