package dev.weir.sidecar.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the other commands hear of who is up. */
class ControlTest {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Up.Limits LIMITS = new Up.Limits(Duration.ZERO, 1, LONG, LONG);

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("control");
  }

  private ServerSocketChannel listening() throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(file()));
    return server;
  }

  /** Who has asked. */
  private static SocketChannel asked(ServerSocketChannel server) throws IOException {
    SocketChannel asker = server.accept();
    assertEquals(5, asker.read(ByteBuffer.allocate(8)));
    return asker;
  }

  @Test
  void whoIsThereAndSaysNothingIsNotWaitedForForEver() throws Exception {
    try (ServerSocketChannel _ = listening()) {
      IOException silence =
          assertThrows(IOException.class, () -> Control.ask(file(), "down", Duration.ofMillis(50)));
      assertInstanceOf(Control.Silence.class, silence);
      assertEquals("there is no answer for 0.05 s", silence.getMessage());
    }
  }

  @Test
  void nobodyThereIsNoSilence() {
    IOException nobody =
        assertThrows(IOException.class, () -> Control.ask(file(), "down", Duration.ofMillis(50)));
    assertFalse(nobody instanceof Control.Silence);
  }

  @Test
  void signsOfLifeAreNoPartOfTheAnswer() throws Exception {
    try (ServerSocketChannel server = listening()) {
      FutureTask<Control.Answer> asked = new FutureTask<>(() -> Control.ask(file(), "down", LONG));
      Thread.ofVirtual().start(asked);
      try (SocketChannel asker = asked(server)) {
        for (String part : List.of("\n", "\n", "0\na-1 did not", " end\n")) {
          asker.write(ByteBuffer.wrap(part.getBytes(StandardCharsets.US_ASCII)));
        }
      }
      assertEquals(new Control.Answer(0, List.of("a-1 did not end")), asked.get());
    }
  }

  @Test
  void oneThatEndsWithoutAnAnswerHasEnded() throws Exception {
    try (ServerSocketChannel server = listening()) {
      FutureTask<Control.Answer> asked = new FutureTask<>(() -> Control.ask(file(), "down", LONG));
      Thread.ofVirtual().start(asked);
      asked(server).close();
      assertEquals(new Control.Answer(1, List.of("it ended meanwhile")), asked.get());
    }
  }

  @Test
  void whatIsAskedIsAnsweredByWhoIsUp() throws Exception {
    Folders folders = Folders.of(folder, Optional.of(folder.toString()));
    try (Journal journal = Journal.create(folder, Optional.empty())) {
      Up up = new Up(List.of(), folder.resolve("weir"), folders, journal, LIMITS);
      try (Control _ = Control.start(file(), up)) {
        assertEquals(new Control.Answer(0, List.of()), Control.ask(file(), "down", LONG));
        assertEquals(1, Control.ask(file(), "restart cart", LONG).status());
        assertEquals(
            new Control.Answer(1, List.of("there is no service cart; there are: ")),
            Control.ask(file(), "known cart", LONG));
        assertEquals(1, Control.ask(file(), "nonsense", LONG).status());
      }
    }
  }

  /** The program ends when it is closed: an answer that was under way would be lost. */
  @Test
  void whoWasHeardIsAnsweredBeforeItIsClosed() throws Exception {
    Folders folders = Folders.of(folder, Optional.of(folder.toString()));
    try (Journal journal = Journal.create(folder, Optional.empty());
        SocketChannel asker = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      Up up = new Up(List.of(), folder.resolve("weir"), folders, journal, LIMITS);
      Control control = Control.start(file(), up, LONG);
      asker.connect(UnixDomainSocketAddress.of(file()));
      assertEquals(0, Control.ask(file(), "ps", LONG).status()); // the one before is accepted
      FutureTask<Boolean> closed = new FutureTask<>(() -> closed(control));
      Thread.ofVirtual().start(closed);
      assertThrows(TimeoutException.class, () -> closed.get(50, TimeUnit.MILLISECONDS));
      asker.write(ByteBuffer.wrap("down\n".getBytes(StandardCharsets.US_ASCII)));
      assertTrue(closed.get());
      ByteBuffer answer = ByteBuffer.allocate(8);
      asker.configureBlocking(false);
      assertEquals(2, asker.read(answer));
      assertEquals("0\n", StandardCharsets.US_ASCII.decode(answer.flip()).toString());
    }
  }

  @Test
  void whoNeverAsksDoesNotHoldTheEnd() throws Exception {
    Folders folders = Folders.of(folder, Optional.of(folder.toString()));
    try (Journal journal = Journal.create(folder, Optional.empty());
        SocketChannel asker = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      Up up = new Up(List.of(), folder.resolve("weir"), folders, journal, LIMITS);
      Control control = Control.start(file(), up, Duration.ofMillis(50));
      asker.connect(UnixDomainSocketAddress.of(file()));
      assertTimeoutPreemptively(LONG, () -> closed(control));
    }
  }

  private static boolean closed(Control control) throws IOException {
    control.close();
    return true;
  }
}
