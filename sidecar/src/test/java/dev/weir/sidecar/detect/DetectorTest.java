package dev.weir.sidecar.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What first bytes say, all of them and every part of them that may come first. */
@Tag("slow")
class DetectorTest {
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  /** A name, first bytes, what they are, and how many of them are needed to say so. */
  static Stream<Arguments> samples() {
    return Stream.of(
        arguments("request line", "GET / HTTP/1.1\r\n", Detection.HTTP1, 16),
        arguments("request line ended by LF", "GET / HTTP/1.1\nHost", Detection.HTTP1, 15),
        arguments("HTTP/1.0", "GET / HTTP/1.0\r\n", Detection.HTTP1, 16),
        arguments("method like the preface", "PRI * HTTP/1.1\r\n", Detection.HTTP1, 16),
        arguments("method that begins like it", "PRINT /a HTTP/1.1\r\n", Detection.HTTP1, 19),
        arguments("unknown method", "BREW /pot HTTP/1.1\r\n", Detection.HTTP1, 20),
        arguments("preface", PREFACE, Detection.HTTP2, 24),
        arguments("preface and more", PREFACE + "\0\0\0", Detection.HTTP2, 24),
        arguments("preface that goes wrong", "PRI * HTTP/2.0\r\n\r\nXX", Detection.HTTP1, 19),
        arguments("HTTP/0.9", "GET /\r\n", Detection.HTTP1, 7),
        arguments("blank behind the version", "GET / HTTP/1.1 \r\n", Detection.HTTP1, 17),
        arguments("version in lower case", "GET / http/1.1\r\n", Detection.HTTP1, 16),
        arguments("version of the future", "GET / HTTP/4\r\n", Detection.HTTP1, 14),
        arguments("tabs", "GET\t/\tHTTP/1.1\r\n", Detection.HTTP1, 16),
        arguments("empty line before it", "\r\nGET / HTTP/1.1\r\n", Detection.HTTP1, 18),
        arguments("blank before it", " GET / HTTP/1.1\r\n", Detection.HTTP1, 17),
        arguments("many empty lines", "\r\n".repeat(40) + "GET / HTTP/1.1\n", Detection.HTTP1, 95),
        arguments("blanks without end", " ".repeat(9000), Detection.HTTP1, 8192),
        arguments("vertical tab before it", "\u000bGET / HTTP/1.1\n", Detection.HTTP1, 16),
        arguments("vertical tabs", "GET\u000b/a\u000bHTTP/1.1\n", Detection.HTTP1, 16),
        arguments("form feed", "GET /a\u000cHTTP/1.1\n", Detection.HTTP1, 16),
        arguments("no-break spaces", "GET\u00a0/a\u00a0HTTP/1.1\n", Detection.HTTP1, 16),
        arguments("control character", "GET /a\u0001 HTTP/1.1\n", Detection.HTTP1, 17),
        arguments("NUL", "POST /a\0 HTTP/1.1\n", Detection.HTTP1, 18),
        arguments("long method", "A".repeat(128) + " / HTTP/1.1\n", Detection.HTTP1, 140),
        arguments("long target", "GET /" + "a".repeat(8200), Detection.HTTP1, 8192),
        arguments("long URI", "GET http://a/" + "a".repeat(8200), Detection.HTTP1, 8192),
        arguments(
            "long line of something else", "SET a" + "a".repeat(8200), Detection.OPAQUE, 8192),
        arguments("TLS 1.0 to 1.3", "\u0016\u0003\u0001\u0002\u0000\u0001", Detection.TLS, 2),
        arguments("not quite TLS", "\u0016\u0002\u0001", Detection.OPAQUE, 2),
        arguments("version of another protocol", "GET / RTSP/1.0\r\n", Detection.OPAQUE, 16),
        arguments("no version and no path", "GET key\r\n", Detection.OPAQUE, 9),
        arguments("command with a path", "RETR /file\r\n", Detection.OPAQUE, 12),
        arguments("banner of another protocol", "SSH-2.0-OpenSSH\r\n", Detection.OPAQUE, 16),
        arguments("no method", " / HTTP/1.1\r\n", Detection.OPAQUE, 2),
        arguments("word without end", "a".repeat(140), Detection.OPAQUE, 129),
        arguments("git", "0032git-upload-pack /a.git\0host=b\0", Detection.OPAQUE, 27),
        arguments("word and a control character", "AUTH \1", Detection.OPAQUE, 6),
        arguments("path in UTF-8", "GET /\u00c3\u00bc HTTP/1.1\r\n", Detection.HTTP1, 18),
        arguments("binary", "\0\0\0\u0017", Detection.OPAQUE, 1));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("samples")
  void isToldAsSoonAsItCanBeAndNeverOtherwise(
      String name, String bytes, Detection expected, int needed) {
    for (int length = 0; length <= bytes.length(); length++) {
      Detection found = any(bytes.substring(0, length));
      assertEquals(length < needed ? Detection.NEED_MORE : expected, found, length + " bytes");
    }
  }

  @Property
  void moreBytesNeverChangeADecision(@ForAll @Size(max = 200) byte[] bytes, @ForAll long seed) {
    // Junk that looks a little like something.
    byte[] start =
        "GET /a HTTP/1.1\r\nPRI * HTTP/2.0\r\n\r\nSM".getBytes(StandardCharsets.US_ASCII);
    Random random = new Random(seed);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = random.nextInt(8) == 0 ? bytes[i] : start[i % start.length];
    }
    Detection decided = Detection.NEED_MORE;
    for (int length = 0; length <= bytes.length; length++) {
      Detection found = any(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
      if (decided != Detection.NEED_MORE) {
        assertEquals(decided, found);
      }
      decided = found;
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("samples")
  void whereHttpIsExpectedOnlyThePrefaceIsAnythingElse(
      String name, String bytes, Detection expected, int needed) {
    for (int length = 0; length <= bytes.length(); length++) {
      String part = bytes.substring(0, length);
      assertEquals(
          part.startsWith(PREFACE)
              ? Detection.HTTP2
              : PREFACE.startsWith(part) ? Detection.NEED_MORE : Detection.HTTP1,
          Detector.http(buffer(part)));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'GET / HTTP/1.0\r\n', http/1.0",
    "'GET / HTTP/1.0\n\n', http/1.0",
    "'\r\n\r\nGET / HTTP/1.0\r\nHost: a\r\n', http/1.0",
    "'GET / HTTP/1.1\r\nx: HTTP/1.0\r\n', http/1.1",
    "'GET /HTTP/1.0 HTTP/1.1\r\n', http/1.1",
    "'GET / HTTP/1.0', http/1.1",
    "'GET /\r\n', http/1.1"
  })
  void versionIsTheLastWordOfTheRequestLine(String bytes, String version) {
    ByteBuf buffer =
        Unpooled.copiedBuffer(
            bytes.replace("\\r", "\r").replace("\\n", "\n"), StandardCharsets.ISO_8859_1);
    assertEquals(version, Detector.version(buffer));
    buffer.release();
  }

  private static Detection any(String bytes) {
    ByteBuf buffer = buffer(bytes);
    int readable = buffer.readableBytes();
    Detection found = Detector.any(buffer);
    assertTrue(buffer.readableBytes() == readable, "looks only, takes nothing");
    return found;
  }

  private static ByteBuf buffer(String bytes) {
    // Not at the start of its buffer: positions are relative.
    ByteBuf buffer = Unpooled.copiedBuffer("\n\n" + bytes, StandardCharsets.ISO_8859_1);
    return buffer.skipBytes(2);
  }
}
