package dev.weir.sidecar.telemetry.recent;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SlowestTest {
  private final Slowest slowest = new Slowest();
  private final SplittableRandom random = new SplittableRandom(1);

  private int slowOf(int count, long most) {
    int slow = 0;
    for (int i = 0; i < count; i++) {
      slow += slowest.add(random.nextLong(most)) ? 1 : 0;
    }
    return slow;
  }

  @Test
  void oneInAHundredIsSlowWhateverTheScale() {
    for (long most : new long[] {1_000_000, 10_000_000_000L, 50_000}) {
      slowOf(50_000, most); // it follows
      int slow = slowOf(100_000, most);
      assertTrue(slow > 700 && slow < 1300, slow + " of 100,000 up to " + most);
    }
  }

  @Test
  void whatIsFarAboveTheRestIsSlow() {
    slowOf(50_000, 1_000_000);
    assertTrue(slowest.add(1_000_000_000));
    assertFalse(slowest.add(1));
  }
}
