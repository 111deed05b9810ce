package dev.weir.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.telemetry.edge.Edges;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.PrometheusPrograms;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus reads the metrics, goes by the chart's rules, and answers its dashboard. */
@Tag("prometheus")
@Tag("slow")
class PrometheusTest {
  private static final Path FILES = Path.of("../charts/weir/files").toAbsolutePath();
  private static final Pattern EXPRESSION = Pattern.compile("\"expr\": \"((?:[^\"\\\\]|\\\\.)*)\"");

  private static final long SLOW_NANOS = 60_000_000;

  @TempDir Path folder;

  private TestUpstream app;
  private TestSidecar sidecar;
  private final List<Process> started = new ArrayList<>();
  private int port;

  @BeforeEach
  void start() throws Exception {
    app =
        TestUpstream.start((request, out) -> {
          if (request.line().startsWith("GET /slow ")) {
            LockSupport.parkNanos(SLOW_NANOS);
          }
          return TestUpstream.reply(
              out, request.line().startsWith("GET /bad ") ? 503 : 200, "answer");
        });
    sidecar =
        TestSidecar.start(
            "node: {id: cart-1, cluster: cart, metadata: {WEIR_SERVICE: cart, WEIR_NAMESPACE: shop}}\n"
                + TestConfig.to(app)
                    .cluster(
                        "metadata: {filter_metadata: {weir.service: {name: inventory, namespace: shop, port: 8080}}}")
                    .yaml(),
            new MetricsOptions(
                Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                Optional.empty(),
                Edges.DEFAULT_MOST));
    port = prometheus("data", "exemplar-storage");
  }

