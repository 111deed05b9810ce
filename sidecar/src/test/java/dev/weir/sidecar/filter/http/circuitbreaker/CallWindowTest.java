package dev.weir.sidecar.filter.http.circuitbreaker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What the two windows have. */
class CallWindowTest {
  private static final long SECOND = 1_000_000_000L;

  private static void has(int bad, int calls, long counts) {
    assertEquals(bad + " of " + calls, CallWindow.bad(counts) + " of " + CallWindow.calls(counts));
  }

  @Property
  void requestWindowHasTheLastOnes(
      @ForAll @IntRange(min = 1, max = 130) int size,
      @ForAll @Size(max = 400) List<Boolean> calls) {
    CallWindow window = new RequestWindow(size);
    Deque<Boolean> last = new ArrayDeque<>();
    for (boolean bad : calls) {
      last.add(bad);
      if (last.size() > size) {
        last.remove();
      }
      has((int) last.stream().filter(one -> one).count(), last.size(), window.add(bad, 0));
    }
  }

  @Test
  void requestWindowThatIsClearedHasNothingOfBefore() {
    CallWindow window = new RequestWindow(3);
    for (int i = 0; i < 5; i++) {
      window.add(true, 0);
    }
    window.clear();
    has(0, 0, window.counts(0));
    for (int i = 0; i < 3; i++) {
      window.add(false, 0);
    }
    has(1, 3, window.add(true, 0));
  }

  /** Slower and obvious: each call with its slice. */
  @Property
  void timeWindowHasTheSlicesOfItsTime(
      @ForAll @Size(max = 200) List<@IntRange(max = 2_500) Integer> pauseMillis,
      @ForAll @IntRange(min = -30, max = 30) int startSeconds) {
    CallWindow window = new TimeWindow(Duration.ofSeconds(10));
    Deque<Long> calls = new ArrayDeque<>();
    Deque<Long> badOnes = new ArrayDeque<>();
    long now = startSeconds * SECOND;
    for (int i = 0; i < pauseMillis.size(); i++) {
      now += pauseMillis.get(i) * 1_000_000L;
      long slice = Math.floorDiv(now, SECOND);
      boolean bad = i % 3 == 0;
      calls.add(slice);
      if (bad) {
        badOnes.add(slice);
      }
      calls.removeIf(of -> of <= slice - 10);
      badOnes.removeIf(of -> of <= slice - 10);
      has(badOnes.size(), calls.size(), window.add(bad, now));
    }
  }

  @Test
  void callsLeaveATimeWindowSliceBySlice() {
    CallWindow window = new TimeWindow(Duration.ofSeconds(10));
    window.add(true, 0);
    window.add(false, 5 * SECOND);
    has(1, 2, window.counts(10 * SECOND - 1));
    has(0, 1, window.counts(10 * SECOND));
    has(0, 1, window.counts(15 * SECOND - 1));
    has(0, 0, window.counts(15 * SECOND));
  }

  @Test
  void timeWindowAfterALongPauseIsEmpty() {
    CallWindow window = new TimeWindow(Duration.ofSeconds(10));
    window.add(true, 0);
    has(1, 1, window.add(true, 3600 * SECOND));
  }

  @Test
  void loopWhoseClockIsBehindCountsInTheNewestSlice() {
    CallWindow window = new TimeWindow(Duration.ofSeconds(10));
    window.add(true, 3 * SECOND);
    has(2, 2, window.add(true, 2 * SECOND));
    has(2, 2, window.counts(12 * SECOND));
    has(0, 0, window.counts(13 * SECOND));
  }

  @Test
  void noCallOfTwoThreadsIsLost() throws InterruptedException {
    for (CallWindow window :
        List.of(new RequestWindow(10_000), new TimeWindow(Duration.ofSeconds(10)))) {
      Runnable calling =
          () -> {
            for (int i = 0; i < 5_000; i++) {
              window.add(i % 2 == 0, i);
            }
          };
      Thread other = Thread.ofPlatform().start(calling);
      calling.run();
      other.join();
      has(5_000, 10_000, window.counts(5_000));
    }
  }
}
