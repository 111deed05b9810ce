package dev.weir.sidecar.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.GatewayMesh;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code RequestMirror}: the copy, and that the request knows nothing of it. */
class MirrorTest {
  private static final String SENT = "cluster.outbound|8080|shop/next.weir_mirror.sent";
  private static final String GIVEN_UP = "cluster.outbound|8080|shop/next.weir_mirror.given_up";

  private TestUpstream app;
  private TestUpstream next;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("app");
    next = TestUpstream.replying("next");
  }

  @AfterEach
  void stop() throws IOException {
    app.close();
    next.close();
  }

  private TestSidecar sidecar(String mirrors, Map<String, Integer> apps) {
    GatewayMesh mesh =
        GatewayMesh.of(
            GatewayMesh.services("app", "next", "third")
                + GatewayMesh.route(
                    "app",
                    "app",
                    "[{filters: [%s], backendRefs: [{name: app, port: 8080}]}]"
                        .formatted(mirrors)));
    assertEquals(List.of(), mesh.findings());
    return mesh.start("app", apps);
  }

  private static String mirror(String service, String share) {
    return "{type: RequestMirror, requestMirror: {backendRef: {name: %s, port: 8080}%s}}"
        .formatted(service, share);
  }

  private TestSidecar sidecar() {
    return sidecar(mirror("next", ""), Map.of("app", app.port(), "next", next.port()));
  }

  @Test
  void copyHasHeadAndBodyAndItsHostSaysSo() throws Exception {
    try (TestSidecar sidecar = sidecar();
        RawClient client = new RawClient(sidecar.port())) {
      String request =
          "POST /a?b HTTP/1.1\r\nHost: app:8080\r\nX-A: b\r\nContent-Length: 4\r\n\r\nbody";
      assertEquals("app", client.send(request).read(false).body());
      TestUpstream.Request copy = next.next();
      assertEquals("POST /a?b HTTP/1.1", copy.line());
      assertEquals("app-shadow:8080", copy.field("host"));
      assertEquals("b", copy.field("x-a"));
      assertEquals("body", copy.text());
      assertEquals("app:8080", app.next().field("host"));
      Await.until(() -> sidecar.stat(SENT) == 1);
      assertEquals(0, sidecar.stat(GIVEN_UP));
    }
  }

  @Test
  void copyIsOfTheRequestAsItGoesOn() throws Exception {
    String filters =
        "{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-a, value: ours}]}}, {type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: /new}}}, "
            + mirror("next", "");
    try (TestSidecar sidecar = sidecar(filters, Map.of("app", app.port(), "next", next.port()));
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals(200, client.get("/old").status());
      TestUpstream.Request copy = next.next();
      assertEquals("GET /new HTTP/1.1", copy.line());
      assertEquals("ours", copy.field("x-a"));
    }
  }

  @Test
  void severalMirrorsEachGetACopy() throws Exception {
    try (TestUpstream third = TestUpstream.replying("third");
        TestSidecar sidecar =
            sidecar(
                mirror("next", "") + ", " + mirror("third", ""),
                Map.of("app", app.port(), "next", next.port(), "third", third.port()));
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals("app", client.get("/").body());
      next.next();
      third.next();
    }
  }

  @Test
  void shareOfTheRequestsIsMirrored() throws Exception {
    for (String share :
        List.of(", percent: 0", ", percent: 50", ", fraction: {numerator: 1, denominator: 2}")) {
      try (TestSidecar sidecar =
              sidecar(mirror("next", share), Map.of("app", app.port(), "next", next.port()));
          RawClient client = new RawClient(sidecar.port())) {
        for (int i = 0; i < 200; i++) {
          assertEquals(200, client.get("/").status());
        }
        long sent = sidecar.stat(SENT);
        assertTrue(
            share.endsWith("0") && share.length() < 13 ? sent == 0 : sent > 60 && sent < 140,
            share + sent);
      }
    }
  }

  @Test
  void requestDoesNotWaitForAMirrorThatNeverAnswers() throws Exception {
    next.script((request, out) -> {
      java.util.concurrent.locks.LockSupport.parkNanos(2_000_000_000L);
      return false;
    });
    try (TestSidecar sidecar = sidecar();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 5; i++) {
        assertEquals("app", client.get("/").body());
      }
      assertEquals(5, sidecar.stat(SENT));
    }
  }

  @Test
  void requestDoesNotFailWithAMirrorThatIsNotThere() throws Exception {
    try (ClosedPort closed = new ClosedPort();
        TestSidecar sidecar =
            sidecar(mirror("next", ""), Map.of("app", app.port(), "next", closed.port()));
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals("app", client.get("/").body());
      Await.until(() -> sidecar.stat(GIVEN_UP) == 1);
    }
  }

  @Test
  void answerOfAMirrorIsDropped() throws Exception {
    next.script((request, out) -> TestUpstream.reply(out, 500, "x".repeat(100_000)));
    try (TestSidecar sidecar = sidecar();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 3; i++) {
        RawClient.Response response = client.get("/");
        assertEquals(200, response.status());
        assertEquals("app", response.body());
        next.next();
      }
      assertEquals(0, sidecar.stat(GIVEN_UP));
    }
  }

  @Test
  void bodyThatAMirrorDoesNotTakeIsGivenUpAndReachesTheAppWhole() throws Exception {
    String body = "b".repeat(8 << 20);
    try (java.net.ServerSocket deaf =
            new java.net.ServerSocket(0, 8, java.net.InetAddress.getLoopbackAddress());
        TestSidecar sidecar =
            sidecar(mirror("next", ""), Map.of("app", app.port(), "next", deaf.getLocalPort()));
        RawClient client = new RawClient(sidecar.port())) {
      client.send(
          "POST / HTTP/1.1\r\nHost: app\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
      assertEquals("app", client.read(false).body());
      assertEquals(body.length(), app.next().body().length);
      Await.until(() -> sidecar.stat(GIVEN_UP) == 1);
    }
  }

  @Test
  void chunksAndTrailersGoToTheMirrorToo() throws Exception {
    try (TestSidecar sidecar = sidecar();
        RawClient client = new RawClient(sidecar.port())) {
      client.send("POST / HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
      client.send("3\r\ndef\r\n0\r\nx-t: 1\r\n\r\n");
      assertEquals("app", client.read(false).body());
      assertEquals("abcdef[x-t: 1]", next.next().text());
      assertEquals(0, sidecar.stat(GIVEN_UP));
    }
  }

  @Test
  void copyOfARequestThatIsBrokenOffEndsWithIt() throws Exception {
    try (TestSidecar sidecar = sidecar()) {
      try (RawClient client = new RawClient(sidecar.port())) {
        client.send("POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 10\r\n\r\nhalf");
        Await.until(() -> next.openConnections() == 1);
      }
      Await.until(() -> sidecar.stat(GIVEN_UP) == 1);
      Await.until(() -> next.openConnections() == 0);
    }
  }
}
