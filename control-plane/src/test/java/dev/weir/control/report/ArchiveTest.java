package dev.weir.control.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An archive, as tar reads it. */
@Tag("slow")
class ArchiveTest {
  @TempDir Path folder;

  private interface Content {
    void of(Archive archive) throws IOException;
  }

  /** Unpacks what was archived. */
  private Path unpacked(Content content) throws IOException, InterruptedException {
    Path file = folder.resolve("report.tar.gz");
    try (Archive archive =
        new Archive(Files.newOutputStream(file), "report", Instant.ofEpochSecond(1_700_000_000))) {
      content.of(archive);
    }
    Process tar =
        new ProcessBuilder("tar", "-xzf", file.toString(), "-C", folder.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, tar.waitFor(), said);
    return folder.resolve("report");
  }

  @Test
  void filesComeBackAsTheyWereWithoutTheirSecrets() throws Exception {
    Path report =
        unpacked(archive -> {
          archive.add("a/b.txt", "text with a Bearer abcdefghijk\n");
          archive.add("exact.txt", "x".repeat(512));
          archive.add("empty.txt", "");
        });
    assertEquals("text with a Bearer [redacted]\n", Files.readString(report.resolve("a/b.txt")));
    assertEquals("x".repeat(512), Files.readString(report.resolve("exact.txt")));
    assertEquals("", Files.readString(report.resolve("empty.txt")));
  }

  @Test
  void longNameIsTakenInTwoParts() throws Exception {
    String name = "n".repeat(60) + "/" + "m".repeat(70) + "/page.txt";
    Path report = unpacked(archive -> archive.add(name, "here"));
    assertEquals("here", Files.readString(report.resolve(name)));
  }

  @Test
  void whatIsTooLongIsCutAndWhatIsMissingIsNamed() throws Exception {
    Path report =
        unpacked(archive -> {
          archive.add("long.txt", "y".repeat(Archive.MOST_OF_ONE + 1));
          archive.miss("page.txt", "connection refused");
        });
    assertEquals(Archive.MOST_OF_ONE, Files.size(report.resolve("long.txt")));
    String missing = Files.readString(report.resolve("missing.txt"));
    assertTrue(missing.contains("long.txt: cut at 8388608 of 8388609 bytes"), missing);
    assertTrue(missing.contains("page.txt: connection refused"), missing);
  }

  @Test
  void wholeIsBounded() throws Exception {
    Path report =
        unpacked(archive -> {
          for (int i = 0; i < 9; i++) {
            archive.add(i + ".txt", "z".repeat(Archive.MOST_OF_ONE));
          }
        });
    assertEquals(0, Files.size(report.resolve("8.txt")));
  }
}
