package dev.weir.sidecar.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains that are told apart by what is spoken: HTTP is answered here, all else is relayed. */
class FirstBytesTest {
  @TempDir Path folder;

  private Path log;
  private ServerSocket server;

  @SuppressWarnings("NullAway.Init") // each test starts its own
  private TestSidecar sidecar;

  @BeforeEach
  void listen() throws IOException {
    log = folder.resolve("log");
    server = new ServerSocket();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    server.setSoTimeout(5000);
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    server.close();
  }

  private void start(String listener) {
    sidecar =
        TestSidecar.start(
            """
            static_resources:
              listeners:
              - name: in
                address: {socket_address: {address: 127.0.0.1, port_value: 0}}
                %s
                filter_chains:
                - filter_chain_match: {application_protocols: [http/1.1, h2c]}
                  filters:
                  - name: http
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      stat_prefix: in
                      route_config: {virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, direct_response: {status: 200, body: {inline_string: http}}}]}]}
                      http_filters: [{name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]
                default_filter_chain:
                  filters:
                  - name: tcp
                    typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: in, cluster: app, access_log: [{name: file, typed_config: {"@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: %s, log_format: {text_format: "%%RESPONSE_FLAGS%%\\n"}}}]}
              clusters:
              - name: app
                type: STATIC
                load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]}
            """
                .formatted(listener, log, server.getLocalPort()),
            1);
  }

