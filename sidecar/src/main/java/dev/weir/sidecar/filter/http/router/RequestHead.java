package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.http.StreamSpan;
import dev.weir.sidecar.route.RouteEntry;
import dev.weir.sidecar.trace.TraceHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request that goes upstream: what all attempts have in common, and what each says.
 */
final class RequestHead {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final TerminalContext context;
  private final RouteEntry route;
  private final Headers request;
  private final long begunNanos;
  private final long grpcTimeout;

  RequestHead(TerminalContext context, RouteEntry route, Headers request) {
    this.context = context;
    this.route = route;
    this.request = request;
    this.begunNanos = context.loop().nanoTime();
    this.grpcTimeout = GrpcTimeout.of(request);
  }

  /**
   * Lets the route have its say.
   *
   * @param expectedNanos the time that the server has; 0 is not told
   * @return false where the route's rewrite leaves no path
   */
  boolean prepare(RouteEntry.Choice choice, long expectedNanos) {
    StreamInfo info = context.info();
    choice.mutateRequest(request, info);
    boolean fits = route.mutateRequest(request, info); // it has the last word, as in Envoy
    if (expectedNanos > 0) {
      request.set(HeaderName.X_ENVOY_EXPECTED_RQ_TIMEOUT_MS, expectedNanos / NANOS_PER_MILLI);
    }
    return fits;
  }

  /**
   * @param number 1 for the first attempt
   * @param spanId what its own span is called; null: it has none
   * @param own the attempt needs a head that no other sees
   */
  Headers ofAttempt(int number, @Nullable String spanId, boolean own) {
    Headers head = own ? request.copy() : request;
    if (route.includeAttemptCount()) {
      head.set(HeaderName.X_ENVOY_ATTEMPT_COUNT, number);
    }
    StreamSpan span = context.info().span;
    if (span != null && spanId != null) {
      TraceHeaders.name(head, span, spanId, span.spanId());
    }
    if (number > 1 && grpcTimeout >= 0) {
      long left = grpcTimeout - (context.loop().nanoTime() - begunNanos);
      head.set(HeaderName.GRPC_TIMEOUT, GrpcTimeout.text(Math.max(NANOS_PER_MILLI, left)));
    }
    return head;
  }
}
