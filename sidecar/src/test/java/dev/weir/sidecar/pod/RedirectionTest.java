package dev.weir.sidecar.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.log.LogOptions;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** With rules it is tested in a network namespace: scripts/test-namespaces.sh. */
class RedirectionTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private static InetSocketAddress at(int port) {
    return new InetSocketAddress(LOOPBACK, port);
  }

  @Test
  void callThatNobodyTakesIsNotRedirected() throws Exception {
    try (ClosedPort nobody = new ClosedPort()) {
      assertFalse(new Redirection(at(nobody.port()), 0).inForce());
    }
  }

  @Test
  void callThatTheAppTakesIsNotRedirected() throws Exception {
    try (ServerSocket app = new ServerSocket(0, 8, LOOPBACK)) {
      assertFalse(new Redirection(at(app.getLocalPort()), 0).inForce());
    }
  }

  @Test
  void inboundPortThatIsTakenIsSaid() throws Exception {
    try (ServerSocket app = new ServerSocket(0)) {
      IOException taken =
          assertThrows(IOException.class, new Redirection(at(1), app.getLocalPort())::inForce);
      assertTrue(
          String.valueOf(taken.getMessage()).startsWith("port " + app.getLocalPort()),
          taken.getMessage());
    }
  }

  /** Nothing of the sidecar is there before: the kubelet's probe fails for as long. */
  @Test
  void podWithoutRulesWaitsForThemAndSaysSoOnce() throws Exception {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (ClosedPort nobody = new ClosedPort()) {
      Thread pod = waiting(new Redirection(at(nobody.port()), 0), err);
      try {
        Await.until(() -> err.size() > 0);
        assertTrue(pod.isAlive());
        String said = err.toString(StandardCharsets.UTF_8);
        assertTrue(said.contains("pod shop/cart-0 are not redirected"), said);
        assertTrue(said.contains("kubectl -n shop delete pod cart-0"), said);
        assertEquals(1, said.lines().count(), said);
      } finally {
        pod.interrupt();
        pod.join();
      }
    }
  }

  private static Thread waiting(Redirection redirection, ByteArrayOutputStream err) {
    return Thread.startVirtualThread(() -> {
      try {
        Main.awaitRedirection(
            arguments(),
            redirection,
            Duration.ofMillis(1),
            new PrintStream(err, true, StandardCharsets.UTF_8)::println);
      } catch (IOException | InterruptedException e) {
        // It is ended.
      }
    });
  }

  private static Arguments arguments() {
    return new Arguments(
        "cart-0",
        "shop",
        "cart",
        "10.244.0.5",
        new Arguments.HostAndPort("control-plane", 15012),
        "cluster.local",
        Path.of("roots"),
        Path.of("token"),
        Path.of("run"),
        15021,
        List.of(),
        LogOptions.standard(),
        List.of());
  }
}
