package dev.weir.sidecar.metrics.otlp;

import static dev.weir.sidecar.testkit.TestControlPlane.service;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestControlPlane;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCollector;
import dev.weir.testkit.TestCollector.ReceivedMetric;
import dev.weir.testkit.TestUpstream;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A folder's TelemetryPolicy says who gets metrics: the sidecar begins, changes and ends its pushes
 * as the real control plane tells it.
 */
@Tag("slow")
class MetricsByPolicyTest {
  private static final String REQUESTS = "weir_requests";

  @TempDir private Path folder;
  private TestUpstream app;
  private TestCollector first;
  private TestCollector second;
  private TestControlPlane controlPlane;
  private TestSidecar sidecar;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("x");
    first = new TestCollector();
    second = new TestCollector();
    controlPlane = new TestControlPlane(folder, app.port());
    sidecar = TestSidecar.start(controlPlane.bootstrap(), 1);
    controlPlane.write(
        "collectors",
        service("first", "127.0.0.3", "grpc", 4317, first.grpcPort())
            + service("second", "127.0.0.4", "grpc", 4317, second.grpcPort()));
    Await.until(() -> sidecar.sidecar().addresses().containsKey("inbound"));
    try (RawClient client = new RawClient(sidecar.port("in"))) {
      assertEquals(200, client.get("/").status());
    }
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    controlPlane.close();
    second.close();
    first.close();
    app.close();
  }

  private void pushTo(String collector) throws IOException {
    controlPlane.policy(
        "TelemetryPolicy",
        "metrics: {otlp: {backendRef: {name: " + collector + ", port: 4317}, interval: 1s}}");
  }

  private static long pushers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("otlp"))
        .count();
  }

  @Test
  void aPushBeginsChangesAndEndsWithItsPolicy() throws IOException {
    pushTo("first");
    Await.until(() -> !first.metrics(REQUESTS).isEmpty());
    ReceivedMetric requests = first.metrics(REQUESTS).getFirst();
    assertEquals("inventory", requests.resource().get("service.name"));
    assertEquals("shop", requests.resource().get("service.namespace"));
    assertEquals(TestControlPlane.NODE, requests.resource().get("service.instance.id"));
    List<NumberDataPoint> points = requests.metric().getSum().getDataPointsList();
    assertEquals(1, points.stream().mapToLong(NumberDataPoint::getAsInt).sum());

    pushTo("second");
    Await.until(() -> !second.metrics(REQUESTS).isEmpty());
    Await.until(() -> pushers() == 1); // the last round to the first is over
    int told = first.metrics(REQUESTS).size();
    int before = second.metrics(REQUESTS).size();
    Await.until(() -> second.metrics(REQUESTS).size() >= before + 2);
    assertEquals(told, first.metrics(REQUESTS).size(), "the first is told nothing any more");

    controlPlane.policy("TelemetryPolicy", "tracing: {}");
    Await.until(() -> pushers() == 0);
  }

  @Test
  void aPortOfHttpGetsThemByHttp() throws IOException {
    controlPlane.write("http", service("third", "127.0.0.5", "http", 4317, first.httpPort()));
    pushTo("third");
    Await.until(() -> !first.metrics(REQUESTS).isEmpty());
  }

  @Test
  void aCollectorThatIsGoneCostsPointsThatAreCounted() throws IOException {
    try (ClosedPort closed = new ClosedPort()) {
      controlPlane.write("gone", service("gone", "127.0.0.5", "grpc", 4317, closed.port()));
      pushTo("gone");
      Await.until(() -> pushers() == 1);
      try (RawClient client = new RawClient(sidecar.port("in"))) {
        assertEquals(200, client.get("/").status());
      }
      sidecar.sidecar().close();
      assertTrue(sidecar.stat("metrics.opentelemetry.points_dropped") > 0);
      assertEquals(0, sidecar.stat("metrics.opentelemetry.points_sent"));
    }
  }
}
