package dev.weir.control.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Outcomes beyond those that there is room for. */
class OutcomesTest {
  private static final Outcome KNOWN = new Outcome("http", "2xx", "", "", "", "", "");

  private final Outcomes outcomes = new Outcomes(3);
  private final int known = outcomes.number(KNOWN);

  private Outcome kept(Outcome outcome) {
    return outcomes.of(outcomes.number(outcome));
  }

  @Test
  void oneThatIsKnownButForAShadowIsThatOne() {
    assertEquals(
        known, outcomes.number(new Outcome("http", "2xx", "", "", "", "rate-limited", "a/b")));
  }

  @Test
  void failureStaysOne() {
    assertEquals(
        Outcome.OTHER_FAILURE, kept(new Outcome("http", "4xx", "", "rate-limited", "a/b", "", "")));
    assertEquals(Outcome.OTHER, kept(new Outcome("http", "3xx", "", "", "", "", "")));
  }
}
