package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.filter.StreamTimer;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.http.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The time a request has, and the pause between two tries. Tells the forwarding when one is over. A
 * timer is made when it is first needed.
 */
final class Deadlines {
  private final TerminalContext context;
  private final Forwarding forwarding;
  private final long requestNanos;
  private @Nullable StreamTimer request;
  private @Nullable StreamTimer backOff;
  private long requestEnd;
  private boolean backingOff;

  /**
   * @param requestNanos from the end of the request to the end of the response; 0 is no bound
   */
  Deadlines(TerminalContext context, Forwarding forwarding, long requestNanos) {
    this.context = context;
    this.forwarding = forwarding;
    this.requestNanos = requestNanos;
  }

  /**
   * What the client asks for by {@code grpc-timeout} where the route allows it, else the route's.
   */
  static long requestNanos(RouteAction.Timeouts timeouts, Headers headers) {
    if (timeouts.grpcTimeoutMax().isPresent()) {
      long asked = GrpcTimeout.of(headers);
      if (asked >= 0) {
        long max = timeouts.grpcTimeoutMax().get().toNanos();
        return Math.max(1, max > 0 ? Math.min(asked, max) : asked);
      }
    }
    return timeouts.request().toNanos();
  }

  void beginRequest() {
    if (requestNanos > 0) {
      request = context.newTimer(forwarding::requestTimedOut);
      requestEnd = context.loop().nanoTime() + requestNanos;
      request.set(requestEnd);
    }
  }

  /** What the request has of its time; 0: it has no bound. */
  long left(long now) {
    return request == null ? requestNanos : Math.max(1, requestEnd - now);
  }

  void limitStream(long nanos) {
    context.newTimer(forwarding::maxStreamExpired).set(context.loop().nanoTime() + nanos);
  }

  void beginBackOff(long nanos) {
    if (backOff == null) {
      backOff = context.newTimer(this::backOffOver);
    }
    backingOff = true;
    backOff.set(context.loop().nanoTime() + nanos);
  }

  private void backOffOver() {
    backingOff = false;
    forwarding.backOffOver();
  }

  /** Between two tries. */
  boolean backingOff() {
    return backingOff;
  }

  void endBackOff() {
    backingOff = false;
    if (backOff != null) {
      backOff.clear();
    }
  }

  void clear() {
    if (request != null) {
      request.clear();
    }
    endBackOff();
  }
}
