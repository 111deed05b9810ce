package dev.weir.sidecar.http.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.http.h1.ReferenceParser.End;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Good requests with one byte removed, inserted or replaced, at every place: either the codec
 * refuses what the reference parser does, with the same status, or what it forwards is what the
 * reference parser read.
 */
class MutatedRequestTest {
  @ParameterizedTest
  @MethodSource("dev.weir.sidecar.http.h1.Mutants#seeds")
  void oneByteChangedIsRefusedOrReadAsTheReferenceReadsIt(String good) {
    judge(good, good.length());
    for (int at = 0; at < good.length(); at++) {
      for (String mutant : Mutants.changedAt(good, at)) {
        judge(mutant, at);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.weir.sidecar.http.h1.Mutants#seeds")
  void anySplitOfTheBytesGivesTheSameRequests(String good) {
    for (int cut = 1; cut < good.length(); cut++) {
      judge(good, cut);
    }
    judge(good, CodecHarness.send(good.split("")));
  }

  @Test
  void severalBytesChangedAreRefusedOrReadAsTheReferenceReadsThem() {
    Random random = new Random(20261123);
    for (int i = 0; i < 5_000; i++) {
      String mutant = Mutants.changed(random, 2 + random.nextInt(3));
      judge(mutant, random.nextInt(mutant.length()));
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
      assertEquals(End.CLEAN, again.end(), () -> "forwarded: " + Mutants.show(request));
      forwarded.addAll(again.messages());
    }
    assertEquals(expected.messages(), forwarded, () -> Mutants.show(input));
    boolean early = expected.end() == End.INCOMPLETE && actual.closed();
    int refusal = early ? ReferenceParser.statusIfLineEnded(input) : expected.status();
    List<Integer> statuses = new ArrayList<>(Collections.nCopies(forwarded.size(), 204));
    if (refusal > 0) {
      statuses.add(refusal);
    }
    assertEquals(statuses, actual.statuses(), () -> Mutants.show(input));
    assertEquals(
        refusal > 0 || expected.end() == End.CLOSE, actual.closed(), () -> Mutants.show(input));
    assertEquals(0, actual.leaked(), () -> "buffers not released: " + Mutants.show(input));
  }
}
