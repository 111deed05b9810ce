package dev.weir.sidecar.filter.http.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bodies that are collected before they go on, and the bound on their size. */
class BufferTest {
  private static final String TYPE = "envoy.extensions.filters.http.buffer.v3.Buffer";
  private static final String CHUNKED = "Host: app\r\ntransfer-encoding: chunked\r\n\r\n";

  private TestUpstream upstream;

  @BeforeEach
  void start() throws IOException {
    upstream =
        TestUpstream.start((request, out) -> TestUpstream.reply(out, 200, "got " + request.text()));
  }

  @AfterEach
  void stop() throws IOException {
    upstream.close();
  }

  private TestConfig limit(int bytes) {
    return TestConfig.to(upstream)
        .filter("envoy.filters.http.buffer", TYPE, "max_request_bytes: " + bytes);
  }

  private static String perRoute(String fields) {
    return "typed_per_filter_config: {envoy.filters.http.buffer: {\"@type\": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.BufferPerRoute, %s}}"
        .formatted(fields);
  }

  @Test
  void requestReachesTheAppWhenItsBodyIsComplete() throws Exception {
    try (TestSidecar sidecar = limit(100).start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send("POST / HTTP/1.1\r\n" + CHUNKED + "3\r\nabc\r\n");
      Await.until(() -> sidecar.stat("http.in.downstream_rq_active") == 1);
      assertEquals(0, upstream.connections());
      client.send("2\r\nde\r\n0\r\n\r\n");
      assertEquals("got abcde", client.read(false).body());
      assertEquals("5", upstream.next().field("content-length"));
    }
  }

  @Test
  void trailersKeepTheirBodyChunked() throws Exception {
    try (TestSidecar sidecar = limit(100).start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send("POST / HTTP/1.1\r\n" + CHUNKED + "3\r\nabc\r\n0\r\nx-sum: 6\r\n\r\n");
      assertEquals("got abc[x-sum: 6]", client.read(false).body());
      assertEquals("chunked", upstream.next().field("transfer-encoding"));
    }
  }

  @Test
  void bodyOverTheLimitIsRefusedAndReachesNobody() throws Exception {
    try (TestSidecar sidecar = limit(4).start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send("POST / HTTP/1.1\r\n" + CHUNKED + "5\r\nabcde\r\n0\r\n\r\n");
      assertEquals(413, client.read(false).status());
      assertEquals(0, upstream.connections());
      assertEquals(1, sidecar.stat("http.in.downstream_rq_too_large"));
    }
  }

  @Test
  void limitHoldsBeyondWhatTheConnectionBuffers() throws Exception {
    int size = 300_000;
    try (TestSidecar sidecar = limit(size).bufferLimit(16_384).start();
        RawClient client = new RawClient(sidecar.port())) {
      String body = "x".repeat(size);
      client.send("POST / HTTP/1.1\r\nHost: app\r\ncontent-length: " + size + "\r\n\r\n" + body);
      assertEquals(size + 4, client.read(false).body().length());
    }
  }

  @Test
  void bodyOfOneByteChunksIsHeldInFewBuffers() throws Exception {
    int size = 20_000;
    try (TestSidecar sidecar = limit(size).start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send("POST / HTTP/1.1\r\n" + CHUNKED + "1\r\nx\r\n".repeat(size) + "0\r\n\r\n");
      assertEquals(size + 4, client.read(false).body().length());
    }
  }

  @Test
  void requestWithoutABodyIsNotHeld() throws Exception {
    try (TestSidecar sidecar = limit(1).start();
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals("got ", client.get("/").body());
    }
  }

  @Test
  void routeHasALimitOfItsOwn() throws Exception {
    String yaml = limit(100).yaml();
    try (TestSidecar sidecar =
            TestSidecar.start(
                yaml.replaceFirst(
                    "- match: \\{prefix: \"/\"\\}",
                    "$0\n"
                        + " ".repeat(16)
                        + perRoute("buffer: {max_request_bytes: 2}").replace("$", "\\$")),
                1);
        RawClient client = new RawClient(sidecar.port())) {
      client.send("POST / HTTP/1.1\r\nHost: app\r\ncontent-length: 3\r\n\r\nabc");
      assertEquals(413, client.read(false).status());
    }
  }

  @Test
  void twoLimitsInARowBothHold() throws Exception {
    try (TestSidecar sidecar = limit(100).filter("second", TYPE, "max_request_bytes: 4").start()) {
      try (RawClient client = new RawClient(sidecar.port())) {
        client.send("POST / HTTP/1.1\r\n" + CHUNKED + "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n");
        assertEquals("got abcd", client.read(false).body());
      }
      try (RawClient client = new RawClient(sidecar.port())) {
        client.send("POST / HTTP/1.1\r\n" + CHUNKED + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
        assertEquals(413, client.read(false).status());
        assertEquals(1, upstream.all().size());
      }
    }
  }
}
