package dev.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

class WarmUpTest {
  private record Task(Duration at, Runnable run) {}

  private final Deque<Task> tasks = new ArrayDeque<>();
  private Duration now = Duration.ZERO;
  private int ended;

  private final WarmUp warmUp =
      new WarmUp(
          Duration.ofSeconds(30),
          () -> now,
          (after, run) -> tasks.add(new Task(now.plus(after), run)),
          () -> ended++);

  /** Goes on to when it looks next. */
  private void look() {
    Task next = tasks.pop();
    now = next.at();
    next.run().run();
  }

  @Test
  void lastsWhileOthersStillComeBack() {
    warmUp.begin();
    now = Duration.ofSeconds(25);
    warmUp.came("cart-1");
    look();
    assertFalse(warmUp.isOver());
    warmUp.came("cart-1"); // again: that is nobody new
    look();
    assertTrue(warmUp.isOver());
    assertEquals(Duration.ofSeconds(40), now);
    assertEquals(1, ended);
  }

  /** It is not for a client to say how long. */
  @Test
  void whoComesUnderEverNewNamesDoesNotProlongIt() {
    for (int i = 0; i < 20_000; i++) {
      warmUp.came("client-" + i);
    }
    warmUp.begin();
    now = Duration.ofSeconds(29);
    warmUp.came("another");
    look();
    assertTrue(warmUp.isOver());
  }
}
