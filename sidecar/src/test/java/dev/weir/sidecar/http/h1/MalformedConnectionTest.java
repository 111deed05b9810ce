package dev.weir.sidecar.http.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.OpenSockets;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests that must not travel, at a whole sidecar: whole, and cut at a few places only, where
 * {@link MalformedRequestTest} cuts at every byte.
 */
class MalformedConnectionTest {
  private static TestUpstream upstream;
  private static TestSidecar sidecar;
  private static int sockets;

  @BeforeAll
  static void start() throws IOException {
    upstream = TestUpstream.replying("ok");
    sidecar = TestConfig.to(upstream).manager("max_request_headers_kb: 2").start();
    good();
    Await.until(() -> sidecar.stat("http.in.downstream_cx_active") == 0);
    sockets = OpenSockets.count();
  }

  @AfterAll
  static void stop() throws IOException {
    sidecar.close();
    upstream.close();
  }

  private static void good() throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      assertEquals("ok", client.get("/good").body());
    }
  }

  @ParameterizedTest(name = "{0}: {2}")
  @MethodSource("dev.weir.sidecar.http.h1.MalformedRequestTest#malformed")
  void isRefusedAndTheNextRequestServedAndEverySocketClosed(String name, String request, int status)
      throws IOException {
    for (int cut : List.of(0, 1, request.length() / 2, request.length() - 1)) {
      try (RawClient client = new RawClient(sidecar.port())) {
        client.send(request.substring(0, cut)).send(request.substring(cut));
        assertEquals(status, client.read(false).status());
        assertTrue(client.closedWithin(5000));
      }
      good();
    }
    Await.until(
        () -> OpenSockets.count() <= sockets,
        () -> OpenSockets.count() - sockets + " sockets are still open");
    upstream.all().forEach(seen -> assertEquals("GET /good HTTP/1.1", seen.line()));
  }
}
