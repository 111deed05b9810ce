package dev.weir.sidecar.filter.http.bulkhead;

import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.StreamTimer;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.PolicyDecision.Outcome;
import dev.weir.sidecar.http.ResponseFlag;
import org.jspecify.annotations.Nullable;

/**
 * Holds a slot from the request's head to the end of its stream; waits for one where there is a
 * queue, and refuses where that is full or the wait is over.
 */
final class BulkheadFilter implements HttpFilter {
  /** What a refused caller is told to wait: who is full now may not be in a second. */
  private static final long RETRY_AFTER_MILLIS = 1000;

  private final FilterContext context;
  private final BulkheadConfig config;
  private final Bulkhead bulkhead;
  private final BulkheadStats stats;
  private final BulkheadStore.OfRoute route;
  private Bulkhead.@Nullable Waiter waiter;
  private @Nullable StreamTimer timer;
  private boolean holding;
  private boolean over;

  BulkheadFilter(FilterContext context, BulkheadStore.OfRoute route) {
    this.context = context;
    this.route = route;
    this.config = route.config();
    this.bulkhead = route.bulkhead();
    this.stats = route.stats();
  }

  private int loop() {
    return context.loop().index();
  }

  @Override
  public Verdict requestHeaders(Headers headers, boolean endStream) {
    if (excluded(headers)) {
      return Verdict.CONTINUE;
    }
    if (bulkhead.tryAcquire()) {
      decided(Outcome.ADMITTED);
      hold();
      return Verdict.CONTINUE;
    }
    if (config.shadow()) {
      stats.refused(loop(), true);
      context.info().wouldRefuse(cause());
      decided(Outcome.WOULD_REFUSE);
      return Verdict.CONTINUE;
    }
    if (config.queue().isEmpty()) {
      return refusal();
    }
    Bulkhead.Waiter waits = bulkhead.await(context.loop(), this::admitted);
    if (waits == null) {
      return refusal();
    }
    waiter = waits;
    decided(Outcome.WAITS);
    stats.waiting(loop(), 1);
    StreamTimer limit = context.newTimer(this::waitedLongEnough);
    limit.set(context.loop().nanoTime() + config.queue().get().longest().toNanos());
    timer = limit;
    return new Verdict.Pause();
  }

  private boolean excluded(Headers headers) {
    for (BulkheadStore.Excluded match : route.exclude()) {
      if ((match.method().isEmpty() || headers.methodIs(match.method()))
          && match.matcher().matches(headers)) {
        return true;
      }
    }
    return false;
  }

  private void hold() {
    holding = true;
    stats.active(loop(), 1);
  }

  /** The wait has ended well; if the stream has ended too, {@link #destroy} gave the slot back. */
  private void admitted() {
    if (over) {
      return;
    }
    endWait();
    decided(Outcome.ADMITTED);
    hold();
    context.resumeRequest();
  }

  private void waitedLongEnough() {
    Bulkhead.Waiter waits = waiter;
    if (waits != null && bulkhead.leave(waits)) {
      endWait();
      context.localReply(refusal());
    }
  }

  private void endWait() {
    waiter = null;
    stats.waiting(loop(), -1);
    if (timer != null) {
      timer.clear();
    }
  }

  private void decided(Outcome outcome) {
    context
        .info()
        .decided(
            "concurrency",
            config.policy(),
            "",
            outcome,
            bulkhead.taken(),
            config.maxRequests(),
            outcome == Outcome.WAITS
                ? "requests at a time; it waits for one"
                : "requests at a time");
  }

  private Cause cause() {
    return new Cause(Cause.BULKHEAD_FULL, config.policy(), "", RETRY_AFTER_MILLIS);
  }

  private Verdict.LocalReply refusal() {
    stats.refused(loop(), false);
    decided(Outcome.REFUSED);
    return new Verdict.LocalReply(
        503,
        "too many requests at a time",
        "weir_bulkhead_full",
        ResponseFlag.UPSTREAM_OVERFLOW,
        cause(),
        null);
  }

  @Override
  public void destroy() {
    over = true;
    if (holding) {
      holding = false;
      stats.active(loop(), -1);
      bulkhead.release();
      return;
    }
    Bulkhead.Waiter waits = waiter;
    if (waits != null) {
      endWait();
      if (!bulkhead.leave(waits)) {
        bulkhead.release(); // it was admitted, and has not heard of it
      }
    }
  }
}
