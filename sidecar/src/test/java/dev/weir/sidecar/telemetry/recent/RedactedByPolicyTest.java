package dev.weir.sidecar.telemetry.recent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestControlPlane;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder's TelemetryPolicy names headers: their values are told to nobody who looks. */
@Tag("slow")
class RedactedByPolicyTest {
  @TempDir private Path folder;

  private static String page(TestSidecar sidecar, String path) {
    try (RawClient client = new RawClient(sidecar.adminPort())) {
      return client.get(path).body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void requestsBeforeAndAfterItArriveAreToldWithout() throws IOException {
    try (TestUpstream app = TestUpstream.replying("x");
        TestControlPlane controlPlane = new TestControlPlane(folder, app.port());
        TestSidecar sidecar = TestSidecar.start(controlPlane.bootstrap(), 1)) {
      Await.until(() -> sidecar.sidecar().addresses().containsKey("inbound"));
      String request = "GET / HTTP/1.1\r\nHost: a\r\nX-Card: 4711\r\nX-Plain: 4712\r\n\r\n";
      try (RawClient client = new RawClient(sidecar.port("in"))) {
        assertEquals(200, client.send(request).read(false).status());
        Await.until(() -> page(sidecar, "/requests").contains("4711"));

        controlPlane.policy("TelemetryPolicy", "redactHeaders: [X-Card]");
        Await.until(() -> !page(sidecar, "/requests").contains("4711"));
        String _ = page(sidecar, "/tap?name=who&wait_ms=1");
        assertEquals(200, client.send(request).read(false).status());
        String tapped = page(sidecar, "/tap?name=who&wait_ms=5000");
        assertTrue(tapped.contains("\"x-card\":\"[redacted]\""), tapped);
        assertTrue(tapped.contains("4712"), tapped);

        controlPlane.policy("TelemetryPolicy", "tracing: {}");
        Await.until(() -> page(sidecar, "/requests").contains("4711"));
      }
    }
  }
}
