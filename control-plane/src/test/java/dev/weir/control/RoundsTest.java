package dev.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoundsTest {
  private static final Duration SHORTEST = Duration.ofMillis(20);

  private final List<Duration> waits = new ArrayList<>();
  private final List<Runnable> tasks = new ArrayList<>();
  private Duration now = Duration.ZERO;
  private Duration takes = Duration.ZERO;
  private final Rounds rounds =
      new Rounds(
          SHORTEST,
          (wait, task) -> {
            waits.add(wait);
            tasks.add(task);
          },
          () -> now.toNanos(),
          () -> now = now.plus(takes));

  private void round(Duration duration) {
    takes = duration;
    rounds.ask();
    now = now.plus(waits.getLast());
    tasks.getLast().run();
  }

  @Test
  void eventsOfAWhileAreOneRound() {
    rounds.ask();
    now = Duration.ofMillis(19);
    rounds.ask();
    assertEquals(List.of(SHORTEST), waits);
    tasks.getLast().run();
    rounds.ask();
    assertEquals(List.of(SHORTEST, SHORTEST), waits);
  }

  @Test
  void afterALongRoundIsAsMuchTimeForEverythingElse() {
    round(Duration.ofMillis(300));
    rounds.ask();
    assertEquals(Duration.ofMillis(300), waits.getLast());
  }

  @Test
  void timeInWhichNothingHappenedCountsAsRest() {
    round(Duration.ofMillis(300));
    now = now.plusMillis(250);
    rounds.ask();
    assertEquals(Duration.ofMillis(50), waits.getLast());
    tasks.getLast().run();

    round(Duration.ofMillis(300));
    now = now.plusSeconds(5);
    rounds.ask();
    assertEquals(SHORTEST, waits.getLast());
  }

  @Test
  void restIsTwoSecondsAtMost() {
    round(Duration.ofSeconds(10));
    rounds.ask();
    assertEquals(Duration.ofSeconds(2), waits.getLast());
  }

  @Test
  void roundThatFailsIsFollowedByOthers() {
    Rounds failing =
        new Rounds(
            SHORTEST,
            (wait, task) -> tasks.add(task),
            () -> now.toNanos(),
            () -> {
              throw new IllegalStateException("of the test");
            });
    failing.ask();
    assertThrows(IllegalStateException.class, tasks.getLast()::run);
    failing.ask();
    assertEquals(2, tasks.size());
  }
}
