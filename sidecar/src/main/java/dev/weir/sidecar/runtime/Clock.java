package dev.weir.sidecar.runtime;

/** The time, handed in so that a test can wind it by hand. Any thread. */
public interface Clock {
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
      };

  /** Nanoseconds from an arbitrary origin: differences alone mean something. */
  long nanoTime();

  /** Milliseconds since 1970, UTC. */
  long currentTimeMillis();
}
