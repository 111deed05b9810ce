package dev.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** Questions to a control thread that is busy. */
class ControlThreadTest {
  private final List<Throwable> mistakes = new CopyOnWriteArrayList<>();

  @Test
  void questionThatGotNoAnswerInTimeIsNotAskedLater() throws Exception {
    List<String> ran = new CopyOnWriteArrayList<>();
    CountDownLatch free = new CountDownLatch(1);
    CountDownLatch last = new CountDownLatch(1);
    try (ControlThread control =
        new ControlThread(mistakes::add, () -> {}, Duration.ofMillis(10))) {
      control.execute(() -> await(free));
      assertThrows(TimeoutException.class, () -> control.ask(() -> ran.add("the question")));
      free.countDown();
      control.execute(last::countDown);
      await(last);
    }
    assertEquals(List.of(), ran);
    assertEquals(List.of(), mistakes);
  }

  @Test
  void restsWhenNothingIsLeftToDo() {
    CountDownLatch rested = new CountDownLatch(1);
    List<String> ran = new CopyOnWriteArrayList<>();
    Runnable rest =
        () -> {
          if (ran.size() == 2) {
            rested.countDown();
          }
        };
    try (ControlThread control = new ControlThread(mistakes::add, rest, Duration.ofSeconds(20))) {
      control.execute(() -> ran.add("one"));
      control.execute(() -> ran.add("two"));
      await(rested);
    }
  }

  @Test
  void restsNowAndThenWhenThereIsAlwaysSomething() {
    CountDownLatch rested = new CountDownLatch(3);
    try (ControlThread control =
        new ControlThread(mistakes::add, rested::countDown, Duration.ofSeconds(20))) {
      control.execute(
          new Runnable() {
            @Override
            public void run() {
              if (rested.getCount() > 0) {
                control.execute(this); // before this one has ended, so that it is never without
              }
            }
          });
      await(rested);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("it did not come");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