  private Socket client() throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.port());
    client.setTcpNoDelay(true);
    client.setSoTimeout(5000);
    return client;
  }

  private static void write(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String readAll(Socket from) throws IOException {
    return new String(from.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
  }

  /** {@code text}, in two parts cut at {@code cut}, is what the server reads; it can answer. */
  private void expectRelayed(String text, int cut) throws IOException {
    try (Socket client = client()) {
      write(client, text.substring(0, cut));
      write(client, text.substring(cut));
      client.shutdownOutput();
      try (Socket accepted = server.accept()) {
        accepted.setSoTimeout(5000);
        assertEquals(text, readAll(accepted), () -> "cut at " + cut);
        write(accepted, "bye");
        accepted.shutdownOutput();
        assertEquals("bye", readAll(client));
      }
    }
  }

  @Test
  void requestCutAtAnyByteIsAnswered() throws IOException {
    start("");
    String request = "GET / HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n";
    for (int cut = 1; cut < request.length(); cut++) {
      try (Socket client = client()) {
        write(client, request.substring(0, cut));
        write(client, request.substring(cut));
        String answer = readAll(client);
        assertEquals("http", answer.substring(answer.length() - 4));
      }
    }
  }

  @Test
  void otherBytesCutAnywhereAreRelayedWhole() throws IOException {
    start("");
    String junk = "HELO there\r\n";
    for (int cut = 0; cut <= junk.length(); cut++) {
      expectRelayed(junk, cut);
    }
  }

  @Test
  void fewBytesOfAClientThatSaysNoMoreAreRelayed() throws IOException {
    start("");
    expectRelayed("hi", 1);
    expectRelayed("GET", 3);
    expectRelayed("PRI * HTTP/2.0\r\n", 5);
  }

  @Test
  void endlessFirstLineIsRelayedAndNotKept() throws IOException {
    start("");
    String line = "SET a" + "a".repeat(200_000);
    expectRelayed(line, 8000);
    expectRelayed("a".repeat(140), 10);
  }

  /**
   * What an app may take for a request is looked at as one: the relay would pass all policies by.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "%s / HTTP/1.1\r\n",
        "GET /%s HTTP/1.1\r\n",
        "GET / HTTP/1.1 \r\n",
        "\r\nGET / HTTP/1.1\r\n",
        "GET / http/1.1\r\n",
        " GET / HTTP/1.1\r\n",
        "GET\t/ HTTP/1.1\r\n",
        "GET / HTTP/2.0\r\n",
        "GET /\r\n"
      })
  void whatAnAppMightTakeForARequestIsNotRelayed(String line) throws IOException {
    start("");
    String filler = line.startsWith("%s") ? "A".repeat(100) : "a".repeat(9000);
    String request = line.formatted(filler) + "Host: app\r\nConnection: close\r\n\r\n";
    try (Socket client = client()) {
      write(client, request.substring(0, 10));
      write(client, request.substring(10));
      assertTrue(readAll(client).startsWith("HTTP/1.1 "));
      assertEquals(0, sidecar.stat("cluster.app.upstream_cx_total"));
    }
  }

  @Test
  void silentClientIsRelayedAfterTheTimeoutIfItMayGoOn() throws IOException {
    start("listener_filters_timeout: 0.1s\n    continue_on_listener_filters_timeout: true");
    try (Socket client = client();
        Socket accepted = server.accept()) {
      write(accepted, "220 ready\r\n");
      assertEquals('2', client.getInputStream().read());
    }
  }

  @Test
  void silentClientIsClosedAfterTheTimeoutElse() throws IOException {
    start("listener_filters_timeout: 0.1s");
    try (Socket client = client()) {
      assertEquals(-1, client.getInputStream().read());
    }
    try (Socket client = client()) {
      write(client, "GET"); // too little is as good as nothing
      assertEquals(-1, client.getInputStream().read());
    }
  }

  /** Without a limit of time: only what either side says decides. */
  private static final String UNTIL_SPOKEN =
      "listener_filters_timeout: 0s\n    continue_on_listener_filters_timeout: true";

  @Test
  void serverMaySpeakFirst() throws IOException {
    start(UNTIL_SPOKEN);
    for (int i = 0; i < 3; i++) {
      try (Socket client = client();
          Socket accepted = server.accept()) {
        accepted.setSoTimeout(5000);
        write(accepted, "220 ready\r\n");
        assertEquals('2', client.getInputStream().read());
        write(client, "GET / HTTP/1.1\r\n\r\n"); // it is the server's now, whatever it looks like
        assertEquals('G', accepted.getInputStream().read());
      }
    }
  }

  @Test
  void clientThatSpeaksLateIsUnderstoodAndItsServerIsLeft() throws IOException {
    start(UNTIL_SPOKEN);
    try (Socket client = client();
        Socket accepted = server.accept()) {
      accepted.setSoTimeout(5000);
      write(client, "GET / HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n");
      String answer = readAll(client);
      assertEquals("http", answer.substring(answer.length() - 4));
      assertEquals(-1, accepted.getInputStream().read());
    }
  }

  @Test
  void whatIsNotHttpGoesToTheServerThatWaits() throws IOException {
    start(UNTIL_SPOKEN);
    try (Socket client = client();
        Socket accepted = server.accept()) {
      accepted.setSoTimeout(5000);
      write(client, "PING\r\n");
      assertEquals('P', accepted.getInputStream().read());
      write(accepted, "+PONG\r\n");
      assertEquals('+', client.getInputStream().read());
    }
  }

  @Test
  void serverThatLeavesASilentClientIsPassedOn() throws IOException {
    start(UNTIL_SPOKEN);
    try (Socket client = client()) {
      server.accept().close();
      assertEquals(-1, client.getInputStream().read());
    }
  }

  @Test
  void silentClientThatSaysNoMoreMayStillHear() throws IOException {
    start(UNTIL_SPOKEN);
    try (Socket client = client()) {
      client.shutdownOutput();
      try (Socket accepted = server.accept()) {
        write(accepted, "220 ready\r\n");
        accepted.shutdownOutput();
        assertEquals("220 ready\r\n", readAll(client));
      }
    }
  }

  @Test
  void silentClientThatLeavesTakesItsServerAlong() throws IOException {
    start(UNTIL_SPOKEN);
    Socket client = client();
    try (Socket accepted = server.accept()) {
      accepted.setSoTimeout(5000);
      client.close();
      assertEquals(-1, accepted.getInputStream().read());
    }
  }

  @Test
  void serverThatIsDownDoesNotCostASilentClientItsConnection() throws IOException {
    start(UNTIL_SPOKEN);
    server.close();
    try (Socket client = client()) {
      Await.until(() -> sidecar.stat("cluster.app.upstream_cx_connect_fail") > 0);
      write(client, "GET / HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n");
      String answer = readAll(client);
      assertEquals("http", answer.substring(answer.length() - 4));
    }
  }

  @Test
  void serverThatComesLateIsHeardByAClientThatWaits() throws IOException {
    start(UNTIL_SPOKEN);
    server.close();
    try (Socket client = client()) {
      Await.until(() -> sidecar.stat("cluster.app.upstream_cx_connect_fail") > 1);
      ServerSocket late = new ServerSocket();
      late.setReuseAddress(true);
      late.bind(server.getLocalSocketAddress());
      server = late;
      late.setSoTimeout(5000);
      try (Socket accepted = late.accept()) {
        write(accepted, "220 ready\r\n");
        assertEquals('2', client.getInputStream().read());
      }
    }
  }

  @Test
  void clientOfAServerThatSpeaksFirstIsResetWhenThatIsDown() throws IOException {
    start(UNTIL_SPOKEN);
    try (Socket client = client();
        Socket accepted = server.accept()) {
      write(accepted, "220 ready\r\n");
      assertEquals('2', client.getInputStream().read());
    }
    server.close();
    Await.until(() -> log.toFile().length() == 2);
    try (Socket client = client()) {
      assertThrows(SocketException.class, () -> client.getInputStream().read());
    }
    Await.until(() -> log.toFile().length() > 2);
    assertEquals("-\nUF,URX\n", Files.readString(log));
  }

  @Test
  void serverThatOnlyLeavesIsNotTakenForOneThatSpeaksFirst() throws IOException {
    start(UNTIL_SPOKEN);
    try (Socket client = client()) {
      server.accept().close();
      assertEquals(-1, client.getInputStream().read());
    }
    long before = sidecar.stat("cluster.app.upstream_cx_total");
    try (Socket client = client()) {
      write(client, "GET / HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n");
      assertTrue(readAll(client).startsWith("HTTP/1.1 200"));
    }
    assertEquals(before, sidecar.stat("cluster.app.upstream_cx_total"));
  }

  @Test
  void whereAClientSpokeFirstNoServerIsExpectedToAnyMore() throws IOException {
    start(UNTIL_SPOKEN);
    try (Socket client = client();
        Socket accepted = server.accept()) {
      write(accepted, "220 ready\r\n");
      assertEquals('2', client.getInputStream().read());
    }
    for (int i = 0; i < 2; i++) {
      try (Socket client = client()) {
        write(client, "GET / HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n");
        assertTrue(readAll(client).startsWith("HTTP/1.1 200"));
      }
    }
    assertEquals(2, sidecar.stat("cluster.app.upstream_cx_total"));
  }
}
