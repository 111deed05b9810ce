package dev.weir.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TallyTest {
  @Test
  void answersAreCountedByStatusAndCauseWithoutItsParameters() {
    Tally tally = new Tally();
    tally.add(new Answer(200, "", 1_000_000));
    tally.add(new Answer(429, "rate-limited;retry-after-ms=3", 2_000_000));
    tally.add(new Answer(429, "rate-limited;retry-after-ms=9", 3_000_000));
    tally.add(new Answer(0, "refused", 4_000_000));

    assertEquals("no answer refused: 1, 200: 1, 429 rate-limited: 2", tally.toString());
    assertEquals(3, tally.failed());
    assertEquals(3.0, tally.percentile(0.5));
    assertEquals(4.0, tally.percentile(1));
  }

  @Test
  void oneSceneThatDidNotHoldIsTheWholeStorys() {
    Figures figures = new Figures();
    figures.scene("trace", true);
    figures.put("calls", 3);
    figures.put("millis", 1.26);
    assertTrue(figures.allHeld());

    figures.scene("flood", false);

    assertFalse(figures.allHeld());
    assertEquals(
        """
        {"held": false,
         "scenes": {"trace": true, "flood": false},
         "figures": {"calls": 3, "millis": 1.3}}
        """,
        figures.json());
  }
}
