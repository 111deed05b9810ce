package dev.weir.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1.1 through the whole sidecar, on real sockets. */
class Http1ProxyTest {
  private TestUpstream upstream;
  private TestSidecar sidecar;

  @BeforeEach
  void start() throws IOException {
    upstream = TestUpstream.replying("hello");
    sidecar = TestSidecar.start(TestSidecar.yaml(upstream.port(), "", "", "", ""), 1);
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    upstream.close();
  }

  private RawClient client() throws IOException {
    return new RawClient(sidecar.port());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void requestsOfManyConnectionsAreAnsweredByOneLoopAndByTwo(int loops) throws IOException {
    try (TestSidecar many =
        TestSidecar.start(TestSidecar.yaml(upstream.port(), "", "", "", ""), loops)) {
      for (int i = 0; i < 8; i++) {
        try (RawClient client = new RawClient(many.port())) {
          assertEquals("hello", client.get("/a").body());
          assertEquals("hello", client.get("/b").body());
        }
      }
      assertEquals(16, many.stat("http.in.downstream_rq_total"));
      assertTrue(upstream.connections() <= loops, "connections are reused within a loop");
    }
  }

  @Test
  void headTravelsAsItCameButForHopByHopFields() throws Exception {
    try (RawClient client = client()) {
      client
          .send(
              "GET /p?q=1 HTTP/1.1\r\nHost: app:80\r\nX-Mixed-Case: Kept\r\nConnection: keep-alive, X-Secret\r\nX-Secret: s\r\nKeep-Alive: 5\r\nTE: gzip\r\n\r\n")
          .read(false);
    }
    TestUpstream.Request request = upstream.next();
    assertEquals("GET /p?q=1 HTTP/1.1", request.line());
    assertEquals("app:80", request.field("host"));
    assertTrue(request.head().contains("X-Mixed-Case: Kept\r\n"));
    assertEquals("", request.field("x-secret"));
    assertEquals("", request.field("keep-alive"));
    assertEquals("", request.field("te"));
    assertEquals("http", request.field("x-forwarded-proto"));
  }

  @Test
  void bodyWithLengthArrivesWhole() throws Exception {
    try (RawClient client = client()) {
      assertEquals(
          200,
          client
              .send("POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 11\r\n\r\nhello world")
              .read(false)
              .status());
    }
    assertEquals("hello world", upstream.next().text());
  }

  @Test
  void chunkedBodyAndItsTrailersArrive() throws Exception {
    try (RawClient client = client()) {
      client
          .send(
              "POST / HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 42\r\n\r\n")
          .read(false);
    }
    assertEquals("hello world[X-Sum: 42]", upstream.next().text());
  }

  @Test
  void chunkedResponseAndItsTrailersArrive() throws Exception {
    upstream.script((request, out) -> {
      TestUpstream.write(
          out,
          "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-end: 1\r\n\r\n");
      return true;
    });
    try (RawClient client = client()) {
      assertEquals("abc[x-end: 1]", client.get("/").body());
    }
  }

  @Test
  void responseThatEndsWithItsConnectionIsWhole() throws Exception {
    upstream.script((request, out) -> {
      TestUpstream.write(out, "HTTP/1.1 200 OK\r\n\r\nuntil the end");
      return false;
    });
    try (RawClient client = client()) {
      assertEquals("until the end", client.get("/").body());
      assertEquals("until the end", client.get("/").body());
    }
  }

  @Test
  void answersToHeadAndWithoutContentHaveNoBody() throws Exception {
    upstream.script((request, out) -> {
      boolean head = request.line().startsWith("HEAD");
      TestUpstream.write(
          out,
          head
              ? "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"
              : "HTTP/1.1 204 No Content\r\n\r\n");
      return true;
    });
    try (RawClient client = client()) {
      RawClient.Response head = client.send("HEAD / HTTP/1.1\r\nHost: app\r\n\r\n").read(true);
      assertEquals("5", head.field("content-length"));
      RawClient.Response none = client.get("/");
      assertEquals(204, none.status());
      assertEquals("", none.field("content-length"));
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    upstream.script((request, out) -> TestUpstream.reply(out, 200, request.line()));
    StringBuilder pipeline = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      pipeline.append("GET /").append(i).append(" HTTP/1.1\r\nHost: app\r\n\r\n");
    }
    try (RawClient client = client()) {
      client.send(pipeline.toString());
      for (int i = 0; i < 20; i++) {
        assertEquals("GET /" + i + " HTTP/1.1", client.read(false).body());
      }
    }
  }

  @Test
  void expectationIsMetBeforeTheBodyIsSent() throws Exception {
    try (RawClient client = client()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
      assertEquals(100, client.read(false).status());
      assertEquals(200, client.send("ok").read(false).status());
    }
    assertEquals("", upstream.next().field("expect"));
  }

  @Test
  void earlyHintsComeBeforeTheResponse() throws Exception {
    upstream.script((request, out) -> {
      TestUpstream.write(out, "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
      return TestUpstream.reply(out, 200, "done");
    });
    try (RawClient client = client()) {
      RawClient.Response hints = client.get("/");
      assertEquals(103, hints.status());
      assertEquals("</a>", hints.field("link"));
      assertEquals("done", client.read(false).body());
    }
  }

  /** RFC 9110 2.5: the highest version that both know. */
  @Test
  void aLaterMinorVersionIsReadAsHttp11() throws Exception {
    try (RawClient client = client()) {
      String request = "GET / HTTP/1.2\r\nHost: app\r\n\r\n";
      RawClient.Response response = client.send(request).read(false);
      assertTrue(response.head().startsWith("HTTP/1.1 200 "), response.head());
      assertEquals(200, client.send(request).read(false).status(), "the connection stays");
    }
    assertEquals("GET / HTTP/1.1", upstream.next().line());
  }

  @Test
  void emptyLinesBetweenRequestsArePassedOver() throws Exception {
    try (RawClient client = client()) {
      for (int i = 0; i < 3; i++) {
        client.send("\r\n".repeat(8) + "GET / HTTP/1.1\r\nHost: app\r\n\r\n");
        assertEquals("hello", client.read(false).body());
      }
    }
  }

  @Test
  void http10IsAnsweredAsHttp10AndClosed() throws Exception {
    try (RawClient client = client()) {
      RawClient.Response response = client.send("GET / HTTP/1.0\r\n\r\n").read(false);
      assertTrue(response.head().startsWith("HTTP/1.0 200 "), response.head());
      assertEquals("close", response.field("connection"));
      assertTrue(client.closedWithin(2000));
    }
    assertTrue(upstream.next().head().contains("\r\nHost: \r\n"), "an empty Host goes onwards");
  }

  @Test
  void http10KeepsItsConnectionIfItAsks() throws Exception {
    try (RawClient client = client()) {
      String request = "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n";
      assertEquals("keep-alive", client.send(request).read(false).field("connection"));
      assertEquals("hello", client.send(request).read(false).body());
    }
  }

  @Test
  void earlyFinalResponseIsSeenByAClientThatIsStillSending() throws Exception {
    upstream.script((request, out) -> {
      TestUpstream.write(out, "HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno");
      return true;
    });
    try (RawClient client = client()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: app\r\nX-Early: 1\r\nContent-Length: 1000000\r\n\r\n"
              + "x".repeat(1000));
      RawClient.Response response = client.read(false);
      assertEquals(413, response.status());
      assertEquals("close", response.field("connection"));
      assertTrue(client.closedWithin(3000));
    }
  }

  @Test
  void clientThatSaysItsLastWordCancelsItsRequest() throws Exception {
    java.util.concurrent.CountDownLatch left = new java.util.concurrent.CountDownLatch(1);
    upstream.script((request, out) -> {
      try {
        // The sidecar's connection ends with the request: a write to it fails sooner or later.
        while (true) {
          TestUpstream.write(out, "HTTP/1.1 102 Processing\r\n\r\n");
        }
      } finally {
        left.countDown();
      }
    });
    try (RawClient client = client()) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      upstream.next();
      client.shutdownOutput();
      assertTrue(left.await(5, java.util.concurrent.TimeUnit.SECONDS), "still at work");
    }
  }

