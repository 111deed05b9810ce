package dev.weir.sidecar.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TcpRelay;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is relayed arrives, whole and no faster than it is read; and both ends end together. */
@Tag("slow")
class TcpProxyTest {
  private static final int LARGE = 8 << 20;

  private static void write(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** All that comes until the other side has said that nothing more does. */
  private static String readAll(Socket from) throws IOException {
    return new String(from.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
  }

  private static byte[] random(int seed) {
    byte[] bytes = new byte[LARGE];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static Thread sending(Socket to, byte[] bytes) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            to.getOutputStream().write(bytes);
            to.shutdownOutput();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static FutureTask<byte[]> receiving(Socket from) {
    FutureTask<byte[]> all = new FutureTask<>(() -> from.getInputStream().readAllBytes());
    Thread.ofVirtual().start(all);
    return all;
  }

  @Test
  void clientThatHasSaidAllStillReadsAll() throws Exception {
    try (TcpRelay relay = new TcpRelay("");
        Socket client = relay.client();
        Socket server = relay.server()) {
      write(client, "question");
      client.shutdownOutput();
      assertEquals("question", readAll(server));
      byte[] answer = random(1);
      sending(server, answer);
      assertArrayEquals(answer, client.getInputStream().readAllBytes());
      Await.until(() -> relay.sidecar().stat("tcp.in.downstream_cx_active") == 0);
      assertEquals(8, relay.sidecar().stat("tcp.in.downstream_cx_rx_bytes_total"));
      assertEquals(LARGE, relay.sidecar().stat("tcp.in.downstream_cx_tx_bytes_total"));
    }
  }

  /** Reads what comes, and then what the end is: a reset is an exception. */
  private static void readsUntilReset(Socket socket, String expected) throws IOException {
    byte[] seen = socket.getInputStream().readNBytes(expected.length());
    assertEquals(expected, new String(seen, StandardCharsets.US_ASCII));
    SocketException reset =
        assertThrows(SocketException.class, () -> socket.getInputStream().read());
    assertTrue(String.valueOf(reset.getMessage()).contains("reset"), reset.toString());
  }

  private static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Test
  void aServersResetIsNoProperEndForTheClient() throws Exception {
    try (TcpRelay relay = new TcpRelay("");
        Socket client = relay.client();
        Socket server = relay.server()) {
      write(server, "half of it");
      assertEquals('h', client.getInputStream().read());
      reset(server);
      readsUntilReset(client, "alf of it");
    }
  }

  @Test
  void aClientsResetIsNoProperEndForTheServer() throws Exception {
    try (TcpRelay relay = new TcpRelay("");
        Socket client = relay.client();
        Socket server = relay.server()) {
      write(client, "half of it");
      assertEquals('h', server.getInputStream().read());
      reset(client);
      readsUntilReset(server, "alf of it");
    }
  }

  @Test
  void serverThatHasSaidAllStillReadsAll() throws Exception {
    try (TcpRelay relay = new TcpRelay("");
        Socket client = relay.client();
        Socket server = relay.server()) {
      write(server, "banner");
      server.shutdownOutput();
      assertEquals("banner", readAll(client));
      byte[] late = random(2);
      sending(client, late);
      assertArrayEquals(late, server.getInputStream().readAllBytes());
      Await.until(() -> relay.sidecar().stat("cluster.app.upstream_cx_active") == 0);
    }
  }

  @Test
  void clientThatHasSaidAllBeforeTheServerIsReachedIsHeard() throws Exception {
    try (TcpRelay relay = new TcpRelay("")) {
      try (Socket client = relay.client()) {
        write(client, "all");
        client.shutdownOutput();
        try (Socket server = relay.server()) {
          assertEquals("all", readAll(server));
          write(server, "heard");
          server.shutdownOutput();
          assertEquals("heard", readAll(client));
        }
      }
    }
  }

  @Test
  void largeTransfersBothWaysAtOnceArriveWhole() throws Exception {
    try (TcpRelay relay = new TcpRelay("");
        Socket client = relay.client();
        Socket server = relay.server()) {
      byte[] up = random(3);
      byte[] down = random(4);
      sending(client, up);
      sending(server, down);
      FutureTask<byte[]> atServer = receiving(server);
      assertArrayEquals(down, client.getInputStream().readAllBytes());
      assertArrayEquals(up, atServer.get(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void readerThatStopsHoldsTheSenderBackAndTheOtherWayGoesOn() throws Exception {
    try (TcpRelay relay = new TcpRelay("");
        Socket client = relay.client();
        Socket server = relay.server()) {
      client.setOption(StandardSocketOptions.SO_SNDBUF, 64 << 10);
      AtomicLong sent = new AtomicLong();
      int parts = 1024;
      byte[] part = new byte[64 << 10];
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  for (int i = 0; i < parts; i++) {
                    client.getOutputStream().write(part);
                    sent.addAndGet(part.length);
                  }
                  client.shutdownOutput();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      long all = (long) parts * part.length;
      // Round trips the other way until the sender has got no further during a hundred of them.
      long before = -1;
      while (before != sent.get() || before == 0) {
        before = sent.get();
        for (int i = 0; i < 100; i++) {
          server.getOutputStream().write('p');
          assertEquals('p', client.getInputStream().read());
        }
      }
      assertTrue(before < all / 2, before + " bytes left the client: more than the kernel holds");
      assertEquals(
          all, server.getInputStream().transferTo(java.io.OutputStream.nullOutputStream()));
      sender.join();
    }
  }

  @Test
  void hostThatRefusesIsFollowedByAnotherWithinTheAttempts() throws Exception {
    try (ClosedPort closed = new ClosedPort();
        TcpRelay relay = new TcpRelay("max_connect_attempts: 2", closed.port())) {
      for (int i = 0; i < 2; i++) { // round robin begins at one of the two
        try (Socket client = relay.client();
            Socket server = relay.server()) {
          write(client, "hello");
          client.shutdownOutput();
          assertEquals("hello", readAll(server));
        }
      }
      assertTrue(relay.sidecar().stat("cluster.app.upstream_cx_connect_fail") > 0);
    }
  }

  @Test
  void clientIsResetWhenNoHostTakesTheConnection() throws Exception {
    try (TcpRelay relay = new TcpRelay("")) {
      relay.stopListening();
      try (Socket client = relay.client()) {
        assertThrows(SocketException.class, () -> client.getInputStream().read());
      }
      assertEquals(1, relay.sidecar().stat("cluster.app.upstream_cx_connect_fail"));
      Await.until(() -> relay.sidecar().stat("tcp.in.downstream_cx_active") == 0);
    }
  }

  @Test
  void silenceForTheIdleTimeoutEndsBothSides() throws Exception {
    try (TcpRelay relay = new TcpRelay("idle_timeout: 1s");
        Socket client = relay.client();
        Socket server = relay.server()) {
      long start = System.nanoTime();
      long silent = start;
      while (silent - start < 1_500_000_000L) { // longer than the timeout, never silent
        silent = System.nanoTime();
        server.getOutputStream().write('p');
        assertEquals('p', client.getInputStream().read());
      }
      assertEquals(-1, client.getInputStream().read());
      assertEquals(-1, server.getInputStream().read());
      assertTrue(System.nanoTime() - silent > 900_000_000L, "not before its time");
    }
  }

  @Test
  void weightsSayHowManyConnectionsAClusterGets() throws Exception {
    try (ServerSocket often = listening();
        ServerSocket seldom = listening();
        TestSidecar sidecar =
            TestSidecar.start(
                """
                static_resources:
                  listeners:
                  - name: in
                    address: {socket_address: {address: 127.0.0.1, port_value: 0}}
                    filter_chains:
                    - filters:
                      - name: tcp
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                          stat_prefix: in
                          weighted_clusters: {clusters: [{name: often, weight: 9}, {name: seldom, weight: 1}]}
                  clusters:
                  - {name: often, type: STATIC, load_assignment: %s}
                  - {name: seldom, type: STATIC, load_assignment: %s}
                """
                    .formatted(assignment(often), assignment(seldom)),
                1)) {
      for (int i = 0; i < 200; i++) {
        new Socket(InetAddress.getLoopbackAddress(), sidecar.port()).close();
      }
      Await.until(() ->
          sidecar.stat("cluster.often.upstream_cx_total")
                  + sidecar.stat("cluster.seldom.upstream_cx_total")
              == 200);
      long few = sidecar.stat("cluster.seldom.upstream_cx_total");
      assertTrue(few > 0 && few < 60, few + " of 200"); // 20 of 200 are its share
    }
  }

  private static ServerSocket listening() throws IOException {
    return new ServerSocket(0, 300, InetAddress.getLoopbackAddress());
  }

  private static String assignment(ServerSocket server) {
    return "{cluster_name: c, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]}"
        .formatted(server.getLocalPort());
  }
}
