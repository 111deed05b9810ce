package dev.weir.sidecar.route;

import dev.weir.sidecar.config.route.HeaderMatch;
import dev.weir.sidecar.config.route.RetryPolicy;
import dev.weir.sidecar.config.route.RetryPolicy.Condition;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/** When an attempt's outcome is worth another, by a route's retry policy. */
public final class CompiledRetry {
  /** No attempt's outcome is worth another. */
  public static final CompiledRetry NEVER =
      new CompiledRetry(
          new RetryPolicy(
              Set.of(),
              Set.of(),
              0,
              Duration.ZERO,
              Duration.ZERO,
              Duration.ZERO,
              Duration.ZERO,
              false,
              List.of(),
              List.of()));

  private final RetryPolicy policy;
  private final List<HeaderMatcher> requestMatchers;
  private final List<HeaderMatcher> responseMatchers;

  CompiledRetry(RetryPolicy policy) {
    this.policy = policy;
    this.requestMatchers = compile(policy.requestHeaders());
    this.responseMatchers = compile(policy.responseHeaders());
  }

  private static List<HeaderMatcher> compile(List<HeaderMatch> matches) {
    return matches.stream().map(HeaderMatcher::new).toList();
  }

  /**
   * The policy for one request: the route's with what {@code headers} ask for, {@code
   * x-envoy-retry-on} and the like, which are taken out.
   */
  public static Optional<CompiledRetry> withWishes(
      Optional<CompiledRetry> ofRoute, Headers headers) {
    return RetryHeaders.take(ofRoute, headers);
  }

  public RetryPolicy policy() {
    return policy;
  }

  /** The policy speaks of requests like this one. */
  public boolean appliesTo(Headers request) {
    return requestMatchers.isEmpty() || anyMatches(requestMatchers, request);
  }

  private static boolean anyMatches(List<HeaderMatcher> matchers, Headers headers) {
    for (HeaderMatcher matcher : matchers) {
      if (matcher.matches(headers)) {
        return true;
      }
    }
    return false;
  }

  /** A response with this head is worth another attempt. */
  public boolean wants(Headers response) {
    int status = response.status();
    if (on(Condition.SERVER_ERROR_5XX) && status >= 500
        || on(Condition.GATEWAY_ERROR) && status >= 502 && status <= 504
        || on(Condition.RETRIABLE_4XX) && status == 409
        || on(Condition.RETRIABLE_STATUS_CODES) && policy.statusCodes().contains(status)
        || on(Condition.ENVOY_RATELIMITED) && response.has(HeaderName.X_ENVOY_RATELIMITED)
        || on(Condition.RETRIABLE_HEADERS) && anyMatches(responseMatchers, response)) {
      return true;
    }
    int grpc = response.find(HeaderName.GRPC_STATUS);
    return grpc >= 0
        && switch (response.value(grpc)) {
          case "1" -> on(Condition.GRPC_CANCELLED);
          case "4" -> on(Condition.GRPC_DEADLINE_EXCEEDED);
          case "8" -> on(Condition.GRPC_RESOURCE_EXHAUSTED);
          case "13" -> on(Condition.GRPC_INTERNAL);
          case "14" -> on(Condition.GRPC_UNAVAILABLE);
          default -> false;
        };
  }

  /** An attempt that ended in {@code reason}, without a response, is worth another. */
  public boolean wants(ResetReason reason, boolean requestSent) {
    return switch (reason) {
      case OVERFLOW, LOCAL_RESET -> false;
      case CONNECT_FAILURE, CONNECT_TIMEOUT ->
          on(Condition.CONNECT_FAILURE)
              || on(Condition.RESET)
              || on(Condition.SERVER_ERROR_5XX)
              || on(Condition.GATEWAY_ERROR);
      case STALE_CONNECTION ->
          on(Condition.CONNECT_FAILURE) || wants(ResetReason.CONNECTION_TERMINATION, requestSent);
      case REFUSED_STREAM ->
          on(Condition.REFUSED_STREAM)
              || on(Condition.RESET)
              || on(Condition.SERVER_ERROR_5XX)
              || on(Condition.GATEWAY_ERROR);
      case CONNECTION_TERMINATION, REMOTE_RESET, PROTOCOL_ERROR ->
          on(Condition.RESET)
              || on(Condition.SERVER_ERROR_5XX)
              || on(Condition.GATEWAY_ERROR)
              || !requestSent && on(Condition.RESET_BEFORE_REQUEST);
    };
  }

  /** A try that took too long is worth another: Envoy counts it as a 504. */
  public boolean wantsAfterTimeout() {
    return on(Condition.SERVER_ERROR_5XX)
        || on(Condition.GATEWAY_ERROR)
        || on(Condition.RETRIABLE_STATUS_CODES) && policy.statusCodes().contains(504);
  }

  private boolean on(Condition condition) {
    return policy.on().contains(condition);
  }

  /**
   * How long before retry {@code number} (1 for the first): full jitter over an exponential bound,
   * as Envoy's.
   */
  public long backOffNanos(int number, SplittableRandom random) {
    double bound = policy.backOffBase().toNanos() * (Math.pow(2, number) - 1);
    return random.nextLong((long) Math.min(bound, (double) policy.backOffMax().toNanos()) + 1);
  }
}
