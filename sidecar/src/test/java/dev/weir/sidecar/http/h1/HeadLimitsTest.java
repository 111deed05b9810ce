package dev.weir.sidecar.http.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.http.h1.HeadParser.Kind;
import dev.weir.sidecar.http.h1.HeadParser.Progress;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.testkit.TestLoops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A head of just as many bytes and fields as may be is taken; of one more it is refused. */
class HeadLimitsTest {
  private static final int MOST_BYTES = 120;

  private final Loop loop = TestLoops.of(0, new EmbeddedChannel().eventLoop());

  private HeadParser parser(Kind kind) {
    return new HeadParser(loop, kind, MOST_BYTES, 3, kind == Kind.RESPONSE);
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String start(Kind kind) {
    return switch (kind) {
      case REQUEST -> "GET / HTTP/1.1\r\nHost: app\r\n";
      case RESPONSE -> "HTTP/1.1 200 OK\r\n";
      case TRAILERS -> "";
    };
  }

  private static String head(Kind kind, int size) {
    String start = start(kind) + "X-A: ";
    return start + "a".repeat(size - start.length() - 4) + "\r\n\r\n";
  }

  @ParameterizedTest
  @EnumSource
  void bytes(Kind kind) {
    String largest = head(kind, MOST_BYTES);
    String larger = head(kind, MOST_BYTES + 1);
    for (int cut = 0; cut < larger.length(); cut++) {
      HeadParser parser = parser(kind);
      int at = Math.min(cut, MOST_BYTES - 1);
      assertEquals(Progress.MORE, parser.parse(bytes(largest.substring(0, at))));
      assertEquals(Progress.DONE, parser.parse(bytes(largest.substring(at))));
      HeadParser refusing = parser(kind);
      assertEquals(Progress.MORE, refusing.parse(bytes(larger.substring(0, cut))));
      assertEquals(Progress.MALFORMED, refusing.parse(bytes(larger.substring(cut))));
      assertEquals(Malformed.HEAD_TOO_LARGE, refusing.malformed());
    }
  }

  @ParameterizedTest
  @EnumSource
  void bytesOfAHeadThatHasNoEnd(Kind kind) {
    String endless = start(kind) + "X-A: " + "a".repeat(MOST_BYTES);
    HeadParser parser = parser(kind);
    assertEquals(Progress.MORE, parser.parse(bytes(endless.substring(0, MOST_BYTES))));
    assertEquals(Progress.MALFORMED, parser.parse(bytes("a")));
    assertEquals(Malformed.HEAD_TOO_LARGE, parser.malformed());
  }

  @ParameterizedTest
  @EnumSource
  void fields(Kind kind) {
    int most = kind == Kind.REQUEST ? 2 : 3; // Host is one
    String start = start(kind) + "A: a\r\n".repeat(most);
    HeadParser parser = parser(kind);
    assertEquals(Progress.DONE, parser.parse(bytes(start + "\r\n")));
    parser.headers();
    parser.reset();
    assertEquals(Progress.MALFORMED, parser.parse(bytes(start + "B: b\r\n\r\n")));
    assertEquals(Malformed.TOO_MANY_FIELDS, parser.malformed());
  }

  /** More than the scratch space of a loop holds. */
  @Test
  void aValueLargerThanTheScratchSpaceIsReadWhole() {
    String value = "0123456789abcdef".repeat((Loop.SCRATCH + 8000) / 16);
    String head = "HTTP/1.1 200 OK\r\nX-A: " + value + "\r\nX-B: b\r\n\r\n";
    for (int cut : new int[] {0, 100, 5000, Loop.SCRATCH, Loop.SCRATCH + 1, head.length() - 1}) {
      HeadParser parser = new HeadParser(loop, Kind.RESPONSE, head.length(), 3, true);
      assertEquals(Progress.MORE, parser.parse(bytes(head.substring(0, cut))));
      ByteBuf rest = bytes(head.substring(cut) + "next");
      assertEquals(Progress.DONE, parser.parse(rest));
      assertEquals("next", rest.toString(StandardCharsets.US_ASCII));
      assertEquals(value, parser.headers().first("x-a"));
    }
  }
}
