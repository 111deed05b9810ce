package dev.weir.sidecar.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.ShippedJvm;
import dev.weir.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How large the heap becomes of a sidecar of which little lives. */
class HeapBoundTest {
  private static final long MIB = 1 << 20;

  private long used;
  private long live;
  private int collections;

  private final HeapBound bound =
      new HeapBound(
          () -> used,
          () -> {
            used = live;
            collections++;
          });

  private void look(long mib) {
    used = mib * MIB;
    bound.look();
  }

  @Test
  void nothingIsCollectedBeforeThereAreAsManyDeadAsLiving() {
    live = 100 * MIB;
    look(24);
    assertEquals(0, collections);
    look(150);
    assertEquals(1, collections);
    look(208);
    assertEquals(1, collections);
    look(209);
    assertEquals(2, collections);
  }

  @Test
  void whatLivesLessLaterHasASmallerHeapAgain() {
    live = 100 * MIB;
    look(150);
    live = 10 * MIB;
    look(209);
    assertEquals(2, collections);
    look(37);
    assertEquals(3, collections);
  }

  @Test
  void nobodyElsesCollectionLeavesABoundOfOtherTimes() {
    live = 130 * MIB;
    look(150);
    live = 15 * MIB;
    look(15); // collected by whom it may
    look(60);
    assertEquals(2, collections);
  }

  @Test
  void largeYoungAreNotCollectedTimeAndAgain() {
    live = 10 * MIB;
    for (int i = 0; i < 100; i++) {
      look(110);
    }
    assertTrue(collections < 8, () -> collections + " collections");
  }

  /** What lives for a while, as a span does that waits to be sent, outlives the young. */
  @Test
  void whatOutlivesTheYoungOfAShippedJvmDoesNotPileUp() throws Exception {
    assertTrue(peakMiB("bounded") < 48, "with a bound");
    assertTrue(peakMiB("unbounded") > 96, "without one");
  }

  @Test
  void shippedSidecarCollectsWhatReadingItsConfigurationLeft(@TempDir Path folder)
      throws Exception {
    Path bootstrap = folder.resolve("bootstrap.yaml");
    Files.writeString(
        bootstrap,
        IntStream.range(0, 3000)
            .mapToObj("  - {name: cluster-%d, type: STATIC}%n"::formatted)
            .collect(Collectors.joining("", "static_resources:\n  clusters:\n", "")));
    List<String> command = ShippedJvm.command("dev.weir.sidecar.Main", "--config=" + bootstrap);
    command.add(1, "-Xlog:gc");
    Path said = folder.resolve("said");
    Process sidecar = new ProcessBuilder(command).redirectOutput(said.toFile()).start();
    try {
      Await.until(() -> read(said).contains("System.gc()"), () -> read(said));
    } finally {
      sidecar.destroyForcibly();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long peakMiB(String how) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(ShippedJvm.command(MiddleAged.class.getName(), how))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return Long.parseLong(said.strip());
  }

  /** Says in MiB how large its heap became while 400 MiB went by, of which 4 MiB live at a time. */
  static final class MiddleAged {
    private static final int PIECE = 1 << 10;
    private static final int LIVING = 4 << 10;
    private static final int ALL = 400 << 10;

    private MiddleAged() {}

    public static void main(String[] how) {
      HeapBound bound = new HeapBound();
      Deque<byte[]> living = new ArrayDeque<>();
      long peak = 0;
      for (int i = 0; i < ALL; i++) {
        living.add(new byte[PIECE]);
        if (living.size() > LIVING) {
          living.remove();
        }
        if (i % LIVING == 0) {
          peak = Math.max(peak, Runtime.getRuntime().totalMemory() / MIB);
          if (how[0].equals("bounded")) {
            bound.look();
          }
        }
      }
      System.out.println(peak);
    }
  }
}
