package dev.weir.sidecar.telemetry.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.EnvoyProcess;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCollector;
import dev.weir.testkit.TestCollector.Received;
import dev.weir.testkit.TestUpstream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real Envoy and a sidecar under the same configuration, one behind the other: one trace. */
@Tag("envoy")
@Tag("slow")
class TracesBesideEnvoyTest {
  private static final String PROVIDER =
      "service_name: cart, grpc_service: {envoy_grpc: {cluster_name: collector}, timeout: 5s}";

  @TempDir Path folder;

  private static String yaml(int to, TestCollector collector) {
    return TracedConfig.over(
        TestConfig.to(to), PROVIDER, "spawn_upstream_span: true", collector.grpcPort());
  }

  @Test
  void spansOfBothAreOneTrace() throws Exception {
    try (TestCollector collector = new TestCollector();
        TestUpstream app = TestUpstream.replying("x");
        TestSidecar last = TestSidecar.start(yaml(app.port(), collector), 1);
        EnvoyProcess envoy = EnvoyProcess.start(yaml(last.port(), collector), folder);
        TestSidecar first = TestSidecar.start(yaml(envoy.port(), collector), 1);
        RawClient client = new RawClient(first.port())) {
      // Of a request without an id Envoy makes no trace.
      client.send(
          "GET / HTTP/1.1\r\nHost: cart\r\nx-request-id: 6f1f4a5e-0f2b-4f5f-9d62-0d6a1f6a2b11\r\n\r\n");
      assertEquals(200, client.read(false).status());

      List<Received> spans = collector.await(6);
      String parent = "";
      for (int i = 0; i < 6; i++) {
        String above = parent;
        List<Received> next = spans.stream().filter(span -> span.parent().equals(above)).toList();
        assertEquals(1, next.size(), spans::toString);
        parent = next.getFirst().id();
      }
      assertTrue(app.take().getFirst().field("traceparent").contains(parent));
    }
  }
}
