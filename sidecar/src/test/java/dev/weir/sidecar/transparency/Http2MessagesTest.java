package dev.weir.sidecar.transparency;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.RawHttp2Client.Frame;
import dev.weir.testkit.RawHttp2Server;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One stream of HTTP/2, gRPC among them, directly and through two sidecars: the app notes down the
 * same request and the client the same response.
 */
class Http2MessagesTest {
  /** Fields in turns of name and value, bodies in parts; trailers may be none. */
  record Exchange(
      String name,
      List<String> request,
      List<String> requestBody,
      List<String> requestTrailers,
      List<String> response,
      List<String> responseBody,
      List<String> responseTrailers) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** Added on the way, for the reasons that {@link Differences} gives. */
  private static final Set<String> ADDED =
      Set.of(
          "x-forwarded-proto",
          "x-request-id",
          "traceparent",
          "x-envoy-expected-rq-timeout-ms",
          "x-envoy-upstream-service-time",
          "date");

  private static final List<String> GET =
      List.of(":method", "GET", ":scheme", "http", ":authority", "app", ":path", "/x?y=1");
  private static final List<String> CALL =
      List.of(
          ":method",
          "POST",
          ":scheme",
          "http",
          ":authority",
          "app",
          ":path",
          "/pkg.Service/Method",
          "content-type",
          "application/grpc+proto",
          "te",
          "trailers",
          "grpc-timeout",
          "5S",
          "user-agent",
          "grpc-go/1.60",
          "grpc-accept-encoding",
          "identity,gzip",
          "x-bin-bin",
          "AAE=");
  private static final List<String> OK = List.of(":status", "200");
  private static final List<String> GRPC_OK =
      List.of(":status", "200", "content-type", "application/grpc");
  private static final String MESSAGE = "\0\0\0\0\3abc";
  private static final List<String> NONE = List.of();

  static Stream<Exchange> exchanges() {
    return Stream.of(
        exchange("GET", GET, NONE, NONE, OK, List.of("ok"), NONE),
        exchange("no body", GET, NONE, NONE, List.of(":status", "204"), NONE, NONE),
        exchange("304", GET, NONE, NONE, List.of(":status", "304", "etag", "\"x\""), NONE, NONE),
        exchange(
            "a status of its own", GET, NONE, NONE, List.of(":status", "599"), List.of("x"), NONE),
        exchange(
            "HEAD",
            with(GET, ":method", "HEAD"),
            NONE,
            NONE,
            List.of(":status", "200", "content-length", "99"),
            NONE,
            NONE),
        exchange(
            "PROPFIND",
            with(GET, ":method", "PROPFIND"),
            List.of("<x/>"),
            NONE,
            OK,
            List.of("ok"),
            NONE),
        exchange(
            "OPTIONS of all",
            with(with(GET, ":method", "OPTIONS"), ":path", "*"),
            NONE,
            NONE,
            OK,
            NONE,
            NONE),
        exchange(
            "odd bytes in the path",
            with(GET, ":path", "/a|b\"{c}/\u00c3\u00a9?\u00c3\u00bc"),
            NONE,
            NONE,
            OK,
            NONE,
            NONE),
        exchange(
            "an authority with a port",
            with(GET, ":authority", "app.example.:8080"),
            NONE,
            NONE,
            OK,
            NONE,
            NONE),
        exchange(
            "fields in order",
            and(GET, "x-a", "1", "x-b", "2", "x-a", "3", "x-empty", ""),
            NONE,
            NONE,
            List.of(":status", "200", "set-cookie", "a=1", "set-cookie", "b=2", "x-empty", ""),
            NONE,
            NONE),
        exchange("150 fields", many(GET, 150), NONE, NONE, many(OK, 150), NONE, NONE),
        exchange("1000 fields", many(GET, 1000), NONE, NONE, many(OK, 1000), NONE, NONE),
        exchange(
            "obs-text",
            and(GET, "x-name", "caf\u00c3\u00a9"),
            NONE,
            NONE,
            List.of(":status", "200", "x-name", "caf\u00c3\u00a9"),
            NONE,
            NONE),
        exchange(
            "an expectation of its own", and(GET, "expect", "tea"), NONE, NONE, OK, NONE, NONE),
        exchange(
            "Trailer",
            GET,
            NONE,
            NONE,
            List.of(":status", "200", "trailer", "x-sum"),
            List.of("ok"),
            List.of("x-sum", "5")),
        exchange(
            "a body in parts",
            with(GET, ":method", "POST"),
            List.of("a", "bc", "def"),
            NONE,
            OK,
            List.of("x", "yz"),
            NONE),
        exchange(
            "trailers both ways",
            with(GET, ":method", "POST"),
            List.of("a"),
            List.of("x-in", "1"),
            OK,
            List.of("b"),
            List.of("x-out", "2")),
        exchange(
            "a large body",
            with(GET, ":method", "POST"),
            List.of("x".repeat(16_000), "y".repeat(16_000)),
            NONE,
            OK,
            List.of("z".repeat(16_000), "w".repeat(16_000)),
            NONE),
        exchange(
            "unary gRPC",
            CALL,
            List.of(MESSAGE),
            NONE,
            GRPC_OK,
            List.of(MESSAGE),
            List.of("grpc-status", "0")),
        exchange(
            "gRPC that streams",
            CALL,
            List.of(MESSAGE, MESSAGE, MESSAGE),
            NONE,
            GRPC_OK,
            List.of(MESSAGE, MESSAGE),
            List.of("grpc-status", "0")),
        exchange(
            "a gRPC error in trailers",
            CALL,
            List.of(MESSAGE),
            NONE,
            GRPC_OK,
            NONE,
            List.of("grpc-status", "5", "grpc-message", "not%20found", "x-detail-bin", "AAEC")),
        exchange(
            "a gRPC error alone",
            CALL,
            List.of(MESSAGE),
            NONE,
            and(GRPC_OK, "grpc-status", "14", "grpc-message", "gone"),
            NONE,
            NONE),
        exchange(
            "a gRPC error behind a message",
            CALL,
            List.of(MESSAGE),
            NONE,
            GRPC_OK,
            List.of(MESSAGE),
            List.of("grpc-status", "13")),
        exchange(
            "gRPC-Web",
            with(CALL, "content-type", "application/grpc-web"),
            List.of(MESSAGE),
            NONE,
            List.of(":status", "200", "content-type", "application/grpc-web"),
            List.of(MESSAGE + "\u0080\0\0\0\20grpc-status: 0\r\n"),
            NONE),
        exchange(
            "503 of the app to a gRPC call",
            CALL,
            List.of(MESSAGE),
            NONE,
            List.of(":status", "503"),
            List.of("no"),
            NONE));
  }

