package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.route.CompiledRetry;
import dev.weir.sidecar.route.RouteEntry;
import java.util.Optional;

/**
 * What a trusted caller asks of this one request, beyond its route: {@code x-envoy-retry-on} and
 * its kin. They are for the first proxy that they reach, and are taken out; from strangers none
 * comes this far.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/http/http_filters/router_filter#http-headers-consumed
 *
 * @param requestNanos the route's timeout, or the caller's; 0 is no bound
 * @param perTryNanos likewise for one try; 0 is no bound
 * @param hedgeOnPerTryTimeout the route's word, or the caller's
 * @param streamNanos what the route says of the whole stream, or the caller where that is less; 0
 *     is no bound
 * @param timeoutPolicy where the route has {@code requestNanos} from; empty: nobody says, or the
 *     caller has asked for it
 * @param perTryPolicy likewise
 * @param timeoutStatus what a timeout is answered with: 504, or the 204 that was asked for
 */
record CallerWishes(
    long requestNanos,
    long perTryNanos,
    Optional<CompiledRetry> retry,
    boolean hedgeOnPerTryTimeout,
    long streamNanos,
    String timeoutPolicy,
    String perTryPolicy,
    int timeoutStatus) {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long MOST_MILLIS = Long.MAX_VALUE / NANOS_PER_MILLI;

  /** Merges the headers into what the route says, and takes them out. */
  static CallerWishes take(Headers headers, long requestNanos, long streamNanos, RouteEntry route) {
    Optional<CompiledRetry> ofRoute = route.retry();
    long request = millis(headers, HeaderName.X_ENVOY_UPSTREAM_RQ_TIMEOUT_MS, requestNanos);
    long perTryOfRoute = ofRoute.map(policy -> policy.policy().perTry().toNanos()).orElse(0L);
    long perTry = millis(headers, HeaderName.X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS, perTryOfRoute);
    if (request > 0 && perTry >= request) {
      perTry = 0; // it would never be the first to end
    }
    int timeoutStatus =
        headers.has(HeaderName.X_ENVOY_UPSTREAM_RQ_TIMEOUT_ALT_RESPONSE) ? 204 : 504;
    headers.remove(HeaderName.X_ENVOY_UPSTREAM_RQ_TIMEOUT_ALT_RESPONSE);
    return new CallerWishes(
        request,
        perTry,
        CompiledRetry.withWishes(ofRoute, headers),
        hedge(headers, route.hedgeOnPerTryTimeout()),
        shorter(streamNanos, millis(headers, HeaderName.X_ENVOY_UPSTREAM_STREAM_DURATION_MS, 0)),
        request == ofTheRoute(route) ? route.policies().timeouts() : "",
        perTry == perTryOfRoute ? route.policies().timeouts() : "",
        timeoutStatus);
  }

  private static long ofTheRoute(RouteEntry route) {
    return route.action() instanceof RouteAction.Forward forward
        ? forward.timeouts().request().toNanos()
        : 0;
  }

  /** Of two bounds, of which 0 is none. */
  private static long shorter(long one, long other) {
    return one == 0 || other == 0 ? one + other : Math.min(one, other);
  }

  private static boolean hedge(Headers headers, boolean otherwise) {
    String text = headers.value(HeaderName.X_ENVOY_HEDGE_ON_PER_TRY_TIMEOUT);
    if (text == null) {
      return otherwise;
    }
    headers.remove(HeaderName.X_ENVOY_HEDGE_ON_PER_TRY_TIMEOUT);
    return text.equals("true");
  }

  private static long millis(Headers headers, HeaderName name, long otherwise) {
    String text = headers.value(name);
    if (text == null) {
      return otherwise;
    }
    headers.remove(name);
    try {
      long millis = Long.parseLong(text);
      return millis < 0 ? otherwise : Math.min(millis, MOST_MILLIS) * NANOS_PER_MILLI;
    } catch (NumberFormatException e) {
      return otherwise; // as Envoy: what is no number is not there
    }
  }

  /** What a server is told of the time it has: that of one try, where tries are bounded. */
  long expectedNanos() {
    return perTryNanos > 0 ? perTryNanos : requestNanos;
  }
}
