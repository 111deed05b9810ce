package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.filter.StreamTimer;
import dev.weir.sidecar.filter.TerminalContext;
import org.jspecify.annotations.Nullable;

/**
 * The time one attempt has. They bound the try of a request that may not be tried again as well.
 */
final class TryTimers {
  private final TerminalContext context;
  private final Attempt attempt;
  private final long perTryNanos;
  private final long idleNanos;
  private @Nullable StreamTimer perTry;
  private @Nullable StreamTimer idle;

  /** Zero is no bound. */
  TryTimers(TerminalContext context, Attempt attempt, long perTryNanos, long idleNanos) {
    this.context = context;
    this.attempt = attempt;
    this.perTryNanos = perTryNanos;
    this.idleNanos = idleNanos;
  }

  /** The request has ended, and the attempt is under way. */
  void begin(boolean responseBegun) {
    if (perTryNanos > 0 && !responseBegun) {
      perTry = context.newTimer(attempt::timedOut);
      perTry.set(context.loop().nanoTime() + perTryNanos);
    }
    if (idleNanos > 0) {
      idle = context.newTimer(attempt::idle);
      progress();
    }
  }

  /** Something has come from upstream. While the request goes on there is nothing to move. */
  void progress() {
    if (idle != null) {
      idle.set(context.loop().nanoTime() + idleNanos);
    }
  }

  /** The response's head has come. */
  void responseBegun() {
    if (perTry != null) {
      perTry.clear();
    }
    progress();
  }

  void end() {
    if (perTry != null) {
      perTry.clear();
    }
    if (idle != null) {
      idle.clear();
    }
  }
}