  /**
   * Starts one with a folder and features of its own.
   *
   * @return where it is asked
   */
  private int prometheus(String data, String features) throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    Path config =
        Files.writeString(
            folder.resolve(data + ".yaml"),
            """
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: [%s/recording-rules.yaml, %s/alerts.yaml]
            scrape_configs:
            - job_name: weir
              metrics_path: /stats/prometheus
              static_configs: [{targets: ["127.0.0.1:%d"]}]
            """
                .formatted(FILES, FILES, sidecar.metricsPort()));
    started.add(
        new ProcessBuilder(
                PrometheusPrograms.find("prometheus").toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve(data),
                "--enable-feature=" + features,
                "--web.listen-address=127.0.0.1:" + free)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(data + ".log").toFile())
            .start());
    return free;
  }

  @AfterEach
  void stop() throws Exception {
    started.forEach(Process::destroy);
    for (Process each : started) {
      assertTrue(each.waitFor(20, TimeUnit.SECONDS));
    }
    if (sidecar != null) {
      sidecar.close();
      app.close();
    }
  }

  private String get(String path) {
    return get(port, path);
  }

  private static String get(int port, String path) {
    try (RawClient client = new RawClient(port)) {
      return client.get(path).body();
    } catch (IOException notYet) {
      return "";
    }
  }

  private String query(String expression) {
    return query(port, expression);
  }

  private static String query(int port, String expression) {
    return get(
        port, "/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
  }

  private void call(String path) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      client.get(path);
    }
  }

  private void awaitResult(String expression) {
    Await.until(
        () -> query(expression).contains("\"result\":[{"),
        () -> expression + ": " + query(expression) + get("/api/v1/targets"));
  }

  @Test
  void readsOursGoesByTheRulesAndAnswersTheDashboard() throws Exception {
    call("/");
    call("/bad");
    awaitResult("up == 1");
    awaitResult("weir_requests_total{response_class=\"5xx\"} == 1");
    for (int i = 0; i < 20; i++) {
      call("/");
      call("/bad");
    }
    awaitResult("weir_requests_total{response_class=\"5xx\"} == 21");
    // By the family's name in OpenMetrics, which is what it asks for.
    Await.until(
        () -> get("/api/v1/metadata?metric=weir_requests").contains("\"type\":\"counter\""));

    // As dashboards of Istio ask.
    awaitResult(
        "istio_requests_total{reporter=\"source\",source_workload=\"cart\",source_workload_namespace=\"shop\",destination_service=\"inventory.shop.svc.cluster.local\",destination_service_name=\"inventory\",destination_service_namespace=\"shop\",request_protocol=\"http\",response_code=\"503\"} or istio_requests_total{response_code=\"500\",destination_service=\"inventory.shop.svc.cluster.local\",destination_service_name=\"inventory\",destination_service_namespace=\"shop\",source_workload_namespace=\"shop\",request_protocol=\"http\"}");
    awaitResult("istio_request_duration_milliseconds_bucket{le=\"2.5\"}");
    awaitResult("istio_request_duration_milliseconds_bucket{le=\"1000\"}");
    awaitResult("istio_request_duration_milliseconds_bucket{le=\"+Inf\"}");
    awaitResult(
        "histogram_quantile(0.99, sum by (le) (istio_request_duration_milliseconds_bucket)) < 10000");
    awaitResult("istio_response_bytes_sum > 0");

    // Half of the calls fail, which uses up the budget at once.
    awaitResult("weir:requests:failed_share_5m{destination_service=\"inventory\"} > 0.1");
    awaitResult("ALERTS{alertname=\"WeirFailuresBurnBudget\",severity=\"page\"}");
    assertFalse(get("/api/v1/rules").contains("\"health\":\"err\""), get("/api/v1/rules"));

    List<String> expressions = expressions();
    assertTrue(expressions.size() > 10);
    for (String expression : expressions) {
      assertTrue(query(expression).contains("\"status\":\"success\""), query(expression));
    }
    awaitResult(expressions.getFirst());
  }

  /** Native histograms are of Prometheus 2.40 and later, behind a switch until 3. */
  @Test
  void nativeHistogramSaysWhatTheClassicOneSays() throws Exception {
    int nativeOnes = prometheus("native", "native-histograms");
    for (int i = 0; i < 50; i++) {
      call(i % 5 == 0 ? "/slow" : "/");
    }
    String classic = "weir_request_duration_seconds_bucket{le=\"+Inf\"} == 50";
    awaitResult(classic);
    Await.until(
        () ->
            query(nativeOnes, "histogram_count(weir_request_duration_seconds) == 50")
                .contains("\"result\":[{"),
        () ->
            query(nativeOnes, "weir_request_duration_seconds")
                + get(nativeOnes, "/api/v1/targets"));
    for (String share : List.of("0.5", "0.95")) {
      double few = value(port, share, "sum by (le) (weir_request_duration_seconds_bucket)");
      double fine = value(nativeOnes, share, "sum(weir_request_duration_seconds)");
      // Both are somewhere in a bucket: a classic one is twice and a half as wide as it begins.
      assertTrue(fine > few / 2.6 && fine < few * 2.6, share + ": " + few + ", " + fine);
    }
    // A fifth took 60 ms: the native one tells it within 9 %, and the way it took.
    double slow = value(nativeOnes, "0.95", "sum(weir_request_duration_seconds)");
    assertTrue(slow > 0.06 / 1.1 && slow < 0.3, Double.toString(slow));
  }

  private static double value(int port, String share, String of) {
    String answer = query(port, "histogram_quantile(" + share + ", " + of + ")");
    Matcher found = Pattern.compile("\"value\":\\[[0-9.]+,\"([0-9.e+-]+)\"").matcher(answer);
    assertTrue(found.find(), answer);
    return Double.parseDouble(found.group(1));
  }

  /** Of the dashboard, with what Grafana would put in. */
  private static List<String> expressions() throws IOException {
    List<String> expressions = new ArrayList<>();
    Matcher found = EXPRESSION.matcher(Files.readString(FILES.resolve("dashboard.json")));
    while (found.find()) {
      expressions.add(
          found
              .group(1)
              .replace("\\\"", "\"")
              .replace("$reporter", "source")
              .replace("$namespace", ".*")
              .replace("$service", ".*")
              .replace("$__rate_interval", "1m"));
    }
    return expressions;
  }

  @Test
  void rulesAreFormedAsTheyAreToBe() throws Exception {
    Process promtool =
        new ProcessBuilder(
                PrometheusPrograms.find("promtool").toString(),
                "check",
                "rules",
                FILES.resolve("recording-rules.yaml").toString(),
                FILES.resolve("alerts.yaml").toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, promtool.waitFor(), said);
  }
}
