package dev.weir.sidecar.http.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.testkit.TestLoops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the head of a request says of its target, its connection and its body. */
class HeadOfClientTest {
  private static final String OF_MANY = "a,".repeat(15);

  static Stream<Arguments> heads() {
    return Stream.of(
        // targets
        line("GET /a?b HTTP/1.1", "GET /a?b app\n"),
        line("OPTIONS * HTTP/1.1", "OPTIONS * app\n"),
        line("OPTIONS http://other HTTP/1.1", "OPTIONS * other\n"),
        line("OPTIONS http://other? HTTP/1.1", "OPTIONS /? other\n"),
        line("GET http://other HTTP/1.1", "GET / other\n"),
        line("GET http://other?b HTTP/1.1", "GET /?b other\n"),
        line("GET HTTPS://other:8/a HTTP/1.1", "GET /a other:8\n"),
        line("GET http://o HTTP/1.1", "GET / o\n"),
        line("GET httpx://o HTTP/1.1", Malformed.TARGET),
        line("GET http://:80/ HTTP/1.1", Malformed.TARGET),
        line("GET http:// HTTP/1.1", Malformed.TARGET),
        line("GET ** HTTP/1.1", Malformed.TARGET),
        line("CONNECTS / HTTP/1.1", "CONNECTS / app\n"),
        line("GET / HTTP/3.0", Malformed.VERSION),
        line("GET / HTTP/:.0", Malformed.START_LINE),
        line("GET / HTTP//.0", Malformed.START_LINE),
        line("GET / HTTP/1./", Malformed.START_LINE),
        line("GET / HTTP/1.:", Malformed.START_LINE),
        line("GET / HTTP/1.9", "GET / app\n"),
        line("GET /", Malformed.START_LINE),
        arguments("GET /\nHost: app\r\n\r\n", Malformed.START_LINE.details()),
        line("GET /\1 HTTP/1.1", Malformed.TARGET),
        // before the request
        arguments("\r\nGET / HTTP/1.1\r\nHost: app\r\n\r\n", "GET / app\n"),
        arguments("\r\n".repeat(8) + "GET / HTTP/1.1\r\nHost: app\r\n\r\n", "GET / app\n"),
        arguments("\r\n".repeat(9) + "GET / HTTP/1.1\r\n", Malformed.START_LINE.details()),
        // hosts
        arguments("GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET / \n"),
        arguments("GET / HTTP/1.1\r\nHost:\r\nHost: a\r\n\r\n", Malformed.HOST.details()),
        arguments("GET / HTTP/1.1\r\n\r\n", Malformed.NO_HOST.details()),
        arguments("GET / HTTP/1.0\r\n\r\n", "GET / \nlast\n"),
        // the connection
        fields("Connection: close\r\n", "last\n"),
        fields("Connection: keep-alive, close\r\n", "last\n"),
        fields("Connection: closE\r\nConnection: keep-alive\r\n", "last\n"),
        fields("Connection:\r\nConnection: x-b,\r\nX-B: 2\r\n", ""),
        fields("Connection: x-b\r\nX-A: 1\r\nX-B: 2\r\n", "X-A: 1\n"),
        fields("X-Keep-Aliv: 1\r\nConnection: x-keep-aliv\r\n", ""),
        fields("Connection: " + OF_MANY + "x-b\r\nX-B: 2\r\n", ""),
        fields("Connection: " + OF_MANY + "b,x-b\r\nX-B: 2\r\n", Malformed.NOMINATED),
        fields(
            "Connection: content-length\r\nContent-Length: 3\r\n", "Content-Length: 3\nlength 3\n"),
        fields("Connection: te\r\nTE: trailers\r\n", "te: trailers\n"),
        fields("TE: gzip, Trailers ;q=1\r\n", "te: trailers\n"),
        fields("TE: trailersx\r\n", ""),
        fields("TE: trailers\r\nTE: gzip\r\n", "te: trailers\n"),
        fields("Keep-Alive: 5\r\nProxy-Connection: a\r\nHTTP2-Settings: b\r\n", ""),
        fields("Upgrade: a\r\nUpgrade: b\r\nConnection: upgrade\r\n", "upgrade a, b\n"),
        fields("Upgrade: h2c\r\nConnection: upgrade\r\n", ""),
        fields("Upgrade: a\r\n", ""),
        http10("", "last\n"),
        http10("Connection: close\r\n", "last\n"),
        http10("Connection: Keep-Alive\r\n", ""),
        http10("Connection: keep-alive, close\r\n", "last\n"),
        http10("Connection: keep-alive, upgrade\r\nUpgrade: a\r\n", ""),
        http10(
            "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n",
            Malformed.CODING_OF_HTTP10.details()),
        // the body
        fields(
            "Expect: 100-Continue\r\nContent-Length: 1\r\n",
            "Content-Length: 1\nlength 1\nexpect\n"),
        fields("Expect: tea\r\nExpect: 100-continue\r\n", "Expect: tea\nexpect\n"),
        fields("Expect: 100-continue\r\nExpect: tea\r\n", "Expect: tea\nexpect\n"),
        fields("Transfer-Encoding: CHUNKED\r\n", "chunked\n"),
        fields("Content-Length: 0\r\n", "Content-Length: 0\nlength 0\n"),
        fields("Content-Length: 0\r\nContent-Length: 0\r\n", Malformed.CONTENT_LENGTH),
        fields("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", Malformed.LENGTH_AND_CODING));
  }

