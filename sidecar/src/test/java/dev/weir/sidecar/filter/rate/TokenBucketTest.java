package dev.weir.sidecar.filter.rate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void beginsFullAndRefillsContinuously() {
    TokenBucket bucket = new TokenBucket(10, 5, 0);
    for (int i = 0; i < 5; i++) {
      assertTrue(bucket.tryTake(0));
    }
    assertFalse(bucket.tryTake(0));
    assertEquals(SECOND / 10, bucket.nanosUntilToken(0));
    assertFalse(bucket.tryTake(SECOND / 10 - 1));
    assertTrue(bucket.tryTake(SECOND / 10));
  }

  @Test
  void tokenThatIsPutBackCanBeTakenAgain() {
    TokenBucket bucket = new TokenBucket(1, 1, 0);
    assertTrue(bucket.tryTake(0));
    bucket.putBack();
    assertTrue(bucket.tryTake(0));
    assertFalse(bucket.tryTake(0));
  }

  @Test
  void clockNearItsOverflowIsNoSpecialTime() {
    long late = Long.MAX_VALUE - SECOND;
    TokenBucket bucket = new TokenBucket(2, 2, late);
    assertTrue(bucket.tryTake(late));
    assertTrue(bucket.tryTake(late));
    assertFalse(bucket.tryTake(late));
    assertTrue(bucket.tryTake(late + 2 * SECOND));
  }

  @Test
  void rateAndBurstThatCannotBeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new TokenBucket(0, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new TokenBucket(Double.NaN, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new TokenBucket(1, 0, 0));
  }

  @Property
  void neverAdmitsMoreThanBurstAndRateAllow(
      @ForAll @IntRange(min = 1, max = 1000) int rate,
      @ForAll @IntRange(min = 1, max = 50) int burst,
      @ForAll @Size(min = 1, max = 60) int[] gaps) {
    TokenBucket bucket = new TokenBucket(rate, burst, 0);
    long now = 0;
    long admitted = 0;
    for (int gap : gaps) {
      now += Math.floorMod(gap, 50_000_000);
      for (int i = 0; i < 3; i++) {
        admitted += bucket.tryTake(now) ? 1 : 0;
      }
      double most = burst + now / Math.floor(1e9 / rate);
      assertTrue(admitted <= most + 1e-6, admitted + " of at most " + most);
    }
  }

  @Test
  void twoThreadsShareItExactly() throws InterruptedException {
    TokenBucket bucket = new TokenBucket(1, 100_000, 0);
    AtomicInteger admitted = new AtomicInteger();
    Runnable taking =
        () -> {
          for (int i = 0; i < 80_000; i++) {
            if (bucket.tryTake(0)) {
              admitted.incrementAndGet();
            }
          }
        };
    Thread other = Thread.ofPlatform().start(taking);
    taking.run();
    other.join();
    assertEquals(100_000, admitted.get());
  }
}
