package dev.weir.sidecar.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RelayTest {
  @TempDir Path folder;
  private ServerSocket app;

  @BeforeEach
  void start() throws IOException {
    app = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void stop() throws IOException {
    app.close();
  }

  private SocketChannel toApp() throws IOException {
    return SocketChannel.open(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), app.getLocalPort()));
  }

  private static String rest(SocketChannel channel) throws IOException {
    return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void eachSideEndsWhenTheOtherDoesAndNotBefore() throws IOException {
    UnixDomainSocketAddress door = UnixDomainSocketAddress.of(folder.resolve("door"));
    try (Relay _ = Relay.start(door, this::toApp);
        SocketChannel caller = SocketChannel.open(door)) {
      caller.write(ByteBuffer.wrap("ask".getBytes(StandardCharsets.UTF_8)));
      caller.shutdownOutput();
      try (Socket accepted = app.accept()) {
        assertEquals(
            "ask", new String(accepted.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        accepted.getOutputStream().write("answer".getBytes(StandardCharsets.UTF_8));
      }
      assertEquals("answer", rest(caller));
    }
  }

  @Test
  void whoCannotBeJoinedIsTold() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    app.close();
    try (Relay relay = Relay.start(any, this::toApp);
        SocketChannel caller = SocketChannel.open(relay.address())) {
      assertEquals("", rest(caller));
    }
  }

  @Test
  void aFileThatNobodyListensAtIsNoObstacle() throws IOException {
    UnixDomainSocketAddress door = UnixDomainSocketAddress.of(folder.resolve("door"));
    Relay.start(door, this::toApp).close();
    assertEquals(true, Files.exists(door.getPath()));

    Relay.start(door, this::toApp).close();
  }

  @Test
  void aPortThatIsTakenIsRefused() {
    assertThrows(
        BindException.class,
        () ->
            Relay.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), app.getLocalPort()),
                this::toApp));
  }
}
