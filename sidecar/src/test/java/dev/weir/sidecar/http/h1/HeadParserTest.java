package dev.weir.sidecar.http.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.testkit.TestLoops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the parsers of a loop share while they parse is nobody's between two reads. */
class HeadParserTest {
  private static final int MOST_FIELDS = 2000;

  private final Loop loop = TestLoops.of(0, new EmbeddedChannel().eventLoop());
  private final HeadParser one = parser();
  private final HeadParser other = parser();

  private HeadParser parser() {
    return new HeadParser(loop, HeadParser.Kind.REQUEST, 60 << 10, MOST_FIELDS, false);
  }

  private static byte[] head(String name, int fields) {
    StringBuilder head = new StringBuilder("GET /" + name + " HTTP/1.1\r\nHost: " + name + "\r\n");
    for (int i = 0; i < fields; i++) {
      head.append(name).append(i).append(": ").append(name).append(i * 7).append("\r\n");
    }
    return head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static HeadParser.Progress feed(HeadParser parser, byte[] head, int from, int to) {
    ByteBuf in = Unpooled.wrappedBuffer(head, from, to - from);
    HeadParser.Progress progress = parser.parse(in);
    assertEquals(0, in.readableBytes());
    return progress;
  }

  private static void check(HeadParser parser, String name, int fields) {
    Headers headers = parser.headers();
    parser.reset();
    assertEquals("/" + name, headers.path());
    assertEquals(name, headers.authority());
    for (int i = 0; i < fields; i++) {
      assertEquals(name + i * 7, headers.first(name + i));
    }
  }

  /** Pieces of one byte, of some fields, and whole. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 300, 5000})
  void headsThatComeInPiecesByTurnsKeepTheirFields(int piece) {
    for (int fields : new int[] {0, 3, 50}) {
      byte[] first = head("a", fields);
      byte[] second = head("bb", 40);
      for (int at = 0; at < Math.max(first.length, second.length); at += piece) {
        if (feedPart(one, first, at, piece)) {
          check(one, "a", fields);
        }
        if (feedPart(other, second, at, piece)) {
          check(other, "bb", 40);
        }
      }
    }
  }

  /** Whether it is the last one. */
  private static boolean feedPart(HeadParser parser, byte[] head, int at, int piece) {
    if (at >= head.length) {
      return false;
    }
    int to = Math.min(head.length, at + piece);
    boolean last = to == head.length;
    assertEquals(
        last ? HeadParser.Progress.DONE : HeadParser.Progress.MORE, feed(parser, head, at, to));
    return last;
  }

  @ParameterizedTest
  @ValueSource(ints = {1023, 1024, 1025, MOST_FIELDS - 10})
  void headOfMoreFieldsThanIsLentHasThemAll(int fields) {
    byte[] head = head("a", fields);
    int half = head.length / 2;
    assertEquals(HeadParser.Progress.MORE, feed(one, head, 0, half));
    assertEquals(HeadParser.Progress.DONE, feed(one, head, half, head.length));
    check(one, "a", fields);
    assertEquals(HeadParser.Progress.DONE, feed(one, head, 0, head.length));
    check(one, "a", fields);
  }
}
