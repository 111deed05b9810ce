package dev.weir.testkit;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what another thread brings about. */
public final class Await {
  private Await() {}

  /** Waits until {@code condition} holds, ten seconds at most. */
  public static void until(BooleanSupplier condition) {
    until(condition, () -> "did not come true within 10 s");
  }

  /**
   * @param failure said if it does not come true
   */
  public static void until(BooleanSupplier condition, Supplier<String> failure) {
    long until = System.nanoTime() + 10_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - until > 0) {
        throw new AssertionError(failure.get());
      }
      LockSupport.parkNanos(5_000_000);
    }
  }
}
