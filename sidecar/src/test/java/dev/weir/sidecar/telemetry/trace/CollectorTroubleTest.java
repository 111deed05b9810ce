package dev.weir.sidecar.telemetry.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.telemetry.otlp.ExportQueue;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCollector;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A collector that is away, silent or full costs spans, which are counted, and nothing else. */
@Tag("slow")
class CollectorTroubleTest {
  private static final String SENT = "tracing.opentelemetry.spans_sent";
  private static final String DROPPED = "tracing.opentelemetry.spans_dropped";

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

  private TestSidecar sidecar() {
    return TestSidecar.start(
        TracedConfig.over(
            TestConfig.to(app),
            "grpc_service: {envoy_grpc: {cluster_name: collector}, timeout: 1s}",
            "",
            collector.grpcPort()),
        1);
  }

  private static void call(TestSidecar sidecar, int times) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < times; i++) {
        assertEquals(200, client.get("/").status());
      }
    }
  }

  @Test
  void spansOfTheDeadAreDroppedOverTheBound() throws IOException {
    collector.close();
    try (TestSidecar sidecar = sidecar()) {
      call(sidecar, ExportQueue.MOST_WAITING + 100);

      assertEquals(100, sidecar.stat(DROPPED));
    }
  }

  @Test
  void spansOfTheSilentAreDroppedOverTheBoundAndTheEndIsNotHeldUp() throws IOException {
    collector.mood(TestCollector.Mood.SILENT);
    TestSidecar sidecar = sidecar();
    long before;
    try {
      call(sidecar, ExportQueue.MOST_WAITING + 100);
      assertEquals(100, sidecar.stat(DROPPED));
    } finally {
      before = System.nanoTime();
      sidecar.close();
    }
    Duration took = Duration.ofNanos(System.nanoTime() - before);
    assertTrue(took.compareTo(Duration.ofSeconds(6)) < 0, took::toString);
    assertEquals(ExportQueue.MOST_WAITING + 100, sidecar.stat(DROPPED));
  }

  @Test
  void whatCouldNotBeTakenAtFirstIsSentAgain() throws IOException {
    collector.mood(TestCollector.Mood.REFUSES);
    try (TestSidecar sidecar = sidecar()) {
      call(sidecar, 3);
      Await.until(() -> !collector.tenants().isEmpty());
      collector.mood(TestCollector.Mood.TAKES);

      assertEquals(3, collector.await(3).size());
      Await.until(() -> sidecar.stat(SENT) == 3);
      assertEquals(0, sidecar.stat(DROPPED));
    }
  }
}
