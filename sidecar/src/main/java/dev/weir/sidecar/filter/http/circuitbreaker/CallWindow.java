package dev.weir.sidecar.filter.http.circuitbreaker;

/**
 * The latest attempts, and how many of them were bad. Any thread. What it says is packed into a
 * {@code long}, so that a call leaves no garbage behind: {@link #calls} and {@link #bad} unpack it.
 */
interface CallWindow {
  /** Counts one attempt, and returns what the window has now, this one included. */
  long add(boolean bad, long nowNanos);

  /** What the window has. */
  long counts(long nowNanos);

  void clear();

  static CallWindow of(CircuitBreakerConfig.Window window) {
    return switch (window) {
      case CircuitBreakerConfig.LastRequests last -> new RequestWindow(last.requests());
      case CircuitBreakerConfig.LastTime last -> new TimeWindow(last.duration());
    };
  }

  static long counts(int calls, int bad) {
    return (long) calls << Integer.SIZE | bad;
  }

  static int calls(long counts) {
    return (int) (counts >>> Integer.SIZE);
  }

  static int bad(long counts) {
    return (int) counts;
  }
}
