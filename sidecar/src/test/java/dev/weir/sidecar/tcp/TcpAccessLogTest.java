package dev.weir.sidecar.tcp;

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
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A relayed connection leaves one line, when it is over. */
class TcpAccessLogTest {
  private static final String HOW =
      "%RESPONSE_FLAGS% %WEIR_CAUSE% %UPSTREAM_TRANSPORT_FAILURE_REASON% %UPSTREAM_CLUSTER% %UPSTREAM_HOST% %UPSTREAM_REQUEST_ATTEMPT_COUNT%";

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("log");
  }

  /** A log of a {@code tcp_proxy}. */
  private String log(String format, String filter) {
    return """
    access_log: [{name: file%s, typed_config: {"@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: %s, log_format: {text_format: "%s\\n"}}}]\
    """
        .formatted(filter.isEmpty() ? "" : ", filter: {" + filter + "}", file(), format);
  }

  private List<String> lines() {
    try {
      return Files.exists(file()) ? Files.readAllLines(file()) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String line() {
    Await.until(() -> !lines().isEmpty());
    assertEquals(1, lines().size());
    return lines().getFirst();
  }

  private static void write(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String read(Socket from, int count) throws IOException {
    return new String(from.getInputStream().readNBytes(count), StandardCharsets.US_ASCII);
  }

  /** Closed out without a word. */
  private static void metNobody(TestSidecar sidecar) throws IOException {
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      client.setSoTimeout(5000);
      assertThrows(SocketException.class, () -> client.getInputStream().read());
    }
  }

  /**
   * @param cluster where it leads
   * @param proxy a field of the {@code tcp_proxy}
   * @param app fields of the cluster {@code app}
   */
  private static String relay(String cluster, String proxy, String app) {
    return """
    static_resources:
      listeners:
      - name: in
        address: {socket_address: {address: 127.0.0.1, port_value: 0}}
        filter_chains:
        - filters:
          - name: tcp
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: in, cluster: %s, %s}
      clusters:
      - {name: app, type: STATIC, %s}
    """
        .formatted(cluster, proxy, app);
  }

  @Test
  void lineTellsWhoWhereAndHowMuch() throws Exception {
    String format =
        "%BYTES_RECEIVED% %BYTES_SENT% %UPSTREAM_CLUSTER% %UPSTREAM_HOST% %RESPONSE_FLAGS% %DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %UPSTREAM_REQUEST_ATTEMPT_COUNT% %WEIR_CAUSE%";
    try (TcpRelay relay = new TcpRelay(log(format, ""))) {
      String client;
      String server;
      try (Socket from = relay.client();
          Socket to = relay.server()) {
        write(from, "question");
        assertEquals("question", read(to, 8));
        write(to, "an answer");
        assertEquals("an answer", read(from, 9));
        client = "127.0.0.1:" + from.getLocalPort();
        server = "127.0.0.1:" + to.getLocalPort();
        assertTrue(lines().isEmpty());
      }
      assertEquals(
          "8 9 app %s - %s 127.0.0.1:%d 1 -".formatted(server, client, relay.sidecar().port()),
          line());
    }
  }

  @Test
  void whatIsOfHttpIsNotThere() throws Exception {
    String format =
        "%PROTOCOL% %RESPONSE_CODE% %RESPONSE_CODE_DETAILS% %REQ(:METHOD)% %RESP(x-a)% %ROUTE_NAME% %VIRTUAL_HOST_NAME% %TRACE_ID% %CONNECTION_TERMINATION_DETAILS%";
    try (TcpRelay relay = new TcpRelay(log(format, ""))) {
      try (Socket from = relay.client();
          Socket to = relay.server()) {
        write(from, "a");
        assertEquals("a", read(to, 1));
      }
      assertEquals("- 0 - - - - - - -", line());
    }
  }

  @Test
  void durationIsThatOfTheConnection() throws Exception {
    try (TcpRelay relay = new TcpRelay(log("%DURATION%", ""))) {
      long began;
      long heard;
      try (Socket from = relay.client();
          Socket to = relay.server()) {
        write(from, "a");
        assertEquals("a", read(to, 1));
        began = System.nanoTime();
        Await.until(() -> System.nanoTime() - began > 30_000_000);
        heard = System.nanoTime() - began;
      }
      assertTrue(Long.parseLong(line()) >= heard / 1_000_000 - 1, line());
    }
  }

  @Test
  void instanceThatRefusesIsToldWithItsAddress() throws Exception {
    try (ClosedPort closed = new ClosedPort();
        TcpRelay relay = new TcpRelay(log(HOW, ""), closed.port())) {
      relay.stopListening();
      metNobody(relay.sidecar());
      assertTrue(
          line().startsWith("UF,URX connect-failure connection_refused app 127.0.0.1:"), line());
      assertTrue(line().endsWith(" 1"), line());
    }
  }

  @Test
  void whoIsMetInTheEndIsToldWithoutTheFailureBefore() throws Exception {
    try (ClosedPort closed = new ClosedPort();
        TcpRelay relay = new TcpRelay("max_connect_attempts: 2\n" + log(HOW, ""), closed.port())) {
      try (Socket from = relay.client();
          Socket to = relay.server()) {
        write(from, "a");
        assertEquals("a", read(to, 1));
      }
      assertTrue(line().startsWith("- - - app 127.0.0.1:"), line());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "app, 'load_assignment: {cluster_name: app}', UH no-healthy-upstream - app - 0",
    "app, 'circuit_breakers: {thresholds: [{max_connections: 0}]}, load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}', UO max-connections - app - 0",
    "other, 'load_assignment: {cluster_name: app}', NC no-cluster - other - 0",
  })
  void connectionThatMeetsNobodySaysWhy(String cluster, String of, String line) throws Exception {
    String yaml = relay(cluster, log(HOW, ""), of);
    try (TestSidecar sidecar = TestSidecar.start(yaml, 1)) {
      metNobody(sidecar);
      assertEquals(line, line());
    }
  }

  @Test
  void serverThatResetsIsToldInItsLine() throws Exception {
    try (TcpRelay relay = new TcpRelay(log(HOW, ""))) {
      try (Socket from = relay.client();
          Socket to = relay.server()) {
        write(to, "a");
        assertEquals("a", read(from, 1));
        to.setSoLinger(true, 0);
        to.close();
        assertThrows(IOException.class, () -> from.getInputStream().read());
      }
      assertTrue(line().startsWith("- - connection_reset app 127.0.0.1:"), line());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'status_code_filter: {comparison: {op: GE, value: {default_value: 100, runtime_key: x}}}', false",
    "'status_code_filter: {comparison: {op: EQ, value: {default_value: 0, runtime_key: x}}}', true",
    "'response_flag_filter: {}', false",
    "'duration_filter: {comparison: {op: LE, value: {default_value: 60000, runtime_key: x}}}', true",
    "'traceable_filter: {}', false",
  })
  void statusOfAConnectionIsZero(String filter, boolean in) throws Exception {
    try (TcpRelay relay = new TcpRelay(log("it", filter))) {
      try (Socket from = relay.client();
          Socket to = relay.server()) {
        write(from, "a");
        assertEquals("a", read(to, 1));
      }
      Await.until(() -> relay.sidecar().stat("tcp.in.downstream_cx_active") == 0);
      relay.sidecar().close(); // what is logged is written
      assertEquals(in ? List.of("it") : List.of(), lines());
    }
  }

  @Test
  void onlyFailuresAreLoggedWhereFlagsAreAskedFor() throws Exception {
    try (TcpRelay relay =
        new TcpRelay(log("%RESPONSE_FLAGS%", "response_flag_filter: {flags: [UF]}"))) {
      relay.stopListening();
      metNobody(relay.sidecar());
      assertEquals("UF,URX", line());
    }
  }

  /**
   * @param rules of the filter before the relay, {@code rules} or {@code shadow_rules}
   */
  private String guarded(String rules, String format) {
    return """
    static_resources:
      listeners:
      - name: in
        address: {socket_address: {address: 127.0.0.1, port_value: 0}}
        filter_chains:
        - filters:
          - name: rbac
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC
              stat_prefix: in
              %s: {action: ALLOW, policies: {shop/p: {permissions: [{any: true}], principals: [{direct_remote_ip: {address_prefix: 10.0.0.0, prefix_len: 8}}]}}}
          - name: tcp
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: in, cluster: none, %s}
    """
        .formatted(rules, log(format, ""));
  }

  @Test
  void whoMayNotConnectLeavesALine() throws Exception {
    String yaml =
        guarded("rules", "%CONNECTION_TERMINATION_DETAILS% %WEIR_CAUSE% %RESPONSE_FLAGS%");
    try (TestSidecar sidecar = TestSidecar.start(yaml, 1);
        Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      assertEquals(-1, client.getInputStream().read());
      assertEquals("rbac_access_denied_matched_policy[none] forbidden;policy=\"shop/p\" -", line());
    }
  }

  @Test
  void whomAPolicyInShadowWouldRefuseIsInTheLine() throws Exception {
    String yaml =
        guarded(
            "shadow_rules",
            "%CONNECTION_TERMINATION_DETAILS% %WEIR_SHADOW_CAUSE% %DYNAMIC_METADATA(envoy.filters.network.rbac:shadow_engine_result)%");
    try (TestSidecar sidecar = TestSidecar.start(yaml, 1)) {
      metNobody(sidecar);
      assertEquals("- forbidden;policy=\"shop/p\" denied", line());
    }
  }

  @Test
  void formatThatIsWrongIsRefusedWithItsPlace() {
    String yaml = relay("app", log("%NONE%", ""), "load_assignment: {cluster_name: app}");
    AssertionError refused =
        assertThrows(AssertionError.class, () -> TestSidecar.start(yaml, 1).close());
    assertTrue(
        String.valueOf(refused.getMessage())
            .contains("filter_chains[0].filters[0].typed_config.access_log[0]"),
        refused.getMessage());
  }
}
