package dev.weir.sidecar.http.h2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.RawHttp2Client.Frame;
import dev.weir.testkit.RawHttp2Server;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a peer has sent on a stream before it hears that it was refused or reset: it says nothing,
 * and least of all about the other streams. RFC 9113 5.1.
 */
class LateFramesTest {
  private static final int PROTOCOL_ERROR = 1;
  private static final int REFUSED_STREAM = 7;
  private static final int CONTINUATION = 9;
  private static final int END_HEADERS = 4;
  private static final String[] POST = {
    ":method", "POST", ":scheme", "http", ":authority", "app", ":path", "/"
  };

  /** Frames on a stream. */
  interface Frames {
    void send(RawHttp2Client peer, int stream) throws IOException;
  }

  private TestUpstream echo;
  private TestSidecar sidecar;

  @BeforeEach
  void start() throws IOException {
    echo = TestUpstream.start((request, out) -> TestUpstream.reply(out, 200, request.text()));
    sidecar =
        TestSidecar.start(
            TestSidecar.yaml(
                echo.port(), "http2_protocol_options: {max_concurrent_streams: 2}", "", "", ""),
            1);
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    echo.close();
  }

  private static String[] post(String... more) {
    return Stream.concat(Stream.of(POST), Stream.of(more)).toArray(String[]::new);
  }

  static Stream<String[]> refusedHeads() {
    return Stream.of(
        post("X-A", "a"),
        post("connection", "close"),
        post("te", "gzip"),
        post("x-a", "a\0"),
        post(":method", "GET"),
        post(":x", "a"),
        post("x-a", "a", ":path", "/b"),
        new String[] {
          ":method", "POST", ":scheme", "http", ":authority", "app", ":path", "/ HTTP/1.1\r\nx: y"
        });
  }

