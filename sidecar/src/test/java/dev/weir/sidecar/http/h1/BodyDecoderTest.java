package dev.weir.sidecar.http.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.testkit.TestLoops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bodies, in one read and in two cut at every byte. */
class BodyDecoderTest {
  private static final String FOLLOWER = "\r\nnext";

  private final StringBuilder text = new StringBuilder();

  /** Notes down what it is told. */
  private class Notes implements BodyDecoder.Sink {

    @Override
    public void bodyData(ByteBuf data, boolean end) {
      text.append(data.toString(StandardCharsets.ISO_8859_1)).append(end ? "." : "");
      data.release();
    }

    @Override
    public void bodyEnd() {
      text.append('.');
    }

    @Override
    public void bodyTrailers(Headers trailers) {
      ByteBuf written = Unpooled.buffer();
      HeadEncoder.fields(written, trailers);
      text.append('[')
          .append(written.toString(StandardCharsets.ISO_8859_1).replace("\r\n", ";"))
          .append(']');
    }

    @Override
    public void bodyMalformed(Malformed malformed) {
      text.append('!').append(malformed.details());
    }
  }

  private BodyDecoder decoder = decoder(false);

  private BodyDecoder decoder(boolean ofServer) {
    return decoder(ofServer, new Notes());
  }

