package dev.weir.sidecar.http.h2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.RawHttp2Client.Frame;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** HTTP/2 requests that must not travel: to HTTP/1.1 they would be something else. */
class MalformedHttp2Test {
  private static final int PROTOCOL_ERROR = 1;
  private static final int STREAM_CLOSED = 5;
  private static final int ENHANCE_YOUR_CALM = 11;

  private static TestUpstream upstream;
  private static TestSidecar sidecar;

  @BeforeAll
  static void start() throws IOException {
    upstream = TestUpstream.replying("hello");
    sidecar = TestSidecar.start(TestSidecar.yaml(upstream.port(), "", "", "", ""), 1);
  }

  @AfterAll
  static void stop() throws IOException {
    sidecar.close();
    upstream.close();
  }

  private static RawHttp2Client client() throws IOException {
    return new RawHttp2Client(sidecar.port());
  }

  static Stream<Arguments> malformed() {
    return Stream.of(
        arguments("no method", without(":method")),
        arguments("no path", without(":path")),
        arguments("no scheme", without(":scheme")),
        arguments("no authority and no host", without(":authority")),
        arguments("empty method", request(":method", "")),
        arguments("empty path", request(":path", "")),
        arguments("empty authority", request(":authority", "")),
        arguments("method twice", with(":method", "POST")),
        arguments("path twice", with(":path", "/b")),
        arguments("authority twice", with(":authority", "b")),
        arguments("unknown pseudo-header", with(":x", "a")),
        arguments("status in a request", with(":status", "200")),
        arguments("extended CONNECT", with(":protocol", "websocket")),
        arguments("CONNECT with a path", request(":method", "CONNECT")),
        arguments("space in the method", request(":method", "GET /x HTTP/1.1")),
        arguments("space in the path", request(":path", "/a HTTP/1.1")),
        arguments("line break in the path", request(":path", "/ HTTP/1.1\r\nx: y")),
        arguments("fragment in the path", request(":path", "/a#b")),
        arguments("NUL in the path", request(":path", "/a\0")),
        arguments("path without a slash", request(":path", "a")),
        arguments("asterisk without OPTIONS", request(":path", "*")),
        arguments("unknown scheme", request(":scheme", "ftp")),
        arguments("line break in the authority", request(":authority", "a\r\nx: y")),
        arguments("user info in the authority", request(":authority", "u@a")),
        arguments("path in the authority", request(":authority", "a/b")),
        arguments("two ports in the authority", request(":authority", "a:1:2")),
        arguments("bad port in the authority", request(":authority", "a:x")),
        arguments("a host that is not the authority", with("host", "other")),
        arguments("two hosts", with("host", "app", "host", "app")),
        arguments("upper-case name", with("X-A", "a")),
        arguments("empty name", with("", "a")),
        arguments("colon in a name", with("x:a", "a")),
        arguments("line break in a name", with("x\r\ny", "a")),
        arguments("line break in a value", with("x-a", "a\r\nx-b: b")),
        arguments("bare LF in a value", with("x-a", "a\nb")),
        arguments("NUL in a value", with("x-a", "a\0")),
        arguments("space before a value", with("x-a", " a")),
        arguments("space behind a value", with("x-a", "a ")),
        arguments("connection", with("connection", "close")),
        arguments("keep-alive", with("keep-alive", "1")),
        arguments("proxy-connection", with("proxy-connection", "close")),
        arguments("transfer-encoding", with("transfer-encoding", "chunked")),
        arguments("upgrade", with("upgrade", "h2c")),
        arguments("TE other than trailers", with("te", "gzip")),
        arguments("content length that is no number", with("content-length", "x")),
        arguments("signed content length", with("content-length", "+0")),
        arguments("two content lengths", with("content-length", "0", "content-length", "1")),
        arguments("a content length and no body", with("content-length", "5")),
        arguments("pseudo-header behind a field", with("x-a", "a", ":path", "/b")));
  }

  private static List<String> good() {
    return List.of(":method", "GET", ":scheme", "http", ":authority", "app", ":path", "/bad");
  }

  private static List<String> without(String name) {
    List<String> fields = new ArrayList<>(good());
    int at = fields.indexOf(name);
    fields.subList(at, at + 2).clear();
    return fields;
  }

  private static List<String> request(String name, String value) {
    List<String> fields = new ArrayList<>(good());
    fields.set(fields.indexOf(name) + 1, value);
    return fields;
  }

