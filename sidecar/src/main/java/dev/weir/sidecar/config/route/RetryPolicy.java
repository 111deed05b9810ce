package dev.weir.sidecar.config.route;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * {@code config.route.v3.RetryPolicy}.
 *
 * @param retries {@code num_retries}, after the first try
 * @param perTry zero is no limit
 * @param perTryIdle zero is no limit
 * @param requestHeaders when not empty, one of them must match the request
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
    SERVER_ERROR_5XX("5xx"),
    GATEWAY_ERROR("gateway-error"),
    RESET("reset"),
    RESET_BEFORE_REQUEST("reset-before-request"),
    CONNECT_FAILURE("connect-failure"),
    REFUSED_STREAM("refused-stream"),
    RETRIABLE_4XX("retriable-4xx"),
    RETRIABLE_STATUS_CODES("retriable-status-codes"),
    RETRIABLE_HEADERS("retriable-headers"),
    ENVOY_RATELIMITED("envoy-ratelimited"),
    GRPC_CANCELLED("cancelled"),
    GRPC_DEADLINE_EXCEEDED("deadline-exceeded"),
    GRPC_INTERNAL("internal"),
    GRPC_RESOURCE_EXHAUSTED("resource-exhausted"),
    GRPC_UNAVAILABLE("unavailable");

    private static final Map<String, Condition> BY_WORD =
        Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Condition::word, c -> c));

    private final String word;

    Condition(String word) {
      this.word = word;
    }

    /** As configuration and headers spell it. */
    public String word() {
      return word;
    }

    public static Optional<Condition> of(String word) {
      return Optional.ofNullable(BY_WORD.get(word));
    }
  }
}