  private static BodyDecoder decoder(boolean ofServer, BodyDecoder.Sink sink) {
    return new BodyDecoder(TestLoops.of(0, new EmbeddedChannel().eventLoop()), sink, ofServer);
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private String told() {
    String told = text.toString();
    text.setLength(0);
    return told;
  }

  static Stream<Arguments> chunks() {
    String last = "0\r\n\r\n";
    String chunk = "!http1.invalid_chunk";
    return Stream.of(
        arguments("3\r\nabc\r\n" + last, "abc.", false),
        arguments("0f\r\n0123456789abcde\r\n" + last, "0123456789abcde.", false),
        arguments("9\r\n012345678\r\n" + last, "012345678.", false),
        arguments("A\r\n0123456789\r\n" + last, "0123456789.", false),
        arguments("1;" + "e".repeat(256) + "\r\na\r\n" + last, "a.", false),
        arguments("1;" + "e".repeat(257) + "\r\na\r\n" + last, chunk, false),
        arguments("1" + " ".repeat(256) + ";\r\na\r\n" + last, "a.", false),
        arguments("1" + " ".repeat(257) + ";\r\na\r\n" + last, chunk, false),
        arguments("1;e\r\na\r\n1;" + "e".repeat(256) + "\r\nb\r\n" + last, "ab.", false),
        arguments("0".repeat(63) + "1\r\na\r\n" + last, "a.", false),
        arguments("0".repeat(64) + "1\r\na\r\n" + last, chunk, false),
        arguments("1\r\na\r\n" + "0".repeat(64) + "\r\n\r\n", "a.", false),
        arguments("1 \r\na\r\n" + last, "a.", true),
        arguments("1 \t\r\na\r\n" + last, "a.", true),
        arguments("1 \r\na\r\n" + last, chunk, false),
        arguments("1 x\r\na\r\n" + last, chunk, true),
        arguments("1\0", chunk, false),
        arguments("g\r\n", chunk, false),
        arguments("G\r\n", chunk, false),
        arguments("@\r\n", chunk, false),
        arguments("`\r\n", chunk, false),
        arguments("/\r\n", chunk, false),
        arguments(":\r\n", chunk, false),
        arguments(";\r\n", chunk, false),
        arguments(" \r\n", chunk, false),
        arguments("1\rx", chunk, false),
        arguments("1\r\naxx", "a" + chunk, false),
        arguments("1\r\nax\n" + last, "a" + chunk, false),
        arguments("1\r\na\rx", "a" + chunk, false),
        arguments("1000000000000000\r\n", chunk, false),
        arguments("0\r\nX-A: 1\r\nx-b:2\r\n\r\n", "[X-A: 1;x-b: 2;]", false),
        arguments("0\r\nX-A: 1\n\n", "[X-A: 1;]", true),
        arguments("0\r\n\n", ".", true),
        arguments("0\r\nX-A: 1\n\n", "!http1.bare_cr_or_lf", false),
        arguments(
            String.join(
                "\r\n",
                "0",
                "Host: a",
                "Trailer: b",
                "Content-Length: 1",
                "Expect: c",
                "TE: d",
                "Connection: close, x",
                "Keep-Alive: e",
                "Proxy-Connection: f",
                "Transfer-Encoding: g",
                "Upgrade: h",
                "HTTP2-Settings: i",
                "X: 1",
                "",
                ""),
            "[X: 1;]",
            false),
        arguments("0\r\nConnection: close\r\n\r\n", ".", false),
        arguments(
            "0\r\n" + "A: 1\r\n".repeat(100) + "\r\n", "[" + "A: 1;".repeat(100) + "]", false),
        arguments("0\r\n" + "A: 1\r\n".repeat(101) + "\r\n", "!http1.too_many_headers", false));
  }

  @ParameterizedTest
  @MethodSource("chunks")
  void chunksAreReadAsTheyAreMeantOrRefused(String body, String expected, boolean ofServer) {
    boolean refused = expected.contains("!");
    decoder = decoder(ofServer);
    for (int cut = 0; cut < body.length(); cut++) {
      decoder.chunked();
      ByteBuf rest = bytes(body.substring(cut) + (refused ? "" : FOLLOWER));
      decoder.decode(bytes(body.substring(0, cut)));
      decoder.decode(rest);
      assertEquals(expected, told());
      assertFalse(decoder.active());
      if (!refused) {
        assertEquals(FOLLOWER, rest.toString(StandardCharsets.ISO_8859_1));
      }
    }
  }

  @Test
  void smallChunksOfOneReadAreHandedOnAsOne() {
    String large = "x".repeat(5000);
    List<ByteBuf> parts = new ArrayList<>();
    List<Boolean> ends = new ArrayList<>();
    decoder =
        decoder(
            false,
            new Notes() {
              @Override
              public void bodyData(ByteBuf data, boolean end) {
                parts.add(data);
                ends.add(end);
              }
            });
    decoder.chunked();
    ByteBuf rest = bytes("bc\r\n1388;a=b\r\n" + large + "\r\n1\r\nd\r\n01\r\ne\r\n0\r\n\r\nnext");
    decoder.decode(bytes("1\r\na\r\n1\r\na\r\n3\r\na"));
    decoder.decode(rest);
    assertEquals(
        List.of("aaa", "bc", large, "de"),
        parts.stream().map(part -> part.toString(StandardCharsets.ISO_8859_1)).toList());
    assertEquals(List.of(false, false, false, true), ends);
    assertEquals("next", rest.toString(StandardCharsets.ISO_8859_1));
    parts.forEach(ByteBuf::release);
  }

  @Test
  void nothingIsToldOnceTheSinkHasGivenTheBodyUp() {
    for (String more :
        List.of("z", "0\r\nA: 1\r\n\r\n", "0\r\n: 1\r\n\r\n", "1388\r\n" + "x".repeat(5000))) {
      decoder =
          decoder(
              false,
              new Notes() {
                @Override
                public void bodyData(ByteBuf data, boolean end) {
                  super.bodyData(data, end);
                  decoder.abort();
                }
              });
      decoder.chunked();
      decoder.decode(bytes("1\r\na\r\n1\r\nb\r\n" + more));
      assertEquals("ab", told());
      assertFalse(decoder.active());
    }
  }

  @Test
  void chunkOfTheLargestSizeThatIsTakenGoesOn() {
    decoder.chunked();
    decoder.decode(bytes("fffffffffffffff\r\nabc"));
    assertEquals("abc", told());
    assertTrue(decoder.active());
  }

  @Test
  void bodyOfALengthEndsWithIt() {
    for (int cut = 0; cut < 3; cut++) {
      decoder.fixed(3);
      decoder.decode(bytes("abc".substring(0, cut)));
      assertTrue(decoder.active());
      assertFalse(decoder.closed(), "the end of the connection is not its end");
      ByteBuf rest = bytes("abcnext".substring(cut));
      decoder.decode(rest);
      assertEquals("abc.", told());
      assertFalse(decoder.active());
      assertEquals("next", rest.toString(StandardCharsets.ISO_8859_1));
    }
  }

  @Test
  void whatIsStillToComeIsKnownOfALengthAlone() {
    assertFalse(decoder.atLeast(0));
    decoder.fixed(5);
    assertTrue(decoder.atLeast(4));
    assertFalse(decoder.atLeast(5));
    decoder.decode(bytes("ab"));
    assertTrue(decoder.atLeast(2));
    assertFalse(decoder.atLeast(3));
    decoder.chunked();
    assertTrue(decoder.atLeast(1 << 20));
    decoder.untilClose();
    assertTrue(decoder.atLeast(1 << 20));
  }

  @Test
  void bodyWithoutALengthEndsWithItsConnectionUnlessItIsGivenUp() {
    decoder.untilClose();
    decoder.decode(bytes("abc"));
    assertTrue(decoder.closed());
    assertEquals("abc.", told());
    assertFalse(decoder.active());
    assertFalse(decoder.closed());

    decoder.untilClose();
    decoder.abort();
    assertFalse(decoder.closed());
    assertEquals("", told());
  }

  @Test
  void abortedTrailersAreNotThoseOfTheNextBody() {
    decoder.chunked();
    decoder.decode(bytes("0\r\nX-A: 1\r\n"));
    decoder.abort();
    decoder.chunked();
    decoder.decode(bytes("0\r\nX-B: 2\r\n\r\n"));
    assertEquals("[X-B: 2;]", told());
  }
}