  private static List<String> with(String... more) {
    List<String> fields = new ArrayList<>(good());
    fields.addAll(fields.size(), List.of(more));
    return fields;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void isResetAndGoodRequestsGoOn(String name, List<String> fields) throws Exception {
    try (RawHttp2Client client = client()) {
      client.headers(1, true, fields.toArray(String[]::new)).flush();
      Frame end =
          client.await(frame ->
              frame.type() == RawHttp2Client.RST_STREAM
                  || frame.type() == RawHttp2Client.GOAWAY
                  || frame.type() == RawHttp2Client.HEADERS);
      assertTrue(end.type() != RawHttp2Client.HEADERS, "answered");
      assertEquals(PROTOCOL_ERROR, end.error());
      if (end.type() == RawHttp2Client.RST_STREAM) {
        client.get(3, "/good").flush();
        assertEquals(200, client.status(3));
      }
    }
    try (RawHttp2Client other = client()) {
      assertEquals(200, other.get(1, "/good").flush().status(1));
    }
    for (TestUpstream.Request request : upstream.all()) {
      assertEquals("GET /good HTTP/1.1", request.line());
    }
  }

  @Test
  void bodyLongerThanItsLengthIsReset() throws Exception {
    try (RawHttp2Client client = client()) {
      client
          .headers(1, false, with("content-length", "2").toArray(String[]::new))
          .data(1, true, "abc")
          .flush();
      assertEquals(PROTOCOL_ERROR, client.await(RawHttp2Client.RST_STREAM, 1).error());
      assertEquals(200, client.get(3, "/good").flush().status(3));
    }
  }

  /** RFC 9110 8.6 leaves the choice; Netty has made one of them before we see them. */
  @Test
  void equalContentLengthsTravelAsOne() throws Exception {
    try (TestUpstream own =
            TestUpstream.start((request, out) -> TestUpstream.reply(out, 200, request.text()));
        TestSidecar sidecar = TestSidecar.start(TestSidecar.yaml(own.port(), "", "", "", ""), 1);
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      List<String> fields = request(":method", "POST");
      fields.addAll(List.of("content-length", "3", "content-length", "3"));
      client.headers(1, false, fields.toArray(String[]::new)).data(1, true, "abc").flush();
      assertEquals(200, client.status(1));
      String head = own.next().head().toLowerCase(java.util.Locale.ROOT);
      assertEquals(head.indexOf("content-length: 3\r\n"), head.lastIndexOf("content-length"));
    }
  }

  @Test
  void trailersThatWouldFrameAMessageStayBehind() throws Exception {
    try (TestUpstream echo =
            TestUpstream.start((request, out) -> TestUpstream.reply(out, 200, request.text()));
        TestSidecar own = TestSidecar.start(TestSidecar.yaml(echo.port(), "", "", "", ""), 1);
        RawHttp2Client client = new RawHttp2Client(own.port())) {
      client
          .headers(1, false, request(":method", "POST").toArray(String[]::new))
          .data(1, false, "abc")
          .headers(1, true, "content-length", "9", "host", "other", "x-sum", "7")
          .flush();
      assertEquals(200, client.status(1));
      assertEquals("abc[x-sum: 7]", client.await(RawHttp2Client.DATA, 1).text());
    }
  }

  @Test
  void expectContinueIsAnsweredAndDoesNotTravel() throws Exception {
    try (TestUpstream echo =
            TestUpstream.start(
                (request, out) -> TestUpstream.reply(out, 200, request.field("expect")));
        TestSidecar own = TestSidecar.start(TestSidecar.yaml(echo.port(), "", "", "", ""), 1);
        RawHttp2Client client = new RawHttp2Client(own.port())) {
      List<String> fields = request(":method", "POST");
      fields.addAll(List.of("expect", "100-continue", "content-length", "3"));
      client.headers(1, false, fields.toArray(String[]::new)).flush();
      assertEquals(100, client.status(1));
      client.data(1, true, "abc").flush();
      Frame head = client.await(RawHttp2Client.HEADERS, 1);
      assertTrue(head.endStream(), "no body: the upstream saw no expectation");
    }
  }

  @Test
  void headOnAStreamThatTheClientEndedBreaksTheConnection() throws Exception {
    try (RawHttp2Client client = client()) {
      client.get(1, "/good").flush();
      assertTrue(client.await(RawHttp2Client.DATA, 1).endStream());
      client.get(1, "/bad").flush();
      assertEquals(STREAM_CLOSED, client.await(RawHttp2Client.GOAWAY, 0).error());
    }
  }

  @Test
  void headAfterTheEndOfTheRequestIsOfAClosedStream() throws Exception {
    try (TestUpstream silent = TestUpstream.start((request, out) -> true);
        TestSidecar own = TestSidecar.start(TestSidecar.yaml(silent.port(), "", "", "", ""), 1);
        RawHttp2Client client = new RawHttp2Client(own.port())) {
      client.get(1, "/good").get(1, "/bad").flush();
      assertEquals(STREAM_CLOSED, client.await(RawHttp2Client.RST_STREAM, 1).error());
    }
  }

  @Test
  void streamThatWasPassedOverCannotBeOpenedLater() throws Exception {
    try (RawHttp2Client client = client()) {
      client.get(5, "/good").flush();
      assertEquals(200, client.status(5));
      client.get(3, "/bad").flush();
      assertEquals(PROTOCOL_ERROR, client.await(RawHttp2Client.GOAWAY, 0).error());
    }
  }

  @Test
  void trailersOfAnUploadThatWasResetAreLateAndNoMore() throws Exception {
    try (RawHttp2Client client = client()) {
      client
          .headers(1, false, request(":method", "POST").toArray(String[]::new))
          .reset(1)
          .headers(1, true, "x-sum", "7")
          .get(3, "/good")
          .flush();
      assertEquals(200, client.status(3));
    }
  }

  @Test
  void malformedRequestsAreNotPassedOver() throws Exception {
    try (RawHttp2Client client = client()) {
      client
          .headers(1, false, with("X-A", "a").toArray(String[]::new))
          .get(3, "/good")
          .data(1, true, "late")
          .get(5, "/good")
          .flush();
      assertEquals(200, client.status(3));
      assertEquals(200, client.status(5));
    }
  }

  @Test
  void floodOfResetsEndsItsConnectionAndNoOther() throws Exception {
    try (RawHttp2Client flood = client()) {
      for (int stream = 1; stream < 2 * 600; stream += 2) {
        flood.get(stream, "/good").reset(stream);
      }
      flood.flush();
      assertEquals(ENHANCE_YOUR_CALM, flood.await(RawHttp2Client.GOAWAY, 0).error());
      assertTrue(flood.closed());
    }
    try (RawHttp2Client other = client()) {
      assertEquals(200, other.get(1, "/good").flush().status(1));
    }
  }

  @Test
  void nothingIsLookedAtBehindTheOneTooMany() throws Exception {
    long before = sidecar.stat("http.in.downstream_rq_total");
    try (RawHttp2Client flood = client()) {
      for (int stream = 1; stream < 2 * 3000; stream += 2) {
        flood.headers(stream, true, with(":x", "a").toArray(String[]::new));
      }
      flood.flush();
      assertEquals(ENHANCE_YOUR_CALM, flood.await(RawHttp2Client.GOAWAY, 0).error());
      assertTrue(flood.closed());
    }
    assertEquals(250, sidecar.stat("http.in.downstream_rq_total") - before);
  }

  @Test
  void resetsAmongManyGoodRequestsAreTraffic() throws Exception {
    try (RawHttp2Client client = client()) {
      int stream = 1;
      for (int i = 0; i < 300; i++) {
        client.get(stream, "/good").get(stream + 2, "/good").reset(stream + 2).flush();
        assertEquals(200, client.status(stream));
        stream += 4;
      }
    }
  }

  /** A client that hedges, or changes its mind, to an app that is slow. */
  @Test
  void resetsOfRequestsThatHaveWaitedAreNoFlood() throws Exception {
    try (TestUpstream silent = TestUpstream.start((request, out) -> true);
        TestSidecar own = TestSidecar.start(TestSidecar.yaml(silent.port(), "", "", "", ""), 1);
        RawHttp2Client client = new RawHttp2Client(own.port())) {
      int stream = 1;
      for (int round = 0; round < 6; round++) {
        int first = stream;
        for (int i = 0; i < 50; i++) {
          client.get(stream, "/good");
          stream += 2;
        }
        client.flush();
        Await.until(() -> own.stat("cluster.app.upstream_rq_active") == 50);
        long begun = System.nanoTime();
        Await.until(() -> System.nanoTime() - begun > 15_000_000);
        for (int i = first; i < stream; i += 2) {
          client.reset(i);
        }
        client.flush();
        Await.until(() -> own.stat("cluster.app.upstream_rq_active") == 0);
      }
      client.frame(RawHttp2Client.PING, 0, 0, new byte[8]).flush();
      Frame answer =
          client.await(frame ->
              frame.type() == RawHttp2Client.GOAWAY || frame.type() == RawHttp2Client.PING);
      assertEquals(RawHttp2Client.PING, answer.type());
    }
  }

  @Test
  void refusedUploadsDoNotEndTheirConnection() throws Exception {
    String yaml =
        TestSidecar.yaml(upstream.port(), "", "", "", "")
            .replace("match: {prefix: \"/\"}", "match: {prefix: \"/elsewhere\"}");
    try (TestSidecar own = TestSidecar.start(yaml, 1);
        RawHttp2Client client = new RawHttp2Client(own.port())) {
      for (int i = 0; i < 400; i++) {
        int stream = 2 * i + 1;
        client.headers(stream, false, request(":method", "POST").toArray(String[]::new)).flush();
        assertEquals(404, client.status(stream));
        assertEquals(0, client.await(RawHttp2Client.RST_STREAM, stream).error(), "NO_ERROR");
      }
    }
  }
}
