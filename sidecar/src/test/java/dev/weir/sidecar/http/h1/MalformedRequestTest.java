package dev.weir.sidecar.http.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that must not travel, whole and in two reads cut at every byte. */
class MalformedRequestTest {
  private static final String HOST = "Host: app\r\n";
  private static final String CHUNKED =
      "POST / HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\n\r\n";

  static Stream<Arguments> malformed() {
    return Stream.of(
        // framing
        post(
            "content length and transfer encoding",
            "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
            400),
        post(
            "transfer encoding and content length",
            "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
            400),
        post("two content lengths", "Content-Length: 1\r\nContent-Length: 2\r\n", 400),
        post("the same content length twice", "Content-Length: 1\r\nContent-Length: 1\r\n", 400),
        post("a list of content lengths", "Content-Length: 1, 1\r\n", 400),
        post("signed content length", "Content-Length: +1\r\n", 400),
        post("negative content length", "Content-Length: -1\r\n", 400),
        post("hexadecimal content length", "Content-Length: 0x1\r\n", 400),
        post("content length with a space within", "Content-Length: 1 1\r\n", 400),
        post("empty content length", "Content-Length: \r\n", 400),
        post("content length that overflows", "Content-Length: 18446744073709551617\r\n", 400),
        post("unknown transfer coding", "Transfer-Encoding: gzip\r\n", 501),
        post("identity", "Transfer-Encoding: identity\r\n", 501),
        post("empty transfer encoding", "Transfer-Encoding:\r\n", 501),
        post("chunked not last", "Transfer-Encoding: chunked, gzip\r\n", 400),
        post("chunked behind another", "Transfer-Encoding: gzip, chunked\r\n", 400),
        post("chunked twice in one field", "Transfer-Encoding: chunked, chunked\r\n", 400),
        post(
            "chunked twice in two",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            400),
        post("almost chunked", "Transfer-Encoding: xchunked\r\n", 400),
        post("vertical tab before chunked", "Transfer-Encoding: \u000bchunked\r\n", 400),
        // line endings and folding
        arguments("bare LF after the request line", "GET / HTTP/1.1\nHost: app\r\n\r\n", 400),
        arguments("bare LF after a field", "GET / HTTP/1.1\r\nHost: app\n\r\n", 400),
        arguments("bare LF as the end of the head", "GET / HTTP/1.1\r\nHost: app\r\n\n", 400),
        arguments("bare CR in the request line", "GET / HTTP/1.1\rHost: app\r\n\r\n", 400),
        get("bare CR in a value", "X-A: a\rb\r\n", 400),
        get("doubled CR", "X-A: a\r\r\n", 400),
        arguments("CR before the request", "\rGET / HTTP/1.1\r\nHost: app\r\n\r\n", 400),
        arguments(
            "nine empty lines before the request",
            "\r\n".repeat(9) + "GET / HTTP/1.1\r\nHost: app\r\n\r\n",
            400),
        arguments(
            "a lone CR behind an empty line", "\r\n\rGET / HTTP/1.1\r\nHost: app\r\n\r\n", 400),
        get("folded value", "X-A: a\r\n b\r\n", 400),
        get("value folded by a tab", "X-A: a\r\n\tb\r\n", 400),
        arguments(
            "white space before the first field", "GET / HTTP/1.1\r\n Host: app\r\n\r\n", 400),
        // names and values
        get("space before the colon", "X-A : a\r\n", 400),
        get("tab before the colon", "X-A\t: a\r\n", 400),
        get("no name", ": a\r\n", 400),
        get("no colon", "X-A\r\n", 400),
        get("parenthesis in a name", "X(A): a\r\n", 400),
        get("high byte in a name", "X-\u00e4: a\r\n", 400),
        get("NUL in a name", "X\0A: a\r\n", 400),
        get("NUL in a value", "X-A: a\0b\r\n", 400),
        get("DEL in a value", "X-A: a\u007fb\r\n", 400),
        get("escape byte in a value", "X-A: a\u001bb\r\n", 400),
        // Host
        arguments("no Host", "GET / HTTP/1.1\r\n\r\n", 400),
        get("two Hosts", "Host: other\r\n", 400),
        get("the same Host twice", "Host: app\r\n", 400),
        host("Host with a path", "app/x", 400),
        host("Host with user info", "user@app", 400),
        host("Host with a space", "app other", 400),
        host("Host with a port that is no number", "app:http", 400),
        host("Host with a port too large", "app:65536", 400),
        host("Host with two ports", "app:80:80", 400),
        host("Host with an open bracket", "[::1", 400),
        host("list of Hosts", "app, other", 400),
        arguments("transfer coding of HTTP/1.0", CHUNKED.replace("1.1", "1.0") + "0\r\n\r\n", 400),
        // the request line
        line("no method", " / HTTP/1.1", 400),
        line("bracket in the method", "G[T / HTTP/1.1", 400),
        line("tab instead of a space", "GET\t/ HTTP/1.1", 400),
        line("two spaces before the target", "GET  / HTTP/1.1", 400),
        line("two spaces before the version", "GET /  HTTP/1.1", 400),
        line("space behind the version", "GET / HTTP/1.1 ", 400),
        line("no version", "GET /", 400),
        line("no target", "GET HTTP/1.1", 400),
        line("lower-case version", "GET / http/1.1", 400),
        line("version 2.0", "GET / HTTP/2.0", 505),
        line("version 0.9", "GET / HTTP/0.9", 505),
        line("version with more digits", "GET / HTTP/1.10", 400),
        line("target without a slash", "GET x HTTP/1.1", 400),
        line("asterisk without OPTIONS", "GET * HTTP/1.1", 400),
        line("fragment in the target", "GET /a#b HTTP/1.1", 400),
        line("control byte in the target", "GET /a\u0001b HTTP/1.1", 400),
        line("NUL in the target", "GET /a\0b HTTP/1.1", 400),
        line("absolute form without a host", "GET http:///x HTTP/1.1", 400),
        line("absolute form with user info", "GET http://u@app/x HTTP/1.1", 400),
        line("absolute form with a bad port", "GET http://app:x/ HTTP/1.1", 400),
        line("absolute form of another scheme", "GET ftp://app/ HTTP/1.1", 400),
        line("CONNECT", "CONNECT app:80 HTTP/1.1", 501),
        // other fields
        get("connection option that is no token", "Connection: a@b\r\n", 400),
        get("too many connection options", "Connection: " + "a,".repeat(17) + "\r\n", 400),
        get("too many fields", "X-A: a\r\n".repeat(100), 431),
        get("a head too large", "X-A: " + "a".repeat(CodecHarness.MAX_HEAD) + "\r\n", 431),
        // chunks
        chunk("empty chunk size", "\r\n", 400),
        chunk("chunk size that is no number", "x\r\n", 400),
        chunk("chunk size with a sign", "+1\r\na\r\n0\r\n\r\n", 400),
        chunk("chunk size with a prefix", "0x1\r\na\r\n0\r\n\r\n", 400),
        chunk("chunk size of too many zeros", "0".repeat(70) + "\r\n\r\n", 400),
        chunk("chunk size that overflows", "10000000000000001\r\na\r\n0\r\n\r\n", 400),
        chunk("white space behind the chunk size", "1 \r\na\r\n0\r\n\r\n", 400),
        chunk("white space behind the chunk size alone", "1\t\t\r\na\r\n0\r\n\r\n", 400),
        chunk("bare LF behind the chunk size", "1\na\r\n0\r\n\r\n", 400),
        chunk("bare CR behind the chunk size", "1\rxa\r\n0\r\n\r\n", 400),
        chunk("bare LF in a chunk extension", "1;a\nb\r\na\r\n0\r\n\r\n", 400),
        chunk("NUL in a chunk extension", "1;a\0b\r\na\r\n0\r\n\r\n", 400),
        chunk("endless chunk extension", "1;" + "a".repeat(300) + "\r\na\r\n0\r\n\r\n", 400),
        chunk("chunk data longer than its size", "1\r\nab\r\n0\r\n\r\n", 400),
        chunk("chunk data ended by LF", "1\r\na\n0\r\n\r\n", 400),
        chunk("folded trailer", "0\r\nX-A: a\r\n b\r\n\r\n", 400),
        chunk("trailer with a bare LF", "0\r\nX-A: a\n\r\n", 400),
        chunk("too many trailers", "0\r\n" + "X-A: a\r\n".repeat(101) + "\r\n", 431));
  }

