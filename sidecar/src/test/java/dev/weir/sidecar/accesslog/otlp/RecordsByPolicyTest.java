package dev.weir.sidecar.accesslog.otlp;

import static dev.weir.sidecar.testkit.TestControlPlane.service;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestControlPlane;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCollector;
import dev.weir.testkit.TestCollector.ReceivedLog;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A folder's TelemetryPolicy names a collector: the real control plane compiles it, and the sidecar
 * sends it a record of what the app calls.
 */
@Tag("slow")
class RecordsByPolicyTest {
  private static final String COLLECTOR = "backendRef: {name: collector, port: 4317}";

  @TempDir private Path folder;
  private TestUpstream app;
  private TestCollector collector;
  private TestControlPlane controlPlane;
  private TestSidecar sidecar;

  @BeforeEach
  void start() throws IOException {
    app =
        TestUpstream.start((request, out) ->
            TestUpstream.reply(out, request.head().startsWith("GET /lost ") ? 404 : 200, "x"));
    collector = new TestCollector();
    controlPlane = new TestControlPlane(folder, app.port());
    sidecar = TestSidecar.start(controlPlane.bootstrap(), 1);
    Await.until(() -> sidecar.sidecar().addresses().containsKey("outbound"));
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    controlPlane.close();
    collector.close();
    app.close();
  }

  /** Virtual addresses of loopback and the listener's port need no redirection. */
  private void mesh(String policy) throws IOException {
    controlPlane.write(
        "collector",
        service("collector", "127.0.0.3", "grpc", 4317, collector.grpcPort())
            + service("cart", "127.0.0.1", "http", sidecar.port("outbound"), app.port())
            + service("feed", "127.0.0.2", "tcp", sidecar.port("outbound"), app.port()));
    controlPlane.policy("TelemetryPolicy", policy);
    Await.until(() -> sidecar.sidecar().clusters().get("outbound|4317|shop/collector") != null);
  }

  private int get(String address, String path) {
    try (RawClient client = client(address)) {
      return client.get(path).status();
    } catch (IOException notYet) {
      return 0;
    }
  }

  private RawClient client(String address) throws IOException {
    return new RawClient(new InetSocketAddress(address, sidecar.port("outbound")));
  }

  /** Calls until there is a record of such a call. */
  private ReceivedLog awaitRecord(String address, String path, Predicate<String> body) {
    Await.until(() -> {
      int _ = get(address, path);
      return collector.logs().stream().anyMatch(log -> body.test(body(log)));
    });
    return collector.logs().stream().filter(log -> body.test(body(log))).findFirst().orElseThrow();
  }

  private static String body(ReceivedLog log) {
    return log.log().getBody().getStringValue();
  }

  @Test
  void eachRequestAndConnectionIsARecord() throws IOException {
    mesh("accessLog: {otlp: {" + COLLECTOR + "}}");
    ReceivedLog request = awaitRecord("127.0.0.1", "/cart?a=b", "GET /cart?a=b 200"::equals);
    assertEquals("GET", request.attribute("method"));
    assertEquals("200", request.attribute("status"));
    assertEquals("/cart?a=b", request.attribute("path"));
    assertEquals("1", request.attribute("attempts"));
    assertTrue(request.log().getTimeUnixNano() > 0);
    assertEquals("inventory", request.resource().get("service.name"));
    assertEquals("shop", request.resource().get("service.namespace"));
    assertEquals(TestControlPlane.NODE, request.resource().get("service.instance.id"));
    ReceivedLog connection = awaitRecord("127.0.0.2", "/", body -> body.endsWith("|shop/feed"));
    assertTrue(body(connection).startsWith("TCP 127.0.0.1:"), body(connection));
    assertEquals("TCP", connection.attribute("protocol"));
  }

  @Test
  void whatThePolicyLeavesOutIsNoRecord() throws IOException {
    mesh("accessLog: {anyOf: [{status: {min: 400}}], otlp: {" + COLLECTOR + "}}");
    ReceivedLog _ = awaitRecord("127.0.0.1", "/lost", "GET /lost 404"::equals);
    int before = collector.logs().size();
    Await.until(() -> get("127.0.0.1", "/found") == 200 && get("127.0.0.2", "/") == 200);
    assertEquals(404, get("127.0.0.1", "/lost"));
    collector.awaitLogs(before + 1);
    assertTrue(collector.logs().stream().allMatch(log -> body(log).equals("GET /lost 404")));
  }
}
