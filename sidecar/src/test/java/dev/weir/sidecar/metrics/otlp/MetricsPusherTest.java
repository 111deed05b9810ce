package dev.weir.sidecar.metrics.otlp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Metrics to a collector, as a bootstrap's stats sink says. */
@Tag("slow")
class MetricsPusherTest {
  private final List<ExportMetricsServiceRequest> requests = new CopyOnWriteArrayList<>();
  private TestUpstream app;
  private Server collector;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("answer");
    collector =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                new MetricsServiceGrpc.MetricsServiceImplBase() {
                  @Override
                  public void export(
                      ExportMetricsServiceRequest request,
                      StreamObserver<ExportMetricsServiceResponse> answer) {
                    requests.add(request);
                    answer.onNext(ExportMetricsServiceResponse.getDefaultInstance());
                    answer.onCompleted();
                  }
                })
            .build()
            .start();
  }

  @AfterEach
  void stop() throws Exception {
    collector.shutdownNow();
    assertTrue(collector.awaitTermination(10, TimeUnit.SECONDS));
    app.close();
  }

  private static String sink(String further) {
    return """
    stats_flush_interval: 0.2s
    stats_sinks:
    - name: otlp
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig
        grpc_service: {envoy_grpc: {cluster_name: collector}, timeout: 1s}
    %s
    """
        .formatted(further.isEmpty() ? "" : "    " + further);
  }

  private static String collector(int port) {
    return """
      - name: collector
        type: STATIC
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
            explicit_http_config: {http2_protocol_options: {}}
        load_assignment:
          cluster_name: collector
          endpoints:
          - lb_endpoints:
            - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
    """
        .formatted(port);
  }

  private TestSidecar sidecar(String further, int port) {
    return sidecar(TestConfig.to(app), further, port);
  }

  private static TestSidecar sidecar(TestConfig config, String further, int port) {
    return TestSidecar.start(
        "node: {id: cart-1, cluster: cart}\n"
            + sink(further)
            + config.yaml().stripTrailing()
            + "\n"
            + collector(port),
        1);
  }

  private static void call(TestSidecar sidecar, int times) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < times; i++) {
        assertEquals(200, client.get("/").status());
      }
    }
  }

  private List<Metric> named(String name) {
    return requests.stream()
        .flatMap(request -> request.getResourceMetricsList().stream())
        .flatMap(each -> each.getScopeMetricsList().stream())
        .flatMap(each -> each.getMetricsList().stream())
        .filter(metric -> metric.getName().equals(name))
        .toList();
  }

  @Test
  void meshFamilyIsSumsAndExponentialHistograms() throws Exception {
    try (TestSidecar sidecar = sidecar("prefix: mesh", collector.getPort())) {
      call(sidecar, 5);
      Await.until(() ->
          named("mesh.weir_requests").stream()
              .flatMap(metric -> metric.getSum().getDataPointsList().stream())
              .anyMatch(point -> point.getAsInt() == 5));
      Metric requested = named("mesh.weir_requests").getLast();
      assertTrue(requested.getSum().getIsMonotonic());
      assertEquals(
          AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE,
          requested.getSum().getAggregationTemporality());
      assertTrue(
          requested.getSum().getDataPoints(0).getAttributesList().stream()
              .anyMatch(attribute -> attribute.getKey().equals("response_class")));
      Metric times = named("mesh.weir_request_duration_seconds").getLast();
      assertEquals("s", times.getUnit());
      ExponentialHistogramDataPoint point = times.getExponentialHistogram().getDataPoints(0);
      assertEquals(3, point.getScale());
      assertEquals(5, point.getCount());
      assertEquals(
          5, point.getPositive().getBucketCountsList().stream().mapToLong(Long::longValue).sum());
      assertTrue(!named("mesh.envoy_cluster_upstream_rq").isEmpty());
    }
  }

  @Test
  void differencesAddUpToAll() throws Exception {
    try (TestSidecar sidecar = sidecar("report_counters_as_deltas: true", collector.getPort())) {
      call(sidecar, 3);
      Await.until(() -> told() == 3);
      call(sidecar, 4);
      Await.until(() -> told() == 7);
      assertEquals(
          AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA,
          named("weir_requests").getLast().getSum().getAggregationTemporality());
    }
  }

  @Test
  void differencesOfHistogramsAddUpToAll() throws Exception {
    try (TestSidecar sidecar = sidecar("report_histograms_as_deltas: true", collector.getPort())) {
      call(sidecar, 3);
      Await.until(() -> timed() == 3);
      call(sidecar, 4);
      Await.until(() -> timed() == 7);
      assertEquals(
          AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA,
          named("weir_request_duration_seconds")
              .getLast()
              .getExponentialHistogram()
              .getAggregationTemporality());
    }
  }

  @Test
  void aDurationNamesTracesToLookAt() throws Exception {
    String trace = "0af7651916cd43dd8448eb211c80319c";
    long before = System.currentTimeMillis() * 1_000_000;
    TestConfig traced =
        TestConfig.to(app)
            .filter(
                "weir.filters.http.trace_context",
                "weir.extensions.filters.http.trace_context.v1alpha1.TraceContext",
                "propagate: [W3C]");
    try (TestSidecar sidecar =
            sidecar(traced, "report_histograms_as_deltas: true", collector.getPort());
        RawClient client = new RawClient(sidecar.port())) {
      client
          .send(
              "GET / HTTP/1.1\r\nHost: app\r\ntraceparent: 00-"
                  + trace
                  + "-b7ad6b7169203331-01\r\n\r\n")
          .read(false);
      Await.until(() -> timed() == 1);
      int told = requests.size();
      Await.until(() -> requests.size() > told + 2);
      Exemplar exemplar = exemplars().getFirst();
      assertEquals(trace, HexFormat.of().formatHex(exemplar.getTraceId().toByteArray()));
      assertEquals(
          "b7ad6b7169203331", HexFormat.of().formatHex(exemplar.getSpanId().toByteArray()));
      assertTrue(exemplar.getAsDouble() > 0 && exemplar.getAsDouble() < 60, exemplar::toString);
      assertTrue(exemplar.getTimeUnixNano() >= before, exemplar::toString);
      assertEquals(1, exemplars().size(), "it is told once");
    }
  }

  private List<Exemplar> exemplars() {
    return named("weir_request_duration_seconds").stream()
        .flatMap(metric -> metric.getExponentialHistogram().getDataPointsList().stream())
        .flatMap(point -> point.getExemplarsList().stream())
        .toList();
  }

  @Test
  void namesWithoutAttributesAreRefusedAndTheDefaultsCanBeSaid() throws IOException {
    sidecar("emit_tags_as_attributes: true\n    use_tag_extracted_name: true", collector.getPort())
        .close();
    for (String field : List.of("emit_tags_as_attributes", "use_tag_extracted_name")) {
      AssertionError refused =
          assertThrows(
              AssertionError.class, () -> sidecar(field + ": false", collector.getPort()).close());
      assertTrue(
          String.valueOf(refused.getMessage()).contains(field + ": must be true"),
          () -> String.valueOf(refused.getMessage()));
    }
  }

  private long timed() {
    return named("weir_request_duration_seconds").stream()
        .flatMap(metric -> metric.getExponentialHistogram().getDataPointsList().stream())
        .mapToLong(ExponentialHistogramDataPoint::getCount)
        .sum();
  }

  private long told() {
    return named("weir_requests").stream()
        .flatMap(metric -> metric.getSum().getDataPointsList().stream())
        .mapToLong(NumberDataPoint::getAsInt)
        .sum();
  }

  @Test
  void collectorThatIsAwayCostsPointsThatAreCounted() throws Exception {
    try (ClosedPort closed = new ClosedPort();
        TestSidecar sidecar = sidecar("", closed.port())) {
      call(sidecar, 1);
      sidecar.sidecar().close();
      assertTrue(sidecar.stat("metrics.opentelemetry.points_dropped") > 0);
      assertEquals(0, sidecar.stat("metrics.opentelemetry.points_sent"));
    }
  }
}
