package dev.weir.sidecar.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";

  @Test
  void traceparentIsTakenOver() {
    TraceContext trace = TraceContext.parseTraceparent("00-" + TRACE + "-" + SPAN + "-01");
    assertEquals(new TraceContext(TRACE, SPAN, true, false), trace);
  }

  @ParameterizedTest
  @CsvSource({"00,false", "01,true", "02,false", "03,true", "ff,true"})
  void sampledIsTheLowestBitOfTheFlags(String flags, boolean sampled) {
    assertEquals(
        sampled,
        java.util.Objects.requireNonNull(
                TraceContext.parseTraceparent("00-" + TRACE + "-" + SPAN + "-" + flags))
            .sampled());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x"
      })
  void malformedTraceparentIsNone(String text) {
    assertNull(TraceContext.parseTraceparent(text));
  }

  @Test
  void laterVersionMayCarryMore() {
    assertNotNull(TraceContext.parseTraceparent("01-" + TRACE + "-" + SPAN + "-01-more"));
  }

  @Test
  void singleB3IsReadInAllItsForms() {
    assertEquals(
        new TraceContext(TRACE, SPAN, true, false),
        TraceContext.parseB3(TRACE + "-" + SPAN + "-1"));
    assertEquals(
        new TraceContext(TRACE, SPAN, true, false),
        TraceContext.parseB3(TRACE + "-" + SPAN + "-d-" + SPAN));
    assertEquals(
        new TraceContext(TRACE, SPAN, false, false),
        TraceContext.parseB3(TRACE + "-" + SPAN + "-0"));
    assertEquals(
        new TraceContext(TRACE, SPAN, null, false), TraceContext.parseB3(TRACE + "-" + SPAN));
    assertNull(TraceContext.parseB3("0"));
    assertNull(TraceContext.parseB3(TRACE + "-" + SPAN + "-maybe"));
  }

  @Test
  void shortB3IdIsMadeWide() {
    assertEquals(
        new TraceContext("0".repeat(16) + SPAN, SPAN, true, false),
        TraceContext.ofB3(SPAN, SPAN, "1", null));
  }

  @Test
  void uuidMeansItsDigitsAndOtherTextNoTraceId() {
    assertEquals(
        "123e4567e89b42d3a456426614174000",
        TraceContext.idOfXTraceId("123E4567-e89b-42d3-a456-426614174000"));
    assertEquals(TRACE, TraceContext.idOfXTraceId(TRACE));
    assertNull(TraceContext.idOfXTraceId("order-4711"));
  }

  @Test
  void begunTraceIsWellFormed() {
    TraceContext begun = TraceContext.begin(null, new SplittableRandom(1), null);
    assertNotNull(TraceContext.parseTraceparent(begun.traceparent(true)));
    assertTrue(begun.traceparent(true).endsWith("-03"));
  }
}
