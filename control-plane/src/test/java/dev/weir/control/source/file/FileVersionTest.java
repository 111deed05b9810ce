package dev.weir.control.source.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.source.Unit;
import dev.weir.control.source.file.FileVersion.Fingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files of a folder are read again, and which of these have changed. */
class FileVersionTest {
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop}
      spec: {ports: [{name: http, port: %d}]}
      """;

  @TempDir Path folder;
  private Path file;
  private FolderSource source;

  /**
   * Later than all that the test writes, so that it is not of the tick that a file was written in.
   */
  private Duration ahead = Duration.ofSeconds(10);

  @SuppressWarnings("NullAway.Init")
  FileVersionTest() {}

  @BeforeEach
  void write() throws IOException {
    Clock clock =
        new Clock() {
          @Override
          public Instant instant() {
            return Instant.now().plus(ahead);
          }

          @Override
          public ZoneId getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
          }
        };
    file = Files.writeString(folder.resolve("cart.yaml"), SERVICE.formatted(8080));
    source = new FolderSource(folder, clock);
  }

  private Unit look() {
    return Objects.requireNonNull(source.look().units().get(file.toString()));
  }

  @Test
  void fileThatNobodyTouchesIsNotReadAgain() {
    assertSame(look(), look());
  }

  @Test
  void sameContentAtAnotherTimeIsReadOnceAndNotParsed() throws IOException {
    Unit before = look();
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
    Unit touched = look();
    assertTrue(touched.same(before));
    assertSame(before.resources(), touched.resources(), "what was made of it stays");
    assertSame(touched, look(), "and is not read again");
  }

  /** As by what copies into a file in place and sets its time. */
  @Test
  void otherContentOfEqualTimeAndSizeIsNoticed() throws IOException {
    Unit before = look();
    Fingerprint fingerprint = Fingerprint.of(file);
    Files.writeString(file, SERVICE.formatted(8081));
    Files.setLastModifiedTime(file, fingerprint.modified());
    Fingerprint copied = Fingerprint.of(file);
    assertEquals(fingerprint.modified(), copied.modified());
    assertEquals(fingerprint.size(), copied.size());
    assertEquals(fingerprint.key(), copied.key(), "the same file");
    Unit after = look();
    assertFalse(after.same(before));
    assertNotEquals(before.resources(), after.resources());
  }

  /** As by an editor, or a ConfigMap that is mounted. */
  @Test
  void otherFileOfEqualTimeAndSizeIsNoticed() throws IOException {
    Unit before = look();
    FileTime modified = Files.getLastModifiedTime(file);
    Path other = Files.writeString(folder.resolve("other"), SERVICE.formatted(8081));
    Files.setLastModifiedTime(other, modified);
    Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
    assertFalse(look().same(before));
  }

  @Test
  void fileThatWasJustWrittenIsReadAgainSinceItsTimeMayNotTell() throws IOException {
    ahead = Duration.ofDays(-1);
    Unit before = look();
    Unit again = look();
    assertNotSame(before, again);
    assertTrue(again.same(before));
    ahead = Duration.ofSeconds(10);
    assertSame(look(), look());
  }
}
