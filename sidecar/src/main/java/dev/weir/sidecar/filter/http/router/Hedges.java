package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.filter.StreamTimer;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The copies of one request that is slow to be answered: when the next is due, and what is no
 * answer while there are several attempts. A copy is due {@link CompiledHedging#delayNanos} after
 * the attempt before it, and with Envoy's {@code hedge_on_per_try_timeout} where an attempt has had
 * its time.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/intro/arch_overview/http/http_routing#request-hedging
 */
final class Hedges {
  /** While no copy can be sent, the pause between two looks grows to about this. */
  private static final long SELDOM_NANOS = Duration.ofSeconds(1).toNanos();

  private final TerminalContext context;
  private final Forwarding forwarding;
  private final long delayNanos;
  private final boolean onPerTryTimeout;
  private final boolean delayed;
  private @Nullable StreamTimer timer;
  private int left;
  private long pauseNanos;

  private Hedges(
      TerminalContext context,
      Forwarding forwarding,
      @Nullable CompiledHedging policy,
      boolean onPerTryTimeout) {
    this.context = context;
    this.forwarding = forwarding;
    this.onPerTryTimeout = onPerTryTimeout;
    this.delayed = policy != null;
    this.left = policy == null ? 0 : policy.attempts();
    this.delayNanos = policy == null ? 0 : policy.delayNanos();
    this.pauseNanos = delayNanos;
  }

  /** Those of a request; null for one that gets none. */
  static @Nullable Hedges of(
      TerminalContext context, Forwarding forwarding, Headers request, boolean onPerTryTimeout) {
    CompiledHedging policy =
        context.routeConfig() instanceof CompiledHedging found && found.appliesTo(request)
            ? found
            : null;
    return policy == null && !onPerTryTimeout
        ? null
        : new Hedges(context, forwarding, policy, onPerTryTimeout);
  }

  boolean onPerTryTimeout() {
    return onPerTryTimeout;
  }

  // ---- time

  /** The newest attempt has all of the request from now on. */
  void await() {
    if (left == 0) {
      return;
    }
    if (timer == null) {
      timer = context.newTimer(this::due);
    }
    timer.set(context.loop().nanoTime() + pauseNanos);
  }

  /** What cannot be sent now, for want of a host or of budget, may be later, ever more seldom. */
  private void due() {
    left--; // the copy is the newest attempt, for which the next is awaited
    if (forwarding.sendCopy()) {
      pauseNanos = delayNanos;
    } else {
      left++;
      if (!forwarding.backingOff() && pauseNanos < SELDOM_NANOS) {
        pauseNanos *= 2;
      }
    }
    await();
  }

  void clear() {
    if (timer != null) {
      timer.clear();
    }
  }

  /**
   * While another attempt is under way, that an instance cannot serve is no answer, whatever is
   * retried: a copy that fails at once would beat the first try that is only slow. With Envoy's own
   * way to hedge it is one, as there.
   */
  boolean passOver(Headers response) {
    int grpc = response.find(HeaderName.GRPC_STATUS);
    return delayed
        && (response.status() >= 502 && response.status() <= 504
            || grpc >= 0 && response.value(grpc).equals("14"));
  }

  /** There will be no other copy. */
  void end() {
    left = 0;
    clear();
  }
}
