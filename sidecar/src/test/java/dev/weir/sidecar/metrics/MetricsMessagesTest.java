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
import io.prometheus.client.Metrics.BucketSpan;
import io.prometheus.client.Metrics.Histogram;
import io.prometheus.client.Metrics.Metric;
import io.prometheus.client.Metrics.MetricFamily;
import io.prometheus.client.Metrics.MetricType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Metrics in messages of protobuf, with native histograms. */
class MetricsMessagesTest {
  private static final String ACCEPT =
      "Accept: application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,"
          + "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n";

  private static TestSidecar start(TestUpstream app, Optional<TestUpstream> scraped) {
    return TestSidecar.start(
        TestConfig.to(app)
            .filter(
                "weir.filters.http.trace_context",
                "weir.extensions.filters.http.trace_context.v1alpha1.TraceContext",
                "propagate: [W3C]")
            .yaml(),
        new MetricsOptions(
            Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
            scraped.map(each -> new AppMetrics.Place(each.port(), "/metrics")),
            Edges.DEFAULT_MOST));
  }

  private static RawClient.Response scrape(TestSidecar sidecar) throws IOException {
    try (RawClient client = new RawClient(sidecar.metricsPort())) {
      return client
          .send("GET /stats/prometheus HTTP/1.1\r\nHost: a\r\n" + ACCEPT + "\r\n")
          .read(false);
    }
  }

  private static Map<String, MetricFamily> families(RawClient.Response response)
      throws IOException {
    assertEquals(MetricsFormat.PROTOBUF.contentType(), response.field("content-type"));
    Map<String, MetricFamily> families = new TreeMap<>();
    InputStream in =
        new ByteArrayInputStream(response.body().getBytes(StandardCharsets.ISO_8859_1));
    for (MetricFamily next = MetricFamily.parseDelimitedFrom(in);
        next != null;
        next = MetricFamily.parseDelimitedFrom(in)) {
      assertTrue(families.put(next.getName(), next) == null, next::getName);
    }
    return families;
  }

  private static MetricFamily one(Map<String, MetricFamily> families, String name) {
    return families.getOrDefault(name, MetricFamily.getDefaultInstance());
  }

  private static void call(TestSidecar sidecar, int times) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < times; i++) {
        client.send(
            "GET / HTTP/1.1\r\nHost: a\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n");
        client.read(false);
      }
    }
    Await.until(() -> sidecar.stat("http.in.downstream_rq_2xx") == times);
    Await.until(() -> sidecar.sidecar().edges().read().getFirst().count() == times);
  }

  @Test
  void durationsAreNativeBesideTheirFewBuckets() throws Exception {
    try (TestUpstream app = TestUpstream.replying("answer");
        TestSidecar sidecar = start(app, Optional.empty())) {
      call(sidecar, 20);
      MetricFamily family = one(families(scrape(sidecar)), "weir_request_duration_seconds");
      assertEquals(MetricType.HISTOGRAM, family.getType());
      Metric metric = family.getMetric(0);
      assertTrue(
          metric.getLabelList().stream()
              .anyMatch(label ->
                  label.getName().equals("response_class") && label.getValue().equals("2xx")));
      Histogram histogram = metric.getHistogram();
      assertEquals(20, histogram.getSampleCount());
      assertTrue(histogram.getSampleSum() > 0);
      assertEquals(17, histogram.getBucketCount());
      assertEquals(20, histogram.getBucket(16).getCumulativeCount());
      assertTrue(histogram.getBucketList().stream().anyMatch(bucket -> bucket.hasExemplar()));
      assertEquals(3, histogram.getSchema());
      long all = 0;
      long count = 0;
      for (long delta : histogram.getPositiveDeltaList()) {
        count += delta;
        assertTrue(count >= 0);
        all += count;
      }
      assertEquals(20, all);
      assertEquals(
          histogram.getPositiveDeltaCount(),
          histogram.getPositiveSpanList().stream().mapToInt(BucketSpan::getLength).sum());
    }
  }

  @Test
  void otherFamiliesAreAsInTheText() throws Exception {
    try (TestUpstream app = TestUpstream.replying("answer");
        TestSidecar sidecar = start(app, Optional.empty())) {
      call(sidecar, 3);
      Map<String, MetricFamily> families = families(scrape(sidecar));
      MetricFamily requests = one(families, "weir_requests_total");
      assertEquals(MetricType.COUNTER, requests.getType());
      assertEquals(3, requests.getMetric(0).getCounter().getValue());
      assertEquals(1, one(families, "weir_edges").getMetric(0).getGauge().getValue());
      Histogram times = one(families, "envoy_cluster_upstream_rq_time").getMetric(0).getHistogram();
      assertEquals(3, times.getSampleCount());
      assertFalse(times.hasSchema());
    }
  }

  @Test
  void messagesOfTheAppComeBehindOurs() throws Exception {
    ByteArrayOutputStream own = new ByteArrayOutputStream();
    MetricFamily.newBuilder()
        .setName("app_things_total")
        .setType(MetricType.COUNTER)
        .addMetric(
            Metric.newBuilder()
                .setCounter(io.prometheus.client.Metrics.Counter.newBuilder().setValue(7)))
        .build()
        .writeDelimitedTo(own);
    byte[] head =
        "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
            .formatted(MetricsFormat.PROTOBUF.contentType(), own.size())
            .getBytes(StandardCharsets.ISO_8859_1);
    try (TestUpstream app = TestUpstream.replying("answer");
        TestUpstream scraped =
            TestUpstream.start((request, out) -> {
              out.write(head);
              out.write(own.toByteArray());
              out.flush();
              return false;
            });
        TestSidecar sidecar = start(app, Optional.of(scraped))) {
      Map<String, MetricFamily> families = families(scrape(sidecar));
      assertEquals(7, one(families, "app_things_total").getMetric(0).getCounter().getValue());
      assertEquals(1, one(families, "weir_app_scrape_up").getMetric(0).getGauge().getValue());
    }
  }

  @Test
  void anAppThatHasTextAloneMakesTextOfAll() throws Exception {
    try (TestUpstream app = TestUpstream.replying("answer");
        TestUpstream scraped =
            TestUpstream.start((request, out) -> {
              out.write(
                  "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nthings 7"
                      .getBytes(StandardCharsets.ISO_8859_1));
              out.flush();
              return false;
            });
        TestSidecar sidecar = start(app, Optional.of(scraped))) {
      call(sidecar, 1);
      RawClient.Response response = scrape(sidecar);
      assertEquals(MetricsFormat.TEXT.contentType(), response.field("content-type"));
      assertTrue(response.body().contains("\nthings 7\n"), response::body);
      assertTrue(response.body().contains("\nweir_requests_total{"), response::body);
    }
  }
}
