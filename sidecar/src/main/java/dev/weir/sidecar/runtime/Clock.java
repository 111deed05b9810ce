package dev.weir.sidecar.runtime;

import java.time.Instant;

/** The time, handed in so that a test can wind it by hand. Any thread. */
public interface Clock {
  long NANOS_PER_MILLI = 1_000_000;
  long NANOS_PER_SECOND = 1_000_000_000;

  Clock SYSTEM =
      new Clock() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public long currentTimeMillis() {
          return System.currentTimeMillis();
        }

        @Override
        public long epochNanos() {
          Instant now = Instant.now();
          return now.getEpochSecond() * NANOS_PER_SECOND + now.getNano();
        }
      };

  /** Nanoseconds from an arbitrary origin: differences alone mean something. */
  long nanoTime();

  /** Milliseconds since 1970, UTC. */
  long currentTimeMillis();

  /** Nanoseconds since 1970, UTC, as exact as the clock is. */
  default long epochNanos() {
    return currentTimeMillis() * NANOS_PER_MILLI;
  }
}