  static Stream<Arguments> late() {
    return Stream.of(
        arguments("a body", (Frames) (peer, id) -> peer.data(id, false, "ab").data(id, true, "c")),
        arguments("a window", (Frames) (peer, id) -> peer.window(id, 100)),
        arguments("a reset", (Frames) (peer, id) -> peer.reset(id)),
        arguments("trailers", (Frames) (peer, id) -> peer.headers(id, true, "x-sum", "7")),
        arguments(
            "trailers in two parts",
            (Frames)
                (peer, id) ->
                    peer.frame(
                            RawHttp2Client.HEADERS,
                            RawHttp2Client.END_STREAM,
                            id,
                            new byte[] {0, 3, 'x', '-', 'a'})
                        .frame(CONTINUATION, END_HEADERS, id, new byte[] {1, 'b'})),
        arguments(
            "malformed trailers", (Frames) (peer, id) -> peer.headers(id, true, "X-Sum", "7")),
        arguments("another head", (Frames) (peer, id) -> peer.headers(id, true, POST)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("late")
  void behindAMalformedHeadAreIgnored(String name, Frames late) throws IOException {
    for (String[] head : refusedHeads().toList()) {
      try (RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
        client.headers(1, false, POST).headers(3, false, head);
        late.send(client, 3);
        client.flush();
        assertEquals(PROTOCOL_ERROR, client.await(RawHttp2Client.RST_STREAM, 3).error());
        othersGoOn(client);
      }
    }
    for (TestUpstream.Request request : echo.all()) {
      assertEquals("first", request.text(), "one of the others");
    }
  }

  /** Stream 1, which is open, and a next one, and nothing further is said of stream 3. */
  private static void othersGoOn(RawHttp2Client client) throws IOException {
    client.data(1, true, "first").headers(5, false, POST).data(5, true, "first").flush();
    Frame told =
        client.await(frame ->
            frame.type() == RawHttp2Client.GOAWAY
                || frame.stream() == 3
                || frame.type() == RawHttp2Client.HEADERS && frame.stream() == 1);
    assertEquals(RawHttp2Client.HEADERS, told.type(), () -> told + " " + told.text());
    assertEquals(1, told.stream());
    assertEquals("first", client.await(RawHttp2Client.DATA, 1).text());
    assertEquals(200, client.status(5));
  }

  /** Who has not heard yet how many there may be loses those alone, and is no flood. */
  @Test
  void manyStreamsTooManyBeforeTheSettingsAreReadCostNoOther() throws IOException {
    try (RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client.headers(1, false, POST).headers(3, false, POST);
      for (int i = 0; i < 400; i++) {
        client.headers(2 * i + 5, false, POST);
      }
      client.flush();
      assertEquals(REFUSED_STREAM, client.await(RawHttp2Client.RST_STREAM, 803).error());
      client.data(1, true, "first").flush();
      assertEquals("first", client.await(RawHttp2Client.DATA, 1).text());
      assertEquals(0, sidecar.stat("http.in.downstream_rq_4xx"));
    }
  }

  /** A client reads them late, or never: RFC 9113 5.1.2 has no word of that. */
  @Test
  void oneStreamTooManyIsRefusedBeforeTheSettingsAreAcknowledged() throws IOException {
    try (RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client.headers(1, false, POST).headers(3, false, POST).headers(5, false, POST).flush();
      assertEquals(REFUSED_STREAM, client.await(RawHttp2Client.RST_STREAM, 5).error());
      client.data(1, true, "first").flush();
      assertEquals("first", client.await(RawHttp2Client.DATA, 1).text());
    }
  }

  @Test
  void behindAHeadThatIsTooLargeAreIgnored() throws IOException {
    try (TestSidecar own =
            TestSidecar.start(
                TestSidecar.yaml(echo.port(), "max_request_headers_kb: 8", "", "", ""), 1);
        RawHttp2Client client = new RawHttp2Client(own.port())) {
      client.headers(1, false, POST).headers(3, false, post("x-a", "a".repeat(10_000)));
      client.data(3, true, "late").flush();
      assertEquals("431", client.await(RawHttp2Client.HEADERS, 3).headers().status().toString());
      client.await(RawHttp2Client.RST_STREAM, 3);
      othersGoOn(client);
    }
  }

  @Test
  void behindAStreamTooManyAreIgnored() throws IOException {
    try (RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client.headers(1, false, POST).headers(5, false, POST).flush();
      client.await(frame -> frame.type() == RawHttp2Client.SETTINGS && frame.flags() == 1);
      client.headers(7, false, POST).data(7, true, "one too many").flush();
      assertEquals(REFUSED_STREAM, client.await(RawHttp2Client.RST_STREAM, 7).error());
      client.data(1, true, "first").data(5, true, "second").flush();
      assertEquals(200, client.status(1));
      assertEquals(200, client.status(5));
      client.headers(9, true, POST).flush();
      assertEquals(200, client.status(9));
    }
  }

  @Test
  void behindTheLastGoAwayAreIgnored() throws IOException {
    try (RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client.headers(1, false, POST).flush();
      client.frame(RawHttp2Client.PING, 0, 0, new byte[8]).flush();
      client.await(RawHttp2Client.PING, 0);
      sidecar.drain();
      client.await(frame -> frame.type() == RawHttp2Client.GOAWAY && frame.payload()[3] == 1);
      client.headers(3, false, POST).data(3, true, "too late").flush();
      assertEquals(REFUSED_STREAM, client.await(RawHttp2Client.RST_STREAM, 3).error());
      client.data(1, true, "first").flush();
      assertEquals("first", client.await(RawHttp2Client.DATA, 1).text());
    }
  }

  @Test
  void openTheConnectionsWindowAgain() throws IOException {
    try (RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client.headers(1, false, POST).headers(3, false, post("X-A", "a"));
      String part = "a".repeat(16_000);
      long unanswered = 0;
      for (int i = 0; i < 100; i++) {
        client.data(3, false, part).flush();
        unanswered += part.length();
        while (unanswered > 48_000) {
          unanswered -= increment(client);
        }
      }
      othersGoOnAfterTheReset(client);
    }
  }

  private static int increment(RawHttp2Client client) throws IOException {
    Frame update =
        client.await(frame ->
            frame.type() == RawHttp2Client.GOAWAY
                || frame.type() == RawHttp2Client.WINDOW_UPDATE && frame.stream() == 0);
    assertEquals(RawHttp2Client.WINDOW_UPDATE, update.type(), update::text);
    return io.netty.buffer.Unpooled.wrappedBuffer(update.payload()).getInt(0);
  }

  private static void othersGoOnAfterTheReset(RawHttp2Client client) throws IOException {
    client.await(RawHttp2Client.RST_STREAM, 3);
    othersGoOn(client);
  }

  @Test
  void countAsNoRequests() throws IOException {
    try (RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client.headers(1, false, POST).headers(3, false, post("X-A", "a"));
      for (int i = 0; i < 600; i++) { // as many resets would be a flood
        client.data(3, false, "late");
      }
      client.flush();
      othersGoOnAfterTheReset(client);
      assertEquals(3, sidecar.stat("http.in.downstream_rq_total"));
    }
  }

  /** Refused before their bodies were there, as by a limit: no flood, however many. */
  @Test
  void behindAnEarlyAnswerAreNoFlood() throws IOException {
    String yaml =
        TestSidecar.yaml(echo.port(), "", "", "", "")
            .replace("match: {prefix: \"/\"}", "match: {prefix: \"/elsewhere\"}");
    try (TestSidecar own = TestSidecar.start(yaml, 1);
        RawHttp2Client client = new RawHttp2Client(own.port())) {
      for (int stream = 1; stream < 2 * 300; stream += 2) {
        client.headers(stream, false, POST).flush();
        assertEquals(404, client.status(stream));
        assertEquals(0, client.await(RawHttp2Client.RST_STREAM, stream).error(), "NO_ERROR");
        client.data(stream, false, "late").data(stream, false, "late").data(stream, true, "late");
      }
      client.frame(RawHttp2Client.PING, 0, 0, new byte[8]).flush();
      Frame told =
          client.await(frame ->
              frame.type() == RawHttp2Client.GOAWAY || frame.type() == RawHttp2Client.PING);
      assertEquals(RawHttp2Client.PING, told.type(), told::text);
      assertEquals(300, own.stat("http.in.downstream_rq_total"));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lateAnswers")
  void behindAMalformedResponseAreIgnored(String name, Frames late) throws IOException {
    String http2 =
        """
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
            explicit_http_config: {http2_protocol_options: {}}
        """;
    try (RawHttp2Server server = new RawHttp2Server();
        TestSidecar own = TestSidecar.start(TestSidecar.yaml(server.port(), "", "", "", http2), 1);
        RawClient first = new RawClient(own.port());
        RawClient second = new RawClient(own.port())) {
      first.send("GET /1 HTTP/1.1\r\nhost: app\r\n\r\n");
      try (RawHttp2Client upstream = server.accept()) {
        int open = upstream.await(frame -> frame.type() == RawHttp2Client.HEADERS).stream();
        second.send("GET /2 HTTP/1.1\r\nhost: app\r\n\r\n");
        int bad = upstream.await(frame -> frame.type() == RawHttp2Client.HEADERS).stream();
        upstream.headers(bad, false, ":status", "200", "X-A", "a");
        late.send(upstream, bad);
        late.send(upstream, bad);
        upstream.headers(open, true, ":status", "200").flush();
        assertEquals(502, second.read(false).status());
        assertEquals(200, first.read(false).status());
        assertEquals(PROTOCOL_ERROR, upstream.await(RawHttp2Client.RST_STREAM, bad).error());
        upstream.frame(RawHttp2Client.PING, 0, 0, new byte[8]).flush();
        Frame next =
            upstream.await(frame ->
                frame.type() == RawHttp2Client.GOAWAY
                    || frame.type() == RawHttp2Client.RST_STREAM
                    || frame.type() == RawHttp2Client.PING);
        assertEquals(RawHttp2Client.PING, next.type(), "once is enough");
      }
    }
  }

  static Stream<Arguments> lateAnswers() {
    return late().filter(row -> !row.get()[0].equals("another head"));
  }
}
