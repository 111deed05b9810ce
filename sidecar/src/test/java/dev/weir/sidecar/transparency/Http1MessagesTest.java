package dev.weir.sidecar.transparency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.weir.sidecar.transparency.ScriptedApp.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One request and one response, odd but legal or at least common, directly and through two
 * sidecars: but for {@link Differences} the app sees the same request and the client the same
 * response.
 */
class Http1MessagesTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String LONG = "v".repeat(8000);
  private static final String LARGE = "0123456789abcdef".repeat(640 << 10);

  private static ScriptedApp app;
  private static TwoSidecars sidecars;

  @BeforeAll
  static void start() throws IOException {
    app = new ScriptedApp();
    sidecars = new TwoSidecars(app.port());
  }

  @AfterAll
  static void stop() throws IOException {
    sidecars.close();
    app.close();
  }

  static Stream<Arguments> requests() {
    return Stream.of(
        // versions and hosts
        arguments("HTTP/1.0", "GET / HTTP/1.0\r\nHost: app\r\n\r\n"),
        arguments("HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n"),
        arguments(
            "HTTP/1.0 that keeps", "GET / HTTP/1.0\r\nHost: app\r\nConnection: Keep-Alive\r\n\r\n"),
        arguments(
            "HTTP/1.0 with a body", "POST / HTTP/1.0\r\nHost: app\r\nContent-Length: 3\r\n\r\nabc"),
        arguments("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        arguments("blank Host", "GET / HTTP/1.1\r\nHost: \t\r\n\r\n"),
        arguments("Host with a port", "GET / HTTP/1.1\r\nHost: app:8080\r\n\r\n"),
        arguments("Host with an empty port", "GET / HTTP/1.1\r\nHost: app:\r\n\r\n"),
        arguments("Host with a trailing dot", "GET / HTTP/1.1\r\nHost: app.example.:80\r\n\r\n"),
        arguments("Host with an underscore", "GET / HTTP/1.1\r\nHost: my_svc\r\n\r\n"),
        arguments("Host in upper case", "GET / HTTP/1.1\r\nHost: APP.Example\r\n\r\n"),
        arguments("Host of IPv6", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"),
        arguments("an empty line in front", "\r\nGET / HTTP/1.1\r\nHost: app\r\n\r\n"),
        arguments("two empty lines in front", "\r\n\r\nGET / HTTP/1.1\r\nHost: app\r\n\r\n"),
        // methods
        request("PURGE", "PURGE /x HTTP/1.1", ""),
        request("PROPFIND", "PROPFIND /dav/ HTTP/1.1", "Depth: 1\r\n"),
        request("M-SEARCH", "M-SEARCH * HTTP/1.1".replace("*", "/"), ""),
        request("TRACE", "TRACE /x HTTP/1.1", ""),
        request("lower-case method", "get / HTTP/1.1", ""),
        request("a method of punctuation", "!#$ / HTTP/1.1", ""),
        request("OPTIONS of all", "OPTIONS * HTTP/1.1", ""),
        // targets
        request("bar, quotes and braces", "GET /a|b\"c{d}^`<>\\ HTTP/1.1", ""),
        request("UTF-8 in the path", "GET /caf\u00c3\u00a9?q=\u00c3\u00bc HTTP/1.1", ""),
        request("percent signs that encode nothing", "GET /%zz/%?a=%2 HTTP/1.1", ""),
        request("encoded slashes", "GET /a%2Fb%2f..%2f HTTP/1.1", ""),
        request("double slashes and dots", "GET //a/./b/../c// HTTP/1.1", ""),
        request("a URL in the path", "GET /fetch/https://host/x HTTP/1.1", ""),
        request("a query with question marks", "GET /?a=?&&=&b HTTP/1.1", ""),
        request("semicolons", "GET /a;v=1/b;x?c;d HTTP/1.1", ""),
        request("a long target", "GET /" + LONG + " HTTP/1.1", ""),
        request("absolute form", "GET http://app/x?y HTTP/1.1", ""),
        request("absolute form without a path", "GET http://app HTTP/1.1", ""),
        request("absolute form with a query alone", "GET http://app?x HTTP/1.1", ""),
        request("absolute form of another host", "GET HTTP://other:8/x HTTP/1.1", ""),
        request("OPTIONS in absolute form", "OPTIONS http://app HTTP/1.1", ""),
        request("OPTIONS in absolute form with a path", "OPTIONS http://app/ HTTP/1.1", ""),
        // fields
        fields("an empty value", "X-Empty:\r\nX-Blank:  \t \r\n"),
        fields("no space behind the colon", "X-A:a\r\nX-B:\tb\t\r\n"),
        fields("tabs and spaces within", "X-A: a \t b  c\r\n"),
        fields("obs-text", "X-Name: caf\u00c3\u00a9 \u00ff\u0080\r\n"),
        fields("punctuation in a name", "X!#$%&'*+-.^_`|~9: a\r\n"),
        fields("underscore in a name", "user_id: 7\r\nUser-Id: 8\r\n"),
        fields("mixed case", "x-lower: 1\r\nX-UPPER: 2\r\nx-MiXed: 3\r\n"),
        fields("the same field again and again", "X-A: 1\r\nX-B: x\r\nX-A: 2\r\nx-a: 1\r\n"),
        fields("a list", "Accept: a, b;q=\"x,y\",, c\r\n"),
        fields("two cookies", "Cookie: a=1; b=2\r\nCookie: c=\"3\"\r\n"),
        fields("a long value", "X-Long: " + LONG + LONG + "\r\n"),
        fields("150 fields", "X-A: a\r\n".repeat(150)),
        fields("1000 fields", "X-A: a\r\n".repeat(1000)),
        fields(
            "a field that Connection names",
            "Connection: x-hop, close\r\nX-Hop: 1\r\nX-End: 2\r\n"),
        fields(
            "Connection in several fields",
            "Connection: keep-alive\r\nConnection: x-hop\r\nX-Hop: 1\r\n"),
        fields("Proxy-Connection", "Proxy-Connection: keep-alive\r\n"),
        fields("TE as RFC 9110 says", "TE: trailers\r\nConnection: te\r\n"),
        fields("TE alone", "TE: trailers\r\n"),
        fields("TE with codings", "TE: deflate;q=0.5, Trailers\r\n"),
        fields("an expectation of its own", "Expect: tea\r\n"),
        fields("grpc-timeout of a request that is not gRPC", "grpc-timeout: nonsense\r\n"),
        fields(
            "X-Forwarded-For",
            "X-Forwarded-For: 1.2.3.4, 5.6.7.8\r\nX-Forwarded-Proto: https\r\nForwarded: for=x\r\n"),
        fields("X-Request-Id", "X-Request-Id: my-id-123\r\n"),
        fields("Via and Max-Forwards", "Via: 1.1 x\r\nMax-Forwards: 0\r\n"),
        fields(
            "Range and conditions",
            "Range: bytes=0-1\r\nIf-None-Match: W/\"a\"\r\nIf-Modified-Since: x\r\n"),
        fields("Authorization", "Authorization: Basic dTpw\r\nProxy-Authorization: Basic dTpw\r\n"),
        fields("Content-Length of 0", "Content-Length: 0\r\n"),
        // bodies
        body("GET with a body", "GET", "Content-Length: 3\r\n", "abc"),
        body("DELETE with a body", "DELETE", "Content-Length: 3\r\n", "abc"),
        body("POST without a body", "POST", "", ""),
        body("POST of length 0", "POST", "Content-Length: 0\r\n", ""),
        body("length with zeros in front", "POST", "Content-Length: 003\r\n", "abc"),
        body("all bytes", "PUT", "Content-Length: 256\r\n", all()),
        body("chunks", "POST", CHUNKED, "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"),
        body("no chunk", "POST", CHUNKED, "0\r\n\r\n"),
        body(
            "chunked in upper case",
            "POST",
            "Transfer-Encoding: CHUNKED\r\n",
            "1\r\na\r\n0\r\n\r\n"),
        body(
            "zeros in front of a size",
            "POST",
            CHUNKED,
            "000000000000000000003\r\nabc\r\n00\r\n\r\n"),
        body("sizes in upper case", "POST", CHUNKED, "A\r\n0123456789\r\n0\r\n\r\n"),
        body("chunk extensions", "POST", CHUNKED, "3;a=b;c=\"d e;f\"\r\nabc\r\n0;x\r\n\r\n"),
        body("space before an extension", "POST", CHUNKED, "3 ;a = b\r\nabc\r\n0\r\n\r\n"),
        body(
            "trailers",
            "POST",
            "Trailer: X-Sum\r\n" + CHUNKED,
            "1\r\na\r\n0\r\nX-Sum: 5\r\nX-sum: 6\r\n\r\n"),
        body("ten megabytes", "POST", "Content-Length: " + LARGE.length() + "\r\n", LARGE),
        body(
            "a large chunk",
            "POST",
            CHUNKED,
            Integer.toHexString(LARGE.length()) + "\r\n" + LARGE + "\r\n0\r\n\r\n"));
  }

  private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";

  static Stream<Arguments> responses() {
    return Stream.of(
        // status lines
        response("no reason", "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok"),
        response("no space before no reason", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"),
        response("a reason of its own", "HTTP/1.1 200 All is well\r\nContent-Length: 2\r\n\r\nok"),
        response(
            "obs-text in the reason",
            "HTTP/1.1 200 Tr\u00c3\u00a8s bien\r\nContent-Length: 2\r\n\r\nok"),
        response("an unknown status", "HTTP/1.1 299 X\r\nContent-Length: 2\r\n\r\nok"),
        response("999", "HTTP/1.1 999 Request denied\r\nContent-Length: 2\r\n\r\nok"),
        response("418", "HTTP/1.1 418 I'm a teapot\r\nContent-Length: 2\r\n\r\nok"),
        response(
            "503 of the app",
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\nRetry-After: 1\r\n\r\nno"),
        response(
            "401",
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"),
        response(
            "a redirect",
            "HTTP/1.1 302 Found\r\nLocation: http://app/x?y#z\r\nContent-Length: 0\r\n\r\n"),
        closing("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nok"),
        response("HTTP/1.0 with a length", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        closing(
            "HTTP/1.0 in chunks",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
        // without a body
        response("204", "HTTP/1.1 204 No Content\r\nX-A: a\r\n\r\n"),
        response("204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"),
        response("304", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n"),
        response(
            "304 with the length it would have",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\n\r\n"),
        response("205", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"),
        response("no body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        response("no chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        // fields
        response(
            "space before a colon",
            "HTTP/1.1 200 OK\r\nX-Foo : bar\r\nX-Bar \t:foo\r\nContent-Length: 2\r\n\r\nok"),
        response(
            "folded values",
            "HTTP/1.1 200 OK\r\nX-Long: a\r\n b\r\n\tc\r\nX-B:\r\n b\r\nContent-Length: 2\r\n\r\nok"),
        response("lines ended by LF", "HTTP/1.1 200 OK\nX-A: a\nContent-Length: 2\n\nok"),
        response(
            "empty values and order",
            "HTTP/1.1 200 OK\r\nX-Empty:\r\nX-Order: 1\r\nX-order: 2\r\nContent-Length: 2\r\n\r\nok"),
        response(
            "obs-text",
            "HTTP/1.1 200 OK\r\nX-Name: caf\u00c3\u00a9\r\nContent-Length: 2\r\n\r\nok"),
        response(
            "many Set-Cookie",
            "HTTP/1.1 200 OK\r\n"
                + "Set-Cookie: a=b; Path=/, x\r\n".repeat(50)
                + "Content-Length: 2\r\n\r\nok"),
        response(
            "150 fields",
            "HTTP/1.1 200 OK\r\n" + "X-A: a\r\n".repeat(150) + "Content-Length: 2\r\n\r\nok"),
        response(
            "1000 fields",
            "HTTP/1.1 200 OK\r\n" + "X-A: a\r\n".repeat(1000) + "Content-Length: 2\r\n\r\nok"),
        response(
            "Server and Date of the app",
            "HTTP/1.1 200 OK\r\nServer: gunicorn\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 2\r\n\r\nok"),
        response(
            "a long field",
            "HTTP/1.1 200 OK\r\nX-Long: " + LONG + LONG + "\r\nContent-Length: 2\r\n\r\nok"),
        response(
            "what Connection names",
            "HTTP/1.1 200 OK\r\nConnection: X-Hop, keep-alive\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\nContent-Length: 2\r\n\r\nok"),
        response(
            "Host in a response", "HTTP/1.1 200 OK\r\nHost: app\r\nContent-Length: 2\r\n\r\nok"),
        response(
            "Via, Alt-Svc and Trailer",
            "HTTP/1.1 200 OK\r\nVia: 1.1 x\r\nAlt-Svc: h3=\":443\"\r\nTrailer: X\r\nContent-Length: 2\r\n\r\nok"),
        response(
            "two equal lengths",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok"),
        response("a list of equal lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok"),
        response(
            "identity",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok"),
        // bodies
        closing("until close", "HTTP/1.1 200 OK\r\n\r\nok"),
        closing(
            "close with a length",
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"),
        response(
            "Chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
        response(
            "padded sizes",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2   \r\nok\r\n0 \r\n\r\n"),
        response(
            "sizes with zeros and extensions",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000000002;a=\"b c\"\r\nok\r\n000\r\n\r\n"),
        response(
            "trailers",
            "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 5\r\nx-sum:6\r\n\r\n"),
        response("all bytes", "HTTP/1.1 200 OK\r\nContent-Length: 256\r\n\r\n" + all()),
        response(
            "ten megabytes",
            "HTTP/1.1 200 OK\r\nContent-Length: " + LARGE.length() + "\r\n\r\n" + LARGE),
        closing("ten megabytes until close", "HTTP/1.1 200 OK\r\n\r\n" + LARGE),
        // cut
        closing(
            "a body shorter than its length", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"),
        closing(
            "chunks without an end",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"));
  }

  private static String all() {
    StringBuilder all = new StringBuilder();
    for (int b = 0; b < 256; b++) {
      all.append((char) b);
    }
    return all.toString();
  }

  private static Arguments request(String name, String line, String fields) {
    return arguments(name, line + "\r\nHost: app\r\n" + fields + "\r\n");
  }

  private static Arguments fields(String name, String fields) {
    return request(name, "GET / HTTP/1.1", fields);
  }

  private static Arguments body(String name, String method, String fields, String body) {
    return arguments(name, method + " /b HTTP/1.1\r\nHost: app\r\n" + fields + "\r\n" + body);
  }

  private static Arguments interim(String name, String fields) {
    return arguments(
        "an interim response with " + name,
        "GET / HTTP/1.1",
        "HTTP/1.1 103 Early Hints\r\n" + fields + "Link: </a>\r\n\r\n" + OK,
        false);
  }

  private static Arguments response(String name, String response) {
    return arguments(name, response, false);
  }

  private static Arguments closing(String name, String response) {
    return arguments(name, response, true);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("requests")
  void requestIsTheSameToTheApp(String name, String request) throws Exception {
    BlockingQueue<Message> seen = new LinkedBlockingQueue<>();
    app.script(
        ScriptedApp.answering((message, client) -> {
          seen.add(message);
          client.send(OK);
          return true;
        }));
    sidecars.letGo();
    assertEquals("ok", ask(app.port(), request, false).body());
    Message direct = seen.poll(5, TimeUnit.SECONDS);
    Message answer = ask(sidecars.port(), request, false);
    assertEquals("200 OK", answer.start().substring(9), () -> answer.toString());
    assertEquals("ok", answer.body());
    Message meshed = seen.poll(5, TimeUnit.SECONDS);
    assertNotNull(meshed);
    assertEquals(
        Differences.request(direct, direct.fields()), Differences.request(meshed, direct.fields()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("responses")
  void responseIsTheSameToTheClient(String name, String response, boolean closing)
      throws Exception {
    same("GET / HTTP/1.1\r\nHost: app\r\n\r\n", response, closing);
  }

  static Stream<Arguments> otherPairs() {
    return Stream.of(
        arguments(
            "HEAD with a length",
            "HEAD / HTTP/1.1",
            "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n",
            false),
        arguments(
            "HEAD in chunks",
            "HEAD / HTTP/1.1",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            false),
        arguments(
            "HEAD without either", "HEAD / HTTP/1.1", "HTTP/1.1 200 OK\r\nX-A: a\r\n\r\n", false),
        arguments(
            "HEAD of 404",
            "HEAD / HTTP/1.1",
            "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n",
            false),
        arguments(
            "chunks to HTTP/1.0",
            "GET / HTTP/1.0",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            false),
        arguments("until close to HTTP/1.0", "GET / HTTP/1.0", "HTTP/1.1 200 OK\r\n\r\nok", true),
        arguments("204 to HTTP/1.0", "GET / HTTP/1.0", "HTTP/1.1 204 No Content\r\n\r\n", false),
        arguments(
            "interim responses",
            "GET / HTTP/1.1",
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\n" + OK,
            false),
        arguments(
            "an interim response with a length",
            "GET / HTTP/1.1",
            "HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n" + OK,
            false),
        interim("a length that is none", "Content-Length: abc\r\n"),
        interim("two lengths", "Content-Length: 1\r\nContent-Length: 2\r\n"),
        interim("a coding", "Transfer-Encoding: gzip\r\n"),
        interim("chunks and a length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
        arguments(
            "many interim responses",
            "GET / HTTP/1.1",
            "HTTP/1.1 102 Processing\r\nX-N: 1\r\n\r\n".repeat(20) + OK,
            false),
        arguments(
            "a 100 that nobody waits for",
            "GET / HTTP/1.1",
            "HTTP/1.1 100 Continue\r\n\r\n" + OK,
            false));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("otherPairs")
  void exchangeIsTheSameToTheClient(String name, String line, String response, boolean closing)
      throws Exception {
    same(line + "\r\nHost: app\r\n\r\n", response, closing);
  }

  private static void same(String request, String response, boolean closing) throws Exception {
    app.script(
        ScriptedApp.answering((message, client) -> {
          client.send(response);
          return !closing;
        }));
    sidecars.letGo();
    boolean bodyless = request.startsWith("HEAD");
    List<Message> direct = askAll(app.port(), request, bodyless);
    List<Message> meshed = askAll(sidecars.port(), request, bodyless);
    assertEquals(
        direct.stream().map(message -> Differences.response(message, message.fields())).toList(),
        meshed.stream()
            .map(message -> Differences.response(message, direct.getLast().fields()))
            .toList());
  }

  private static Message ask(int port, String request, boolean bodyless) throws IOException {
    return askAll(port, request, bodyless).getLast();
  }

  /** The interim responses but 100, which is a matter of one hop, and the final one. */
  private static List<Message> askAll(int port, String request, boolean bodyless)
      throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      Peer server = Peer.of(socket);
      Thread.ofVirtual()
          .start(() -> {
            try {
              server.send(request);
            } catch (IOException e) {
              // what is answered says so
            }
          });
      List<Message> all = new java.util.ArrayList<>();
      while (true) {
        Message message = server.reader().response(bodyless);
        if (message.status() != 100) {
          all.add(message.status() < 200 ? withoutLength(message) : message);
        }
        if (message.status() >= 200) {
          return all;
        }
      }
    }
  }

  /** Of a 1xx, which has no body: RFC 9110 8.6. */
  private static Message withoutLength(Message interim) {
    return new Message(
        interim.start(),
        interim.fields().stream()
            .filter(field -> !Message.name(field).equalsIgnoreCase("content-length"))
            .toList(),
        "",
        List.of(),
        true);
  }
}
