package dev.weir.sidecar.member;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppPortsTest {
  @TempDir Path folder;

  @Test
  void whatTheKernelSaysIsReadAsAddresses() throws IOException {
    Files.writeString(
        folder.resolve("tcp"),
        """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
           0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0
           1: 0200580A:1F91 0100580A:9999 01 00000000:00000000 00:00000000 00000000     0
        """);
    Files.writeString(
        folder.resolve("tcp6"),
        """
          sl  local_address                         remote_address                        st
           0: 00000000000000000000000001000000:1FBB 00000000000000000000000000000000:0000 0A 0
        """);

    assertEquals(
        List.of(
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 8080),
            new InetSocketAddress(InetAddress.ofLiteral("::1"), 8123)),
        Listening.in(folder));
  }

  @Test
  void anAppOnTheOtherLoopbackIsReachedAtThisOneAsLongAsItLives() throws IOException {
    InetAddress six = InetAddress.ofLiteral("::1");
    InetAddress four = InetAddress.ofLiteral("127.0.0.1");
    try (ServerSocket app = new ServerSocket(0, 50, six)) {
      int port = app.getLocalPort();
      try (AppPorts _ = new AppPorts(List.of(port), Set.of(), true, line -> {}).start();
          Socket caller = reached(four, port)) {
        try (Socket accepted = app.accept()) {
          accepted.getOutputStream().write('a');
        }
        assertEquals('a', caller.getInputStream().read());
      }
      assertTrue(refused(four, port));
    }
  }

  private static Socket reached(InetAddress address, int port) {
    while (true) {
      try {
        return new Socket(address, port);
      } catch (IOException e) {
        Thread.onSpinWait();
      }
    }
  }

  private static boolean refused(InetAddress address, int port) {
    try (Socket _ = new Socket(address, port)) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }
}
