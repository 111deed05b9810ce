package dev.weir.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.telemetry.edge.Edges;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What Prometheus is told, on the port that is for it. */
class MetricsTest {
  private static final String NODE =
      "node: {id: cart-1, cluster: cart, metadata: {WEIR_SERVICE: cart, WEIR_NAMESPACE: shop}}\n";
  private static final String EDGE =
      "{reporter=\"source\",source_workload=\"cart\",source_namespace=\"shop\",destination_service=\"app\",protocol=\"http\",response_class=\"2xx\"";
  private static final String OPENMETRICS =
      "Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5\r\n";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  private static MetricsOptions options(Optional<AppMetrics.Place> app) {
    return new MetricsOptions(
        Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
        app,
        Edges.DEFAULT_MOST);
  }

  private static TestSidecar start(TestConfig config) {
    return TestSidecar.start(NODE + config.yaml(), options(Optional.empty()));
  }

  private static RawClient.Response scrape(TestSidecar sidecar, String fields) throws IOException {
    try (RawClient client = new RawClient(sidecar.metricsPort())) {
      return client
          .send("GET /stats/prometheus HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n")
          .read(false);
    }
  }

  private static void call(TestSidecar sidecar, String fields) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
      client.read(false);
    }
    Await.until(() -> sidecar.sidecar().edges().size() == 1);
  }

  @Test
  void requestsAreTheMeshsOwnFamilyBesideEnvoysNames() throws Exception {
    try (TestUpstream app = TestUpstream.replying("answer");
        TestSidecar sidecar = start(TestConfig.to(app))) {
      call(sidecar, "");
      RawClient.Response response = scrape(sidecar, "");
      assertEquals("text/plain; version=0.0.4; charset=utf-8", response.field("content-type"));
      String text = response.body();
      for (String line :
          List.of(
              "# TYPE weir_requests_total counter",
              "weir_requests_total" + EDGE + "} 1",
              "weir_request_duration_seconds_bucket" + EDGE + ",le=\"300\"} 1",
              "weir_request_duration_seconds_bucket" + EDGE + ",le=\"+Inf\"} 1",
              "weir_request_duration_seconds_count" + EDGE + "} 1",
              "weir_response_bytes_total" + EDGE + "} 6",
              "weir_edges 1",
              "weir_edges_folded_total 0",
              "weir_cluster_limit{envoy_cluster_name=\"app\",priority=\"default\",resource=\"requests\"} 1024",
              "weir_cluster_limit_used{envoy_cluster_name=\"app\",priority=\"default\",resource=\"requests\"} 0",
              "envoy_http_downstream_rq_total{envoy_http_conn_manager_prefix=\"in\"} 1")) {
        assertTrue(text.contains(line + "\n"), line + " in " + text);
      }
      assertTrue(text.contains("\nweir_configuration_timestamp_seconds "), text);
      assertFalse(text.contains("# EOF"), text);
    }
  }

  @Test
  void openMetricsHasTheTraceOfARequest() throws Exception {
    try (TestUpstream app = TestUpstream.replying("answer");
        TestSidecar sidecar =
            start(
                TestConfig.to(app)
                    .filter(
                        "weir.filters.http.trace_context",
                        "weir.extensions.filters.http.trace_context.v1alpha1.TraceContext",
                        "propagate: [W3C]"))) {
      call(sidecar, "traceparent: 00-" + TRACE + "-b7ad6b7169203331-01\r\n");
      RawClient.Response response = scrape(sidecar, OPENMETRICS);
      assertEquals(
          "application/openmetrics-text; version=1.0.0; charset=utf-8",
          response.field("content-type"));
      String text = response.body();
      assertTrue(text.contains("# TYPE weir_requests counter\nweir_requests_total{"), text);
      assertTrue(text.contains(" # {trace_id=\"" + TRACE + "\"} "), text);
      assertTrue(text.endsWith("\n# EOF\n"), text);
      Set<String> families = new TreeSet<>();
      text.lines()
          .filter(line -> line.startsWith("# TYPE "))
          .forEach(line -> assertTrue(families.add(line.split(" ", -1)[2]), line));
      assertFalse(scrape(sidecar, "").body().contains(TRACE));
    }
  }

  @Test
  void nothingElseIsReadThere() throws Exception {
    try (TestUpstream app = TestUpstream.replying("answer");
        TestSidecar sidecar = start(TestConfig.to(app));
        RawClient client = new RawClient(sidecar.metricsPort())) {
      for (String path : List.of("/", "/config_dump", "/stats", "/clusters", "/services")) {
        assertEquals(404, client.get(path).status(), path);
      }
      client.send("POST /stats/prometheus HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
      assertEquals(405, client.read(false).status());
      assertEquals(200, client.get("/metrics?name=a").status());
    }
  }

  /** Who keeps connections that say nothing does not keep out who scrapes. */
  @Test
  void oneConnectionTooManyTakesThePlaceOfTheOldest() throws Exception {
    try (TestUpstream app = TestUpstream.replying("answer");
        TestSidecar sidecar = start(TestConfig.to(app))) {
      List<RawClient> open = new java.util.ArrayList<>();
      try {
        for (int i = 0; i < 32; i++) {
          RawClient client = new RawClient(sidecar.metricsPort());
          open.add(client);
          assertEquals(404, client.get("/").status());
        }
        assertEquals(200, scrape(sidecar, "").status());
        assertTrue(open.getFirst().closedWithin(5000));
        assertEquals(404, open.getLast().get("/").status());
      } finally {
        for (RawClient client : open) {
          client.close();
        }
      }
    }
  }
}