  private static Arguments get(String name, String fields, int status) {
    return arguments(name, "GET / HTTP/1.1\r\n" + HOST + fields + "\r\n", status);
  }

  private static Arguments post(String name, String fields, int status) {
    return arguments(
        name, "POST / HTTP/1.1\r\n" + HOST + fields + "\r\n1\r\na\r\n0\r\n\r\n", status);
  }

  private static Arguments host(String name, String host, int status) {
    return arguments(name, "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n", status);
  }

  private static Arguments line(String name, String line, int status) {
    return arguments(name, line + "\r\n" + HOST + "\r\n", status);
  }

  private static Arguments chunk(String name, String body, int status) {
    return arguments(name, CHUNKED + body, status);
  }

  @ParameterizedTest(name = "{0}: {2}")
  @MethodSource("malformed")
  void isRefusedWithItsStatusAndTheConnectionClosed(String name, String request, int status) {
    String follower = "GET /smuggled HTTP/1.1\r\nHost: app\r\n\r\n";
    expectRefusal(status, CodecHarness.send(request + follower));
    for (int cut = 1; cut < request.length(); cut++) {
      expectRefusal(
          status, CodecHarness.send(request.substring(0, cut), request.substring(cut) + follower));
    }
  }

  private static void expectRefusal(int status, CodecHarness.Outcome outcome) {
    assertEquals(List.of(status), outcome.statuses());
    assertTrue(outcome.closed());
    assertEquals(List.of(), outcome.forwarded());
    assertEquals(0, outcome.leaked(), "buffers not released");
  }
}
