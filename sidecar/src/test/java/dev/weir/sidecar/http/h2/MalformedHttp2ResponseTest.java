package dev.weir.sidecar.http.h2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.RawHttp2Server;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * HTTP/2 responses that must not travel: on an HTTP/1.1 client's connection their bytes would be
 * read as something else.
 */
class MalformedHttp2ResponseTest {
  private static final int PROTOCOL_ERROR = 1;
  private static final String FORGED = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged";

  /** What an upstream sends on a stream. */
  interface Answer {
    void send(RawHttp2Client upstream, int stream) throws IOException;
  }

  private RawHttp2Server server;
  private TestSidecar sidecar;

  @BeforeEach
  void start() throws IOException {
    server = new RawHttp2Server();
    String http2 =
        """
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
            explicit_http_config: {http2_protocol_options: {}}
        """;
    sidecar = TestSidecar.start(TestSidecar.yaml(server.port(), "", "", "", http2), 1);
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    server.close();
  }

  private static Arguments answer(String name, String method, Answer answer) {
    return arguments(name, method, answer);
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        answer("DATA before HEADERS", "GET", (up, id) -> up.data(id, false, FORGED)),
        answer("DATA before HEADERS, and the end", "GET", (up, id) -> up.data(id, true, FORGED)),
        answer("empty DATA and no HEADERS", "GET", (up, id) -> up.data(id, true, "")),
        answer(
            "DATA before HEADERS, behind a 103",
            "GET",
            (up, id) -> up.headers(id, false, ":status", "103").data(id, true, FORGED)),
        answer(
            "a length and no body",
            "GET",
            (up, id) -> up.headers(id, true, ":status", "200", "content-length", "3")),
        answer(
            "a length that is none",
            "GET",
            (up, id) -> up.headers(id, true, ":status", "200", "content-length", "x")),
        answer(
            "two lengths",
            "GET",
            (up, id) ->
                up.headers(
                    id, true, ":status", "200", "content-length", "0", "content-length", "1")),
        answer("no status", "GET", (up, id) -> up.headers(id, true, "x-a", "b")),
        answer("a status that is none", "GET", (up, id) -> up.headers(id, true, ":status", "20")),
        answer("101", "GET", (up, id) -> up.headers(id, false, ":status", "101")),
        answer("a 1xx that ends", "GET", (up, id) -> up.headers(id, true, ":status", "103")),
        answer(
            "a pseudo-header of requests",
            "GET",
            (up, id) -> up.headers(id, true, ":status", "200", ":path", "/")),
        answer(
            "connection",
            "GET",
            (up, id) -> up.headers(id, true, ":status", "200", "connection", "close")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void becomes502AndTheNextRequestHasItsOwnAnswer(String name, String method, Answer answer)
      throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      client.send(method + " /bad HTTP/1.1\r\nhost: app\r\n\r\n");
      try (RawHttp2Client upstream = server.accept()) {
        int stream = upstream.await(frame -> frame.type() == RawHttp2Client.HEADERS).stream();
        answer.send(upstream, stream);
        upstream.flush();
        RawClient.Response response = client.read(false);
        while (response.status() == 103) {
          response = client.read(false);
        }
        assertEquals(502, response.status());
        assertEquals("upstream-protocol-error", response.field("x-weir-cause"));
        assertEquals(PROTOCOL_ERROR, upstream.await(RawHttp2Client.RST_STREAM, stream).error());

        client.send("GET /good HTTP/1.1\r\nhost: app\r\n\r\n");
        int next = upstream.await(frame -> frame.type() == RawHttp2Client.HEADERS).stream();
        upstream.headers(next, false, ":status", "200", "content-length", "4");
        upstream.data(next, true, "good").flush();
        assertEquals("good", client.read(false).body());
      }
    }
  }

