package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.weir.sidecar.config.tls.DataSource;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.config.tls.TlsCertificate;
import dev.weir.testkit.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each look at a certificate and its key, which are files, comes to. */
class FileSecretTest {
  private static final String OTHER_KEY =
      "tls_certificate.private_key: is not the key of its certificate";

  @TempDir Path folder;

  private TestCa.Issued first;
  private TestCa.Issued second;
  private Path chain;
  private Path key;
  private FileSecret secret;

  @BeforeEach
  void takeTheFirst() throws IOException {
    TestCa ca = TestCa.create(folder, "ca");
    first = ca.issue("a");
    second = ca.issue("a");
    chain = Files.copy(first.chain(), folder.resolve("tls.crt"));
    key = Files.copy(first.key(), folder.resolve("tls.key"));
    secret = new FileSecret(named(Optional.empty()));
    assertEquals(content(first), secret.look());
    assertEquals(Optional.empty(), secret.look());
  }

  private Secret named(Optional<String> directory) {
    return new Secret(
        "own",
        new TlsCertificate(
            new DataSource.File(chain.toString()), new DataSource.File(key.toString())),
        directory);
  }

  private static Optional<FileSecret.Found> content(TestCa.Issued of) throws IOException {
    return Optional.of(
        new FileSecret.Content(
            new TlsCertificate(
                new DataSource.Inline(Files.readAllBytes(of.chain())),
                new DataSource.Inline(Files.readAllBytes(of.key())))));
  }

  private static Optional<FileSecret.Found> useless(String reason) {
    return Optional.of(new FileSecret.Useless(reason));
  }

  private void moveIn(Path from, Path to) throws IOException {
    Path beside = Files.copy(from, folder.resolve("new"));
    Files.move(beside, to, StandardCopyOption.ATOMIC_MOVE);
  }

  /** At another time, however coarse the clock of files is. */
  private static void writeInPlace(Path from, Path to) throws IOException {
    FileTime before = Files.getLastModifiedTime(to);
    Files.write(to, Files.readAllBytes(from));
    Files.setLastModifiedTime(to, FileTime.from(before.toInstant().plus(Duration.ofSeconds(1))));
  }

  @Test
  void pairThatIsMovedInIsTakenAtOnce() throws IOException {
    moveIn(second.chain(), chain);
    moveIn(second.key(), key);
    assertEquals(content(second), secret.look());
  }

  @Test
  void halfOfAPairIsToldOnceAndTheWholeIsTakenWhenItFits() throws IOException {
    moveIn(second.chain(), chain);
    assertEquals(useless(OTHER_KEY), secret.look());
    assertEquals(Optional.empty(), secret.look());
    moveIn(second.key(), key);
    assertEquals(content(second), secret.look());
    assertEquals(Optional.empty(), secret.look());
  }

  @Test
  void pairIsWrittenToItsEndBeforeItIsRead() throws IOException {
    writeInPlace(second.chain(), chain);
    assertEquals(Optional.empty(), secret.look());
    writeInPlace(second.key(), key);
    assertEquals(Optional.empty(), secret.look(), "the key may be half of one");
    assertEquals(content(second), secret.look());
  }

  @Test
  void whatIsAsItWasNeedsNoTaking() throws IOException {
    moveIn(second.chain(), chain);
    assertEquals(useless(OTHER_KEY), secret.look());
    moveIn(first.chain(), chain);
    assertEquals(Optional.of(new FileSecret.AsBefore()), secret.look());
    moveIn(first.chain(), chain);
    assertEquals(Optional.empty(), secret.look());
  }

  @Test
  void fileThatIsGoneIsToldAndWaitedFor() throws IOException {
    Files.delete(key);
    assertEquals(useless("private_key.filename: there is no " + key), secret.look());
    assertEquals(Optional.empty(), secret.look());
    moveIn(second.chain(), chain);
    assertEquals(Optional.empty(), secret.look());
    moveIn(second.key(), key);
    assertEquals(content(second), secret.look());
  }

  @Test
  void directoryThatIsWatchedIsAskedAlone() throws IOException {
    Path watched = Files.createDirectory(folder.resolve("watched"));
    secret = new FileSecret(named(Optional.of(watched.toString())));
    assertEquals(content(first), secret.look());
    moveIn(second.chain(), chain);
    moveIn(second.key(), key);
    assertEquals(Optional.empty(), secret.look());
    Files.setLastModifiedTime(watched, FileTime.fromMillis(1));
    assertEquals(content(second), secret.look());
  }

  @Test
  void keyIsNotShown() throws IOException {
    String line = Files.readString(first.key()).lines().skip(1).findFirst().orElseThrow();
    assertFalse(content(first).toString().contains(line));
    Files.writeString(folder.resolve("new"), Files.readString(first.key()).replace("BEGIN", "B"));
    Files.move(folder.resolve("new"), key, StandardCopyOption.ATOMIC_MOVE);
    assertEquals(useless("tls_certificate.private_key: has no private key in PEM"), secret.look());
  }
}
