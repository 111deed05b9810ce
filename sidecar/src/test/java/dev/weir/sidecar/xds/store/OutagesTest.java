package dev.weir.sidecar.xds.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When the control plane was away. */
class OutagesTest {
  private static final Instant BEGIN = Instant.parse("2030-01-01T02:00:00Z");

  private Instant now = BEGIN;
  private final Outages outages = new Outages(() -> now);

  private static Instant second(int second) {
    return BEGIN.plusSeconds(second);
  }

  private void away(int second, String why) {
    now = second(second);
    outages.away(why);
  }

  private void over(int second) {
    now = second(second);
    outages.over();
  }

  @Test
  void itIsAwayUntilItAnswers() {
    assertEquals(Optional.empty(), outages.now());
    away(10, "it cannot be reached");
    assertEquals(Optional.of("it cannot be reached"), outages.now());
    over(20);
    assertEquals(Optional.empty(), outages.now());
  }

  @Test
  void timeWithinOneHasItsBeginAndItsEnd() {
    away(10, "it cannot be reached");
    assertEquals(
        Optional.of("it cannot be reached, from 2030-01-01T02:00:10Z on, until now"),
        outages.between(second(11), second(11)));
    over(20);
    assertEquals(Optional.empty(), outages.between(second(9), second(9)));
    assertEquals(
        Optional.of("it cannot be reached, from 2030-01-01T02:00:10Z to 2030-01-01T02:00:20Z"),
        outages.between(second(10), second(10)));
    assertEquals(Optional.empty(), outages.between(second(20), second(20)));
  }

  @Test
  void requestThatEndsInOneHasItThoughItBeganBefore() {
    away(10, "it cannot be reached");
    over(20);
    assertEquals(Optional.empty(), outages.between(second(5), second(9)));
    assertEquals(outages.between(second(15), second(15)), outages.between(second(5), second(12)));
    assertEquals(Optional.empty(), outages.between(second(20), second(30)));
  }

  @Test
  void anotherReasonIsThatOfTheSameOutage() {
    away(10, "it does not answer");
    away(15, "it cannot be reached");
    assertEquals(
        Optional.of("it cannot be reached, from 2030-01-01T02:00:10Z on, until now"),
        outages.between(second(10), second(10)));
  }

  @Test
  void onlyTheLastOnesAreKnown() {
    for (int i = 0; i < 100; i++) {
      away(10 * i, "it cannot be reached");
      over(10 * i + 5);
    }
    assertEquals(Optional.empty(), outages.between(second(1), second(1)));
    assertEquals(
        Optional.of("it cannot be reached, from 2030-01-01T02:16:30Z to 2030-01-01T02:16:35Z"),
        outages.between(second(990), second(990)));
  }
}