  @Test
  void earlyAnswerToAShortBodyKeepsTheConnection() throws Exception {
    upstream.script((request, out) -> TestUpstream.reply(out, 200, request.line()));
    try (RawClient client = client()) {
      client.send(
          "POST /1 HTTP/1.1\r\nHost: app\r\nX-Early: 1\r\nContent-Length: 20\r\n\r\n"
              + "x".repeat(10));
      RawClient.Response first = client.read(false);
      assertEquals("", first.field("connection"));
      client.send("x".repeat(10) + "GET /2 HTTP/1.1\r\nHost: app\r\n\r\n");
      assertEquals("GET /2 HTTP/1.1", client.read(false).body());
    }
  }

  @Test
  void earlyAnswerToABodyOfUnknownLengthAnnouncesTheEnd() throws Exception {
    upstream.script((request, out) -> TestUpstream.reply(out, 200, "early"));
    try (RawClient client = client()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: app\r\nX-Early: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
      RawClient.Response response = client.read(false);
      assertEquals("early", response.body());
      assertEquals("close", response.field("connection"));
      assertTrue(client.closedWithin(3000));
    }
  }

  @Test
  void connectionCloseIsHonoured() throws Exception {
    try (RawClient client = client()) {
      RawClient.Response response =
          client.send("GET / HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n").read(false);
      assertEquals("close", response.field("connection"));
      assertTrue(client.closedWithin(2000));
    }
  }