  static Stream<Arguments> cut() {
    return Stream.of(
        answer(
            "less than announced",
            "GET",
            (up, id) ->
                up.headers(id, false, ":status", "200", "content-length", "5")
                    .data(id, true, "abc")),
        answer(
            "nothing of what was announced",
            "GET",
            (up, id) ->
                up.headers(id, false, ":status", "200", "content-length", "5").data(id, true, "")),
        answer(
            "less than announced, and trailers",
            "GET",
            (up, id) ->
                up.headers(id, false, ":status", "200", "content-length", "5")
                    .data(id, false, "abc")
                    .headers(id, true, "x-t", "1")),
        answer(
            "more than announced",
            "GET",
            (up, id) ->
                up.headers(id, false, ":status", "200", "content-length", "5")
                    .data(id, false, "abc")
                    .data(id, true, "defgh")),
        answer(
            "a body where there is none",
            "HEAD",
            (up, id) ->
                up.headers(id, false, ":status", "200", "content-length", "6")
                    .data(id, true, "forged")),
        answer(
            "a body of a 204",
            "GET",
            (up, id) -> up.headers(id, false, ":status", "204").data(id, true, FORGED)),
        answer(
            "a second head",
            "GET",
            (up, id) ->
                up.headers(id, false, ":status", "200", "content-length", "5")
                    .headers(id, false, ":status", "200")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cut")
  void endsTheClientsConnectionWithoutMoreThanItsHeadAnnounced(
      String name, String method, Answer answer) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      client.send(method + " /bad HTTP/1.1\r\nhost: app\r\n\r\n");
      try (RawHttp2Client upstream = server.accept()) {
        int stream = upstream.await(frame -> frame.type() == RawHttp2Client.HEADERS).stream();
        answer.send(upstream, stream);
        upstream.flush();
        String seen = client.rest();
        assertTrue(seen.startsWith("HTTP/1.1 20"), seen);
        String body = seen.substring(seen.indexOf("\r\n\r\n") + 4);
        assertTrue("abc".startsWith(body), seen);
        assertEquals(PROTOCOL_ERROR, upstream.await(RawHttp2Client.RST_STREAM, stream).error());
      }
    }
  }

  @Test
  void aHeadResponseMayAnnounceWhatItDoesNotSend() throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      client.send("HEAD / HTTP/1.1\r\nhost: app\r\n\r\n");
      try (RawHttp2Client upstream = server.accept()) {
        int stream = upstream.await(frame -> frame.type() == RawHttp2Client.HEADERS).stream();
        upstream.headers(stream, true, ":status", "200", "content-length", "42").flush();
        RawClient.Response response = client.read(true);
        assertEquals(200, response.status());
        assertEquals("42", response.field("content-length"));
      }
    }
  }

  @Test
  void aBrokenConnectionIsAProtocolErrorOfAllItsStreams() throws IOException {
    try (RawClient first = new RawClient(sidecar.port());
        RawClient second = new RawClient(sidecar.port())) {
      first.send("GET /1 HTTP/1.1\r\nhost: app\r\n\r\n");
      try (RawHttp2Client upstream = server.accept()) {
        upstream.await(frame -> frame.type() == RawHttp2Client.HEADERS);
        second.send("GET /2 HTTP/1.1\r\nhost: app\r\n\r\n");
        upstream.await(frame -> frame.type() == RawHttp2Client.HEADERS);
        upstream.data(1001, true, "of no stream").flush();
        for (RawClient client : new RawClient[] {first, second}) {
          RawClient.Response response = client.read(false);
          assertEquals(502, response.status());
          assertEquals("upstream-protocol-error", response.field("x-weir-cause"));
        }
      }
    }
  }

  @Test
  void informationalResponsesLoseTheLengthTheyMayNotHave() throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nhost: app\r\n\r\n");
      try (RawHttp2Client upstream = server.accept()) {
        int stream = upstream.await(frame -> frame.type() == RawHttp2Client.HEADERS).stream();
        upstream.headers(stream, false, ":status", "103", "content-length", "5", "link", "</a>");
        upstream.headers(stream, true, ":status", "200").flush();
        RawClient.Response early = client.read(false);
        assertEquals(103, early.status());
        assertEquals("", early.field("content-length"));
        assertEquals("</a>", early.field("link"));
        assertEquals(200, client.read(false).status());
      }
    }
  }
}
