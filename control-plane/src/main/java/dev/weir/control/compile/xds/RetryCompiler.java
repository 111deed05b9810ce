package dev.weir.control.compile.xds;

import dev.weir.control.model.Retry;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RetryBackOff;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RetryHostPredicate;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import java.util.ArrayList;
import java.util.List;

/** When a request is tried again, in Envoy's words. */
final class RetryCompiler {
  /** How often another host is looked for that was not tried yet. */
  private static final int HOST_ATTEMPTS = 5;

  private static final RetryHostPredicate OTHER_HOSTS =
      RetryHostPredicate.newBuilder()
          .setName("envoy.retry_host_predicates.previous_hosts")
          .setTypedConfig(Protos.any(PreviousHostsPredicate.getDefaultInstance()))
          .build();

  /** One of these matches a request that may be sent twice. */
  static final List<HeaderMatcher> IDEMPOTENT =
      List.of(
          HeaderMatcher.newBuilder()
              .setName(":method")
              .setStringMatch(Protos.matching("GET|HEAD|PUT|DELETE|OPTIONS"))
              .build(),
          HeaderMatcher.newBuilder().setName("idempotency-key").setPresentMatch(true).build());

  /** Without a policy: what never reached an instance is tried elsewhere. */
  static final RetryPolicy DEFAULT =
      builder()
          .setRetryOn("connect-failure,refused-stream")
          .setNumRetries(Protos.uint32(2))
          .build();

  private RetryCompiler() {}

  static RetryPolicy retryPolicy(Retry retry) {
    List<String> on = new ArrayList<>();
    retry.conditions().forEach(condition -> on.add(word(condition)));
    RetryPolicy.Builder policy = builder();
    if (!retry.codes().isEmpty()) {
      on.add("retriable-status-codes");
      policy.addAllRetriableStatusCodes(retry.codes());
    }
    if (retry.methods() == Retry.Methods.IDEMPOTENT) {
      policy.addAllRetriableRequestHeaders(IDEMPOTENT);
    }
    return policy
        .setRetryOn(String.join(",", on))
        .setNumRetries(Protos.uint32(retry.attempts()))
        .setRetryBackOff(
            RetryBackOff.newBuilder()
                .setBaseInterval(Protos.duration(retry.backoff().base()))
                .setMaxInterval(Protos.duration(retry.backoff().max())))
        .build();
  }

  private static RetryPolicy.Builder builder() {
    return RetryPolicy.newBuilder()
        .addRetryHostPredicate(OTHER_HOSTS)
        .setHostSelectionRetryMaxAttempts(HOST_ATTEMPTS);
  }

  private static String word(Retry.Condition condition) {
    return switch (condition) {
      case CONNECT_FAILURE -> "connect-failure";
      case REFUSED_STREAM -> "refused-stream";
      case RESET_BEFORE_REQUEST -> "reset-before-request";
      case RESET -> "reset";
      case GATEWAY_ERROR -> "gateway-error";
      case SERVER_ERROR -> "5xx";
      case GRPC_CANCELLED -> "cancelled";
      case GRPC_DEADLINE_EXCEEDED -> "deadline-exceeded";
      case GRPC_INTERNAL -> "internal";
      case GRPC_RESOURCE_EXHAUSTED -> "resource-exhausted";
      case GRPC_UNAVAILABLE -> "unavailable";
    };
  }
}
