package dev.weir.sidecar.accesslog.otlp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.telemetry.otlp.ExportQueue;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCollector;
import dev.weir.testkit.TestCollector.ReceivedLog;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Access logs that a collector takes by OTLP, field by field, and what becomes of them without. */
@Tag("slow")
class OtlpLogsTest {
  private static final String STATS = "access_logs.open_telemetry_access_log.";
  private static final String WRITTEN = STATS + "logs_written";
  private static final String DROPPED = STATS + "logs_dropped";
  private static final String FORMAT =
      """
      body: {string_value: "%REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE%"}
      attributes: {values: [{key: status, value: {string_value: "%RESPONSE_CODE%"}}]}
      """;

  private TestUpstream app;
  private TestCollector collector;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("x");
    collector = new TestCollector();
  }

  @AfterEach
  void stop() throws IOException {
    collector.close();
    app.close();
  }

  /**
   * @param common fields of the {@code common_config}
   * @param fields of the {@code OpenTelemetryAccessLogConfig}
   */
  static String log(String filter, String common, String fields) {
    return """
    access_log:
    - name: records
    %s
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig
        common_config:
          log_name: requests
          transport_api_version: V3
          grpc_service: {envoy_grpc: {cluster_name: collector}, timeout: 1s}
    %s
    %s\
    """
        .formatted(
            filter.isEmpty() ? "" : filter.indent(2).stripTrailing(),
            common.indent(6).stripTrailing(),
            fields.indent(4).stripTrailing());
  }

  private String yaml(TestConfig config, String log) {
    return withCollector(config.manager(log).yaml());
  }

  private String withCollector(String yaml) {
    return yaml.stripTrailing()
        + """

          - name: collector
            type: STATIC
            connect_timeout: 1s
            http2_protocol_options: {}
            load_assignment:
              cluster_name: collector
              endpoints:
              - lb_endpoints:
                - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
        """
            .formatted(collector.grpcPort());
  }

  private TestSidecar sidecar(String common, String fields) {
    return TestSidecar.start(yaml(TestConfig.to(app), log("", common, fields)), 1);
  }

  private static void call(TestSidecar sidecar, String path, int times) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < times; i++) {
        assertEquals(200, client.get(path).status());
      }
    }
  }

  @Test
  void aRecordHasBodyAttributesTimeAndWhoseItIs() throws IOException {
    long before = System.currentTimeMillis();
    String fields =
        """
        body: {kvlist_value: {values: [{key: path, value: {string_value: "%REQ(:PATH)%"}}, {key: all, value: {array_value: {values: [{string_value: a}, {string_value: "%PROTOCOL%"}]}}}]}}
        attributes: {values: [{key: status, value: {string_value: "é-%RESPONSE_CODE%"}}, {key: none, value: {string_value: "%REQ(X-NONE)%"}}, {key: peer, value: {kvlist_value: {values: [{key: name, value: {string_value: "a"}}]}}}]}
        resource_attributes: {values: [{key: region, value: {string_value: north}}]}
        """;
    try (TestSidecar sidecar = sidecar("", fields)) {
      call(sidecar, "/cart", 1);
      ReceivedLog log = collector.awaitLogs(1).getFirst();
      String body = log.log().getBody().toString();
      assertTrue(body.contains("\"/cart\"") && body.contains("\"HTTP/1.1\""), body);
      assertEquals("é-200", log.attribute("status"));
      assertEquals("-", log.attribute("none"));
      assertTrue(log.attribute("peer").contains("key: \"name\""), () -> log.log().toString());
      long millis = log.log().getTimeUnixNano() / 1_000_000;
      assertTrue(millis >= before && millis <= System.currentTimeMillis(), () -> millis + "");
      assertEquals("", log.trace());
      assertEquals("requests", log.resource().get("log_name"));
      assertEquals("north", log.resource().get("region"));
      assertTrue(log.resource().containsKey("node_name"), log.resource()::toString);
      assertTrue(log.resource().containsKey("cluster_name"), log.resource()::toString);
      Await.until(() -> sidecar.stat(WRITTEN) == 1);
    }
  }

  @Test
  void labelsCanBeLeftOutAndStatisticsHaveAPrefix() throws IOException {
    try (TestSidecar sidecar =
        sidecar("", FORMAT + "disable_builtin_labels: true\nstat_prefix: shop\n")) {
      call(sidecar, "/", 1);
      ReceivedLog log = collector.awaitLogs(1).getFirst();
      assertEquals("GET / 200", log.log().getBody().getStringValue());
      assertTrue(log.resource().keySet().stream().noneMatch(key -> key.contains("_name")));
      Await.until(() -> sidecar.stat(STATS + "shop.logs_written") == 1);
    }
  }

  @Test
  void tagsAreAttributesToo() throws IOException {
    String tags =
        "custom_tags: [{tag: stage, literal: {value: test}}, {tag: called, request_header: {name: host}}]";
    try (TestSidecar sidecar = sidecar(tags, FORMAT)) {
      call(sidecar, "/", 1);
      ReceivedLog log = collector.awaitLogs(1).getFirst();
      assertEquals("200", log.attribute("status"));
      assertEquals("test", log.attribute("stage"));
      assertFalse(log.attribute("called").isEmpty());
    }
  }

  @Test
  void aRecordNamesTheTraceOfItsRequest() throws IOException {
    String trace = "0af7651916cd43dd8448eb211c80319c";
    try (TestSidecar sidecar = sidecar("", FORMAT);
        RawClient client = new RawClient(sidecar.port())) {
      client
          .send(
              "GET / HTTP/1.1\r\nHost: app\r\ntraceparent: 00-"
                  + trace
                  + "-b7ad6b7169203331-01\r\n\r\n")
          .read(false);
      ReceivedLog log = collector.awaitLogs(1).getFirst();
      assertEquals(trace, log.trace());
      assertEquals("b7ad6b7169203331", log.span());
    }
  }

  @Test
  void aFilterChoosesRecords() throws IOException {
    String filter =
        "filter: {header_filter: {header: {name: ':path', string_match: {prefix: /b}}}}";
    try (TestSidecar sidecar =
        TestSidecar.start(yaml(TestConfig.to(app), log(filter, "", FORMAT)), 1)) {
      call(sidecar, "/a", 1);
      call(sidecar, "/b", 1);
      List<ReceivedLog> logs = collector.awaitLogs(1);
      Await.until(() -> sidecar.stat(WRITTEN) == 1);
      assertEquals("GET /b 200", logs.getFirst().log().getBody().getStringValue());
    }
  }

  @Test
  void recordsWaitForTheIntervalUnlessTheBufferIsFull() throws IOException {
    try (TestSidecar sidecar =
        sidecar("buffer_flush_interval: 3600s\nbuffer_size_bytes: 4096", FORMAT)) {
      call(sidecar, "/", 1);
      assertEquals(List.of(), collector.logs());
      call(sidecar, "/", 20);
      collector.awaitLogs(1);
    }
    assertEquals(21, collector.awaitLogs(21).size(), "the end sends the rest");
  }

  @Test
  void withoutABufferEachGoesAtOnce() throws IOException {
    try (TestSidecar sidecar =
        sidecar("buffer_flush_interval: 3600s\nbuffer_size_bytes: 0", FORMAT)) {
      call(sidecar, "/", 1);
      collector.awaitLogs(1);
      call(sidecar, "/", 1);
      collector.awaitLogs(2);
    }
  }

  @Test
  void connectionsThatAreNoHttpHaveRecordsToo() throws IOException {
    String yaml =
        TestSidecar.relayYaml(
            log("", "", "body: {string_value: \"%BYTES_SENT% %UPSTREAM_CLUSTER%\"}"), app.port());
    try (TestSidecar sidecar = TestSidecar.start(withCollector(yaml), 1)) {
      call(sidecar, "/", 1);
      String body = collector.awaitLogs(1).getFirst().log().getBody().getStringValue();
      assertTrue(body.matches("[1-9][0-9]* app"), body);
    }
  }

  @Test
  void recordsOfADeadCollectorAreDroppedOverABoundOfBytes() throws IOException {
    collector.close();
    String longPath = "/" + "p".repeat(16 << 10);
    int times = 2 * ExportQueue.Bounds.MOST_OF_LOG / (4 << 10);
    try (TestSidecar sidecar = sidecar("", FORMAT)) {
      call(sidecar, longPath, times);
      long dropped = sidecar.stat(DROPPED);
      assertTrue(dropped > times / 3 && dropped < times, () -> dropped + " of " + times);
    }
  }

  @Test
  void recordsOfASilentOneAreDroppedAndTheEndIsNotHeldUp() throws IOException {
    collector.mood(TestCollector.Mood.SILENT);
    TestSidecar sidecar = sidecar("", FORMAT);
    long before;
    try {
      call(sidecar, "/", 50);
    } finally {
      before = System.nanoTime();
      sidecar.close();
    }
    Duration took = Duration.ofNanos(System.nanoTime() - before);
    assertTrue(took.compareTo(Duration.ofSeconds(6)) < 0, took::toString);
    assertEquals(50, sidecar.stat(DROPPED));
  }

  @Test
  void anOperatorThatThereIsNotIsRefused() {
    AssertionError refused =
        assertThrows(
            AssertionError.class, () -> sidecar("", "body: {string_value: \"%NOBODY%\"}").close());
    assertTrue(
        String.valueOf(refused.getMessage()).contains("NOBODY"),
        () -> String.valueOf(refused.getMessage()));
  }
}
