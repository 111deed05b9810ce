package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.filter.StreamTimer;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The time a request has, the time each try has, and the pause between two. Tells the router when
 * one is over. A timer is made when it is first needed.
 */
final class Deadlines {
  private final TerminalContext context;
  private final RouterFilter router;
  private final long requestNanos;
  private final long perTryNanos;
  private final long perTryIdleNanos;
  private @Nullable StreamTimer request;
  private @Nullable StreamTimer perTry;
  private @Nullable StreamTimer perTryIdle;
  private @Nullable StreamTimer backOff;

  /**
   * @param requestNanos from the end of the request to the end of the response; 0 is no bound
   * @param perTryNanos from the end of the request, or the start of a later try, to the response's
   *     head; 0 is no bound
   * @param perTryIdleNanos likewise, and from one part of the response to the next; 0 is no bound
   */
  Deadlines(
      TerminalContext context,
      RouterFilter router,
      long requestNanos,
      long perTryNanos,
      long perTryIdleNanos) {
    this.context = context;
    this.router = router;
    this.requestNanos = requestNanos;
    this.perTryNanos = perTryNanos;
    this.perTryIdleNanos = perTryIdleNanos;
  }

  /**
   * What the client asks for by {@code grpc-timeout} where the route allows it, else the route's.
   */
  static long requestNanos(RouteAction.Timeouts timeouts, Headers headers) {
    if (timeouts.grpcTimeoutMax().isPresent()) {
      int field = headers.find(HeaderName.GRPC_TIMEOUT);
      long asked =
          field < 0
              ? -1
              : GrpcTimeout.nanos(
                  headers.bytes(), headers.valueStart(field), headers.valueLength(field));
      if (asked >= 0) {
        long max = timeouts.grpcTimeoutMax().get().toNanos();
        return Math.max(1, max > 0 ? Math.min(asked, max) : asked);
      }
    }
    return timeouts.request().toNanos();
  }

  long requestNanos() {
    return requestNanos;
  }

  void beginRequest() {
    if (requestNanos > 0) {
      request = context.newTimer(router::requestTimedOut);
      request.set(context.loop().nanoTime() + requestNanos);
    }
  }

  /** The request has ended, and an attempt is under way. */
  void beginTry(boolean responseBegun) {
    if (perTryNanos > 0 && !responseBegun) {
      if (perTry == null) {
        perTry = context.newTimer(router::tryTimedOut);
      }
      perTry.set(context.loop().nanoTime() + perTryNanos);
    }
    if (perTryIdleNanos > 0) {
      if (perTryIdle == null) {
        perTryIdle = context.newTimer(router::tryIdle);
      }
      tryProgress();
    }
  }

  /** Something has come from upstream. While the request goes on there is nothing to move. */
  void tryProgress() {
    if (perTryIdle != null) {
      perTryIdle.set(context.loop().nanoTime() + perTryIdleNanos);
    }
  }

  /** The response's head has come. */
  void responseBegun() {
    if (perTry != null) {
      perTry.clear();
    }
    tryProgress();
  }

  void endTry() {
    if (perTry != null) {
      perTry.clear();
    }
    if (perTryIdle != null) {
      perTryIdle.clear();
    }
  }

  void beginBackOff(long nanos) {
    if (backOff == null) {
      backOff = context.newTimer(router::backOffOver);
    }
    backOff.set(context.loop().nanoTime() + nanos);
  }

  void clear() {
    endTry();
    if (request != null) {
      request.clear();
    }
    if (backOff != null) {
      backOff.clear();
    }
  }
}