  @Test
  void largeBodiesPassBothWays() throws Exception {
    String large = "0123456789abcdef".repeat(256 * 1024);
    upstream.script((request, out) -> TestUpstream.reply(out, 200, request.text()));
    try (RawClient client = client()) {
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  client.send(
                      "POST / HTTP/1.1\r\nHost: app\r\nContent-Length: "
                          + large.length()
                          + "\r\n\r\n"
                          + large);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      assertEquals(large, client.read(false).body());
      sender.join();
    }
  }

  @Test
  void upstreamThatClosesBeforeItsResponseIsA503WithItsCause() throws Exception {
    upstream.script((request, out) -> false);
    try (RawClient client = client()) {
      RawClient.Response response = client.get("/");
      assertEquals(503, response.status());
      assertEquals("upstream-closed", response.field("x-weir-cause"));
      assertFalse(client.closedWithin(100), "the client's connection is still good");
    }
  }

  @Test
  void upstreamThatIsNotThereIsA503WithItsCause() throws Exception {
    try (ClosedPort closed = new ClosedPort();
        TestSidecar toClosed =
            TestSidecar.start(TestSidecar.yaml(closed.port(), "", "", "", ""), 1);
        RawClient client = new RawClient(toClosed.port())) {
      RawClient.Response response = client.get("/");
      assertEquals(503, response.status());
      assertEquals("connect-failure", response.field("x-weir-cause"));
      assertTrue(response.body().contains("connection_refused"), response.body());
    }
  }

  @Test
  void upstreamThatBreaksTheProtocolIsA502() throws Exception {
    upstream.script((request, out) -> {
      TestUpstream.write(
          out,
          "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n");
      return false;
    });
    try (RawClient client = client()) {
      RawClient.Response response = client.get("/");
      assertEquals(502, response.status());
      assertEquals("upstream-protocol-error", response.field("x-weir-cause"));
    }
  }

  @Test
  void adminPagesAnswer() throws Exception {
    try (RawClient admin = new RawClient(sidecar.adminPort())) {
      assertEquals("LIVE\n", admin.get("/ready").body());
      assertTrue(admin.get("/server_info").body().contains("\"state\":\"LIVE\""));
      assertTrue(
          admin
              .get("/clusters")
              .body()
              .contains("app::127.0.0.1:" + upstream.port() + "::health_flags::healthy"));
      assertTrue(
          admin
              .get("/stats/prometheus")
              .body()
              .contains("envoy_http_downstream_rq_total{envoy_http_conn_manager_prefix=\"in\"} 0"));
      assertTrue(admin.get("/config_dump").body().contains("\"stat_prefix\": \"in\""));
      assertEquals(404, admin.get("/nothing").status());
    }
  }

  @Test
  void drainEndsRequestsAndThenConnections() throws Exception {
    java.util.concurrent.CountDownLatch release = new java.util.concurrent.CountDownLatch(1);
    upstream.script((request, out) -> {
      try {
        release.await();
      } catch (InterruptedException e) {
        return false;
      }
      return TestUpstream.reply(out, 200, "last");
    });
    try (RawClient client = client()) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      upstream.next();
      Thread drain =
          Thread.ofVirtual()
              .start(
                  () -> assertEquals(0, sidecar.sidecar().drain(java.time.Duration.ofSeconds(5))));
      try (RawClient admin = new RawClient(sidecar.adminPort())) {
        while (!admin.get("/ready").body().equals("DRAINING\n")) {
          Thread.onSpinWait();
        }
      }
      release.countDown();
      RawClient.Response response = client.read(false);
      assertEquals("last", response.body());
      assertTrue(client.closedWithin(3000));
      drain.join();
    }
  }

  @Test
  void bytesBehindAResponseNeverAnswerAnother() throws Exception {
    try (TestUpstream app = TestUpstream.replying("fine");
        TestSidecar one =
            TestConfig.to(app)
                .cluster("circuit_breakers: {thresholds: [{max_connections: 1}]}")
                .start();
        RawClient first = new RawClient(one.port());
        RawClient second = new RawClient(one.port())) {
      app.script((request, out) -> {
        if (!request.line().contains("/a")) {
          return TestUpstream.reply(out, 200, "fine");
        }
        Await.until(() -> one.stat("cluster.app.upstream_rq_total") == 2);
        TestUpstream.write(
            out,
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nA"
                + "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil");
        return true;
      });
      first.send("GET /a HTTP/1.1\r\nHost: app\r\n\r\n");
      app.next();
      second.send("GET /b HTTP/1.1\r\nHost: app\r\n\r\n");
      assertEquals("A", first.read(false).body());
      assertEquals("fine", second.read(false).body());
    }
  }

  @Test
  void lastAnswerGoesOutWholeWithoutADelayedClose() throws Exception {
    String body = "x".repeat(8_000_000);
    try (TestUpstream app = TestUpstream.replying(body);
        TestSidecar patient = TestConfig.to(app).manager("delayed_close_timeout: 0s").start();
        RawClient slow = new RawClient(patient.port(), 8192)) {
      slow.send("GET / HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n");
      assertEquals(body.length(), slow.read(false).body().length());
    }
  }
}