  private static Arguments line(String line, String expected) {
    return arguments(line + "\r\nHost: app\r\n\r\n", expected);
  }

  private static Arguments line(String line, Malformed why) {
    return line(line, why.details());
  }

  private static Arguments fields(String fields, String expected) {
    return arguments("GET / HTTP/1.1\r\nHost: app\r\n" + fields + "\r\n", "GET / app\n" + expected);
  }

  private static Arguments fields(String fields, Malformed why) {
    return arguments("GET / HTTP/1.1\r\nHost: app\r\n" + fields + "\r\n", why.details());
  }

  private static Arguments http10(String fields, String expected) {
    return arguments(
        "GET / HTTP/1.0\r\nHost: app\r\n" + fields + "\r\n",
        expected.startsWith("http1.") ? expected : "GET / app\n" + expected);
  }

  private final Loop loop = TestLoops.of(0, new EmbeddedChannel().eventLoop());
  private HeadParser parser = parser();

  private HeadParser parser() {
    return new HeadParser(loop, HeadParser.Kind.REQUEST, 200, 100, false);
  }

  /** By a parser that has read another request before. */
  @ParameterizedTest
  @MethodSource("heads")
  void isTakenAsItIsMeant(String head, String expected) {
    String all =
        String.join(
            "\r\n",
            "OPTIONS http://b HTTP/1.0",
            "Connection: keep-alive, close, x-a, x-b, upgrade",
            "Upgrade: d",
            "TE: trailers",
            "Expect: 100-continue",
            "Content-Length: 9",
            "",
            "");
    assertEquals(
        "OPTIONS * b\nContent-Length: 9\nte: trailers\nlength 9\nexpect\nlast\n", read(all));
    assertEquals(expected, read(head));
    for (int cut = 1; cut < head.length(); cut++) {
      parser = parser(); // in the same scratch space, where this head was read before
      if (parser.parse(bytes(head.substring(0, cut))) == HeadParser.Progress.MALFORMED) {
        assertEquals(expected, parser.malformed().details());
      } else {
        assertEquals(expected, read(head.substring(cut)));
      }
    }
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The head that ends with {@code rest}, or why there is none. */
  private String read(String rest) {
    if (parser.parse(bytes(rest)) != HeadParser.Progress.DONE) {
      return parser.malformed().details();
    }
    Headers headers = parser.headers();
    ByteBuf written = Unpooled.buffer();
    HeadEncoder.fields(written, headers);
    StringBuilder text = new StringBuilder();
    text.append(headers.method()).append(' ').append(headers.path()).append(' ');
    text.append(headers.authority()).append('\n');
    text.append(written.toString(StandardCharsets.ISO_8859_1).replace("\r\n", "\n"));
    ControlFields controls = parser.controls();
    text.append(controls.contentLength() >= 0 ? "length " + controls.contentLength() + "\n" : "");
    text.append(controls.chunked() ? "chunked\n" : "");
    text.append(controls.expectContinue() ? "expect\n" : "");
    text.append(parser.upgrade().isEmpty() ? "" : "upgrade " + parser.upgrade() + "\n");
    text.append(parser.lastMessage() ? "last\n" : "");
    parser.reset();
    return text.toString();
  }
}
