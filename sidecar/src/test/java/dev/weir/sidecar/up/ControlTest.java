package dev.weir.sidecar.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the other commands hear of who is up. */
class ControlTest {
  private static final Duration LONG = Duration.ofSeconds(10);

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
          asker.write(ByteBuffer.wrap(part.getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
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
      Up up = new Up(List.of(), folder.resolve("weir"), folders, journal, Duration.ZERO, 1);
      try (Control _ = Control.start(file(), up)) {
        assertEquals(new Control.Answer(0, List.of()), Control.ask(file(), "down", LONG));
        assertEquals(1, Control.ask(file(), "restart cart", LONG).status());
        assertEquals(1, Control.ask(file(), "nonsense", LONG).status());
      }
    }
  }
}