  private static Exchange exchange(
      String name,
      List<String> request,
      List<String> requestBody,
      List<String> requestTrailers,
      List<String> response,
      List<String> responseBody,
      List<String> responseTrailers) {
    return new Exchange(
        name, request, requestBody, requestTrailers, response, responseBody, responseTrailers);
  }

  private static List<String> and(List<String> fields, String... more) {
    List<String> all = new ArrayList<>(fields);
    all.addAll(List.of(more));
    return all;
  }

  private static List<String> many(List<String> fields, int count) {
    List<String> all = new ArrayList<>(fields);
    for (int i = 0; i < count; i++) {
      all.addAll(List.of("x-" + i, "a"));
    }
    return all;
  }

  private static List<String> with(List<String> fields, String name, String value) {
    List<String> all = new ArrayList<>(fields);
    all.set(all.indexOf(name) + 1, value);
    return all;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("exchanges")
  void isTheSameToBoth(Exchange exchange) throws Exception {
    try (RawHttp2Server app = new RawHttp2Server()) {
      List<String> direct = notes(exchange, app, app.port());
      try (TwoSidecars sidecars = new TwoSidecars(app.port())) {
        assertEquals(direct, notes(exchange, app, sidecars.port()));
      }
    }
  }

  private static List<String> notes(Exchange exchange, RawHttp2Server app, int port)
      throws IOException {
    try (RawHttp2Client client = new RawHttp2Client(port)) {
      send(client, 1, exchange.request(), exchange.requestBody(), exchange.requestTrailers());
      try (RawHttp2Client server = app.accept()) {
        List<String> notes = new ArrayList<>();
        int stream = read(server, notes);
        send(
            server,
            stream,
            exchange.response(),
            exchange.responseBody(),
            exchange.responseTrailers());
        read(client, notes);
        return notes;
      }
    }
  }

  private static void send(
      RawHttp2Client to, int stream, List<String> head, List<String> body, List<String> trailers)
      throws IOException {
    boolean headAlone = body.isEmpty() && trailers.isEmpty();
    to.headers(stream, headAlone, head.toArray(String[]::new));
    for (int i = 0; i < body.size(); i++) {
      to.data(stream, trailers.isEmpty() && i == body.size() - 1, body.get(i));
    }
    if (!trailers.isEmpty()) {
      to.headers(stream, true, trailers.toArray(String[]::new));
    }
    to.flush();
  }

  /** Notes the head, the body in one, the trailers, and how it ended; the stream's number. */
  private static int read(RawHttp2Client from, List<String> notes) throws IOException {
    StringBuilder body = new StringBuilder();
    while (true) {
      Frame frame =
          from.await(next -> next.stream() > 0 && next.type() <= RawHttp2Client.RST_STREAM);
      int stream = frame.stream();
      switch (frame.type()) {
        case RawHttp2Client.HEADERS -> notes.add(fields(frame.headers()));
        case RawHttp2Client.DATA -> {
          body.append(frame.text());
          if (frame.payload().length > 0) {
            from.window(stream, frame.payload().length);
            from.window(0, frame.payload().length).flush();
          }
        }
        case RawHttp2Client.RST_STREAM -> {
          notes.add("reset " + frame.error());
          return stream;
        }
        default -> {} // priorities
      }
      if (frame.endStream()) {
        notes.add(body.toString());
        return stream;
      }
    }
  }

  /** Order matters within the pseudo-headers and within the others, as HTTP has it. */
  private static String fields(Http2Headers headers) {
    List<String> pseudo = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (Map.Entry<CharSequence, CharSequence> field : headers) {
      String name = field.getKey().toString();
      if (!ADDED.contains(name)) {
        (name.startsWith(":") ? pseudo : others).add(name + ": " + field.getValue());
      }
    }
    pseudo.sort(null);
    pseudo.addAll(others);
    return pseudo.toString();
  }
}
