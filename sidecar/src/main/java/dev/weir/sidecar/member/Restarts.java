package dev.weir.sidecar.member;

import dev.weir.cli.Durations;
import dev.weir.sidecar.runtime.Clock;
import java.time.Duration;
import java.util.Optional;

/** How often an app was started again, and when it is the next time. One thread. */
final class Restarts {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** An app that ran for this long has not failed in a row. */
  private static final Duration WELL = Duration.ofSeconds(10);

  private final RestartPolicy policy;
  private final Clock clock;
  private int inARow;
  private long startedAt;

  Restarts(RestartPolicy policy, Clock clock) {
    this.policy = policy;
    this.clock = clock;
  }

  /**
   * What comes after an end.
   *
   * @param time the how-many-th it is in a row
   */
  record Next(Duration after, int time, RestartPolicy policy) {
    @Override
    public String toString() {
      String of = policy.most() == Integer.MAX_VALUE ? "" : " of " + policy.most();
      return Durations.text(after) + " (" + time + of + ")";
    }
  }

  void started() {
    startedAt = clock.nanoTime();
  }

  /** Empty: it is not started again. */
  Optional<Next> next(int status) {
    if (clock.nanoTime() - startedAt >= WELL.toNanos()) {
      inARow = 0;
    }
    if (!policy.again(status, inARow)) {
      return Optional.empty();
    }
    Duration pause = FIRST_PAUSE;
    for (int time = 0; time < inARow && pause.compareTo(LONGEST_PAUSE) < 0; time++) {
      pause = pause.multipliedBy(2);
    }
    inARow++;
    return Optional.of(
        new Next(pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE, inARow, policy));
  }
}
