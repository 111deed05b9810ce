package dev.weir.sidecar.http.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.testkit.TestLoops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Heads of responses, whole and in two reads cut at every byte. */
class HeadOfServerTest {
  private static final int MOST_FIELDS = 6;
  private static final String NEXT = "HTTP/1.1 ";

  static Stream<Arguments> good() {
    return Stream.of(
        // the status line
        good("HTTP/1.1 200 OK\r\n\r\n", "200 OK\n"),
        good("HTTP/1.1 200 \r\n\r\n", "200 \n"),
        good("HTTP/1.1 200\r\n\r\n", "200 \n"),
        good("HTTP/1.1 200\n\n", "200 \n"),
        good("HTTP/1.1 100 Go on\r\n\r\n", "100 Go on\n"),
        good("HTTP/1.1 987 9\r\n\r\n", "987 9\n"),
        good("HTTP/1.0 200 OK\r\n\r\n", "200 OK\n1.0 last\n"),
        good("HTTP/1.9 200 OK\r\n\r\n", "200 OK\n"),
        // how lines end, and where values begin and end
        fields("A: 1\nB:2\n", "A: 1\nB: 2\n"),
        fields("A: \t1 \t\r\nB:\r\nC: \t \r\n", "A: 1\nB: \nC: \n"),
        fields("A : 1\r\nB \t: 2\r\n", "A: 1\nB: 2\n"),
        fields("A :1\r\nB: 2\r\n", "A: 1\nB: 2\n"),
        fields("A:\r\n \r\nB: 2\r\n", "A: \nB: 2\n"),
        fields("A: 1\r\n 2\r\n\t3\r\nB: 4\r\n", "A: 1   2  \t3\nB: 4\n"),
        fields("A:\r\n \t1 \r\nB: 2\r\n", "A: 1\nB: 2\n"),
        fields("A: 1\n 2\nB: 3\n", "A: 1  2\nB: 3\n"),
        fields("A: 1\r\n \r\nB: 2\r\n", "A: 1\nB: 2\n"),
        fields("A: 1\r\n 1\r\n 1\r\n 1\r\n 1\r\n 1\r\n 1\r\n", "A: 1" + "   1".repeat(6) + "\n"),
        fields("A: 1\r\n".repeat(MOST_FIELDS), "A: 1\n".repeat(MOST_FIELDS)),
        // where the message ends
        fields("Content-Length: 7\r\n", "Content-Length: 7\nlength 7\n"),
        fields("Content-Length: 7\r\ncontent-length:7\r\n", "Content-Length: 7\nlength 7\n"),
        fields("Content-Length: 7, 7\r\n", "Content-Length: 7\nlength 7\n"),
        fields("Content-Length: 7 ,7,\t7\r\n", "Content-Length: 7\nlength 7\n"),
        fields("Content-Length: 0\r\nContent-Length: 0\r\n", "Content-Length: 0\nlength 0\n"),
        fields("Transfer-Encoding: chunked\r\n", "chunked\n"),
        fields("Transfer-Encoding: identity\r\nA: 1\r\n", "A: 1\n"),
        fields(
            "Transfer-Encoding: Identity\r\nContent-Length: 1\r\n",
            "Content-Length: 1\nlength 1\n"),
        good(
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n",
            "200 OK\nchunked\n1.0 last\n"),
        good(
            "HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: Keep-Alive\r\n\r\n",
            "200 OK\nContent-Length: 1\nlength 1\n1.0\n"),
        good(
            "HTTP/1.1 103 X\r\nContent-Length: x\r\nTransfer-Encoding: y\r\nA: 1\r\n\r\n",
            "103 X\nA: 1\n"),
        good("HTTP/1.1 103 X\r\nServer: a\r\n\r\n", "103 X\nServer: a\n"),
        good("HTTP/1.1 199 X\r\nContent-Length: x\r\n\r\n", "199 X\n"),
        // what is of the connection
        fields("Connection: a, close\r\nA: 1\r\nB: 2\r\n", "B: 2\nlast\n"),
        fields("Connection: CLOSE\r\nB: 2\r\n", "B: 2\nlast\n"),
        fields("Connection:, ,\tclosed ,,a\t\r\nA: 1\r\nB: 2\r\n", "B: 2\n"),
        fields(
            "Connection: content-length\r\nContent-Length: 3\r\n", "Content-Length: 3\nlength 3\n"),
        fields(
            "Keep-Alive: 5\r\nProxy-Connection: a\r\nHTTP2-Settings: b\r\nTE: trailers\r\nB: 2\r\n",
            "B: 2\n"),
        fields("Expect: 100-continue\r\nHost: a/b\r\n", "Expect: 100-continue\nHost: a/b\n"),
        fields("Upgrade: a\r\nConnection: upgrade\r\n", "upgrade a\n"),
        fields("Upgrade: a\r\nUpgrade: b\r\nConnection: Upgrade\r\n", "upgrade a, b\n"),
        fields("Upgrade: H2C\r\nConnection: upgrade\r\n", ""),
        fields("Upgrade: a\r\n", ""),
        good("HTTP/1.0 101 X\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\n", "101 X\n1.0 last\n"));
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        // the status line
        bad("HTTP/2.0 200 OK\r\n\r\n", Malformed.VERSION),
        bad("HTTP/9.9 200 OK\r\n\r\n", Malformed.VERSION),
        bad("HTTP/:.0 200 OK\r\n\r\n", Malformed.START_LINE),
        bad("HTTP//.0 200 OK\r\n\r\n", Malformed.START_LINE),
        bad("HTTQ/1.1 200 OK\r\n\r\n", Malformed.START_LINE),
        bad("HTTP/1.: 200 OK\r\n\r\n", Malformed.START_LINE),
        bad("HTTP/1./ 200 OK\r\n\r\n", Malformed.START_LINE),
        bad("HTTP/1.1\t200 OK\r\n\r\n", Malformed.START_LINE),
        bad("HTTP/1.1 2/0 OK\r\n\r\n", Malformed.START_LINE),
        bad("HTTP/1.1 20: OK\r\n\r\n", Malformed.START_LINE),
        bad("HTTP/1.1 099 OK\r\n\r\n", Malformed.START_LINE),
        bad("HTTP/1.1 2000 OK\r\n\r\n", Malformed.START_LINE),
        bad("HTTP/1.1 200 O\0K\r\n\r\n", Malformed.START_LINE),
        bad("HTTP/1.1 200 OK\r\r\n\r\n", Malformed.BARE_CR_OR_LF),
        // fields
        badFields(" A: 1\r\n", Malformed.OBS_FOLD),
        badFields(": 1\r\n", Malformed.FIELD_NAME),
        badFields("A\r\n", Malformed.BARE_CR_OR_LF),
        badFields("A\n", Malformed.BARE_CR_OR_LF),
        badFields("A b: 1\r\n", Malformed.FIELD_NAME),
        badFields("A: 1\0\r\n", Malformed.FIELD_VALUE),
        badFields("A: 1\r2\r\n", Malformed.BARE_CR_OR_LF),
        badFields("A: 1\r\n\r1\r\n", Malformed.BARE_CR_OR_LF),
        badFields("A: 1\r\n".repeat(MOST_FIELDS + 1), Malformed.TOO_MANY_FIELDS),
        badFields("A: 1" + "\r\n 1".repeat(MOST_FIELDS + 1) + "\r\n", Malformed.TOO_MANY_FIELDS),
        // where the message ends
        badFields("Content-Length: 1\r\nContent-Length: 2\r\n", Malformed.CONTENT_LENGTH),
        badFields("Content-Length: 1, 2\r\n", Malformed.CONTENT_LENGTH),
        badFields("Content-Length: 1,\r\n", Malformed.CONTENT_LENGTH),
        badFields("Content-Length: ,1\r\n", Malformed.CONTENT_LENGTH),
        badFields("Content-Length: -1\r\n", Malformed.CONTENT_LENGTH),
        badFields("Content-Length: \r\n", Malformed.CONTENT_LENGTH),
        badFields("Transfer-Encoding: gzip\r\n", Malformed.CODING),
        badFields("Transfer-Encoding: chunked, chunked\r\n", Malformed.CODING_TWICE),
        badFields(
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
            Malformed.CODING_TWICE),
        badFields(
            "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", Malformed.LENGTH_AND_CODING),
        bad("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", Malformed.CONTENT_LENGTH),
        // options of the connection
        badFields("Connection: a@b\r\n", Malformed.FIELD_VALUE),
        badFields("Connection: " + "a,".repeat(17) + "\r\n", Malformed.NOMINATED));
  }

  private static Arguments good(String head, String expected) {
    return arguments(head, expected);
  }

  private static Arguments fields(String fields, String expected) {
    return arguments("HTTP/1.1 200 OK\r\n" + fields + "\r\n", "200 OK\n" + expected);
  }

  private static Arguments bad(String head, Malformed why) {
    return arguments(head, why.details());
  }

  private static Arguments badFields(String fields, Malformed why) {
    return bad("HTTP/1.1 200 OK\r\n" + fields + "\r\n", why);
  }

  private HeadParser parser = parser();

  private static HeadParser parser() {
    return new HeadParser(
        TestLoops.of(0, new EmbeddedChannel().eventLoop()),
        HeadParser.Kind.RESPONSE,
        200,
        MOST_FIELDS,
        true);
  }

  @ParameterizedTest
  @MethodSource("good")
  void isReadAsItIsMeant(String head, String expected) {
    ByteBuf whole = bytes(head + NEXT);
    assertEquals(expected, read(whole));
    assertEquals(NEXT.length(), whole.readableBytes(), "what follows is left");
    for (int cut = 1; cut < head.length(); cut++) {
      assertEquals(HeadParser.Progress.MORE, parser.parse(bytes(head.substring(0, cut))));
      assertEquals(true, parser.begun());
      ByteBuf rest = bytes(head.substring(cut) + NEXT);
      assertEquals(expected, read(rest));
      assertEquals(NEXT.length(), rest.readableBytes(), "what follows is left");
    }
  }

  @ParameterizedTest
  @MethodSource("refused")
  void isRefusedForItsReason(String head, String why) {
    assertEquals(why, read(bytes(head)));
    for (int cut = 1; cut < head.length(); cut++) {
      parser = parser();
      if (parser.parse(bytes(head.substring(0, cut))) == HeadParser.Progress.MORE) {
        assertEquals(why, read(bytes(head.substring(cut))));
      } else {
        assertEquals(why, parser.malformed().details());
      }
    }
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The head that ends with {@code in}, or why there is none. */
  private String read(ByteBuf in) {
    HeadParser.Progress progress = parser.parse(in);
    if (progress != HeadParser.Progress.DONE) {
      return progress == HeadParser.Progress.MORE ? "more" : parser.malformed().details();
    }
    Headers headers = parser.headers();
    StringBuilder text = new StringBuilder();
    ByteBuf written = Unpooled.buffer();
    HeadEncoder.statusLine(written, headers, false);
    HeadEncoder.fields(written, headers);
    text.append(written.toString(StandardCharsets.ISO_8859_1).substring(9).replace("\r\n", "\n"));
    ControlFields controls = parser.controls();
    text.append(controls.contentLength() >= 0 ? "length " + controls.contentLength() + "\n" : "");
    text.append(controls.chunked() ? "chunked\n" : "");
    text.append(parser.upgrade().isEmpty() ? "" : "upgrade " + parser.upgrade() + "\n");
    String version = (parser.http10() ? "1.0 " : "") + (parser.lastMessage() ? "last" : "");
    text.append(version.isEmpty() ? "" : version.strip() + "\n");
    assertEquals(headers.status(), parser.status());
    parser.reset();
    assertEquals(false, parser.begun());
    return text.toString();
  }
}
