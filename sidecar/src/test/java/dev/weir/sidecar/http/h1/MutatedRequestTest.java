package dev.weir.sidecar.http.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Good requests with one byte removed, inserted or replaced, at every place: either the codec
 * refuses where the reference parser does, or what it forwards is what the reference parser read.
 */
class MutatedRequestTest {
  private static final String FOLLOWER = "GET /next HTTP/1.1\r\nHost: next\r\n\r\n";
  private static final String NASTY = "\0\u0001\t\n\r !\"#,-019:;A@[\u007f\u0080\u00ff";

  private static final String PLAIN =
      "GET /a?b=c HTTP/1.1\r\nHost: app:80\r\nX-A: a, b\r\nConnection: close\r\n\r\n";
  private static final String NOMINATED =
      "OPTIONS * HTTP/1.1\r\nX-A:a\r\nConnection: x-b, te\r\nX-B: b\r\nHost: [::1]:8\r\nTE: trailers\r\n\r\n";
  private static final String ABSOLUTE =
      "\r\nGET http://other:8/x HTTP/1.1\r\nHost: app\r\nAccept: */*\r\n\r\n";
  private static final String LENGTH =
      "POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 12\r\nX-A: \t a \r\n\r\n0\r\nGET / HTTP"
          + FOLLOWER;
  private static final String CHUNKS =
      "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0C;e=1\r\n0\r\n\r\nGET / H\r\n0\r\nX-T: t\r\n\r\n"
          + FOLLOWER;

  @ParameterizedTest
  @ValueSource(strings = {PLAIN, NOMINATED, ABSOLUTE, LENGTH, CHUNKS})
  void oneByteChangedIsRefusedOrReadAsTheReferenceReadsIt(String good) {
    assertEquals(ReferenceParser.End.CLEAN, ReferenceParser.parse(good).end());
    judge(good, good.length());
    for (int at = 0; at < good.length(); at++) {
      String before = good.substring(0, at);
      String from = good.substring(at);
      judge(before + from.substring(1), at);
      for (int i = 0; i < NASTY.length(); i++) {
        char byteAt = NASTY.charAt(i);
        judge(before + byteAt + from, at);
        judge(before + byteAt + from.substring(1), at);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {PLAIN, NOMINATED, ABSOLUTE, LENGTH, CHUNKS})
  void anySplitOfTheBytesGivesTheSameRequests(String good) {
    for (int cut = 1; cut < good.length(); cut++) {
      judge(good, cut);
    }
    judge(good, CodecHarness.send(good.split("")));
  }

  @Test
  void severalBytesChangedAreRefusedOrReadAsTheReferenceReadsThem() {
    Random random = new Random(20261123);
    List<String> seeds = List.of(PLAIN, NOMINATED, ABSOLUTE, LENGTH, CHUNKS);
    for (int i = 0; i < 5_000; i++) {
      StringBuilder text = new StringBuilder(seeds.get(random.nextInt(seeds.size())));
      for (int change = 0; change < 2 + random.nextInt(3); change++) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.insert(at, NASTY.charAt(random.nextInt(NASTY.length())));
          default -> text.setCharAt(at, text.charAt(random.nextInt(text.length())));
        }
      }
      judge(text.toString(), random.nextInt(text.length()));
    }
  }

  private static void judge(String input, int cut) {
    judge(
        input,
        cut == 0 || cut >= input.length()
            ? CodecHarness.send(input)
            : CodecHarness.send(input.substring(0, cut), input.substring(cut)));
  }

  private static void judge(String input, CodecHarness.Outcome actual) {
    ReferenceParser.Result expected = ReferenceParser.parse(input);
    List<ReferenceParser.Message> forwarded = new ArrayList<>();
    for (String request : actual.forwarded()) {
      ReferenceParser.Result again = ReferenceParser.parse(request);
      assertEquals(ReferenceParser.End.CLEAN, again.end(), () -> "forwarded: " + show(request));
      forwarded.addAll(again.messages());
    }
    // After "Connection: close" nothing more is read.
    int answered = Math.min(forwarded.size(), expected.messages().size());
    boolean closedOnPurpose =
        actual.closed() && actual.statuses().stream().allMatch(status -> status == 204);
    assertEquals(
        closedOnPurpose ? expected.messages().subList(0, answered) : expected.messages(),
        forwarded,
        () -> show(input));
    if (expected.end() == ReferenceParser.End.REFUSED && !closedOnPurpose) {
      assertTrue(actual.closed(), () -> "not refused: " + show(input));
      assertTrue(actual.statuses().getLast() >= 400, () -> "not refused: " + show(input));
    }
    if (expected.end() == ReferenceParser.End.CLEAN && !closedOnPurpose) {
      assertTrue(!actual.closed(), () -> "refused: " + show(input));
    }
    assertEquals(0, actual.leaked(), () -> "buffers not released: " + show(input));
  }

  private static String show(String bytes) {
    StringBuilder text = new StringBuilder();
    bytes
        .chars()
        .forEach(c -> text.append(c >= 0x20 && c < 0x7f ? (char) c + "" : "\\x%02x".formatted(c)));
    return text.toString();
  }
}
