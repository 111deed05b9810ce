package dev.weir.sidecar.config.route;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * {@code config.route.v3.RetryPolicy}.
 *
 * @param retries {@code num_retries}, after the first try
 * @param perTry zero is no limit
 * @param perTryIdle zero is no limit
 * @param requestHeaders when not empty, one of them must match the request
 * @param hostSelectionAttempts {@code host_selection_retry_max_attempts}
 */
public record RetryPolicy(
    Set<Condition> on,
    Set<Integer> statusCodes,
    int retries,
    Duration perTry,
    Duration perTryIdle,
    Duration backOffBase,
    Duration backOffMax,
    boolean avoidPreviousHosts,
    int hostSelectionAttempts,
    List<HeaderMatch> requestHeaders,
    List<HeaderMatch> responseHeaders) {
  public RetryPolicy {
    on = Set.copyOf(on);
    statusCodes = Set.copyOf(statusCodes);
    requestHeaders = List.copyOf(requestHeaders);
    responseHeaders = List.copyOf(responseHeaders);
  }

  /** {@code x-envoy-retry-on} and {@code x-envoy-retry-grpc-on}. */
  public enum Condition {
    SERVER_ERROR_5XX,
    GATEWAY_ERROR,
    RESET,
    RESET_BEFORE_REQUEST,
    CONNECT_FAILURE,
    REFUSED_STREAM,
    RETRIABLE_4XX,
    RETRIABLE_STATUS_CODES,
    RETRIABLE_HEADERS,
    ENVOY_RATELIMITED,
    GRPC_CANCELLED,
    GRPC_DEADLINE_EXCEEDED,
    GRPC_INTERNAL,
    GRPC_RESOURCE_EXHAUSTED,
    GRPC_UNAVAILABLE
  }
}
