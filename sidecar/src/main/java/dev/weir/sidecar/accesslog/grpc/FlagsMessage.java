package dev.weir.sidecar.accesslog.grpc;

import dev.weir.sidecar.http.ResponseFlag;
import io.envoyproxy.envoy.data.accesslog.v3.ResponseFlags;
import io.envoyproxy.envoy.data.accesslog.v3.ResponseFlags.Unauthorized;

/** Response flags as Envoy's message of them. */
final class FlagsMessage {
  private FlagsMessage() {}

  /**
   * @param set bits of {@link ResponseFlag}
   */
  static ResponseFlags of(int set) {
    ResponseFlags.Builder made = ResponseFlags.newBuilder();
    for (ResponseFlag flag : ResponseFlag.values()) {
      if ((set & flag.bit()) != 0) {
        add(flag, made);
      }
    }
    return made.build();
  }

  private static ResponseFlags.Builder add(ResponseFlag flag, ResponseFlags.Builder to) {
    return switch (flag) {
      case NO_HEALTHY_UPSTREAM -> to.setNoHealthyUpstream(true);
      case UPSTREAM_CONNECTION_FAILURE -> to.setUpstreamConnectionFailure(true);
      case UPSTREAM_OVERFLOW -> to.setUpstreamOverflow(true);
      case NO_ROUTE -> to.setNoRouteFound(true);
      case NO_CLUSTER -> to.setNoClusterFound(true);
      case UPSTREAM_RETRY_LIMIT_EXCEEDED -> to.setUpstreamRetryLimitExceeded(true);
      case DOWNSTREAM_CONNECTION_TERMINATION -> to.setDownstreamConnectionTermination(true);
      case UPSTREAM_CONNECTION_TERMINATION -> to.setUpstreamConnectionTermination(true);
      case UPSTREAM_REQUEST_TIMEOUT -> to.setUpstreamRequestTimeout(true);
      case UPSTREAM_REMOTE_RESET -> to.setUpstreamRemoteReset(true);
      case UPSTREAM_PROTOCOL_ERROR -> to.setUpstreamProtocolError(true);
      case DOWNSTREAM_PROTOCOL_ERROR -> to.setDownstreamProtocolError(true);
      case LOCAL_RESET -> to.setLocalReset(true);
      case RATE_LIMITED -> to.setRateLimited(true);
      case UNAUTHORIZED_EXTERNAL_SERVICE ->
          to.setUnauthorizedDetails(
              Unauthorized.newBuilder().setReason(Unauthorized.Reason.EXTERNAL_SERVICE));
      case STREAM_IDLE_TIMEOUT -> to.setStreamIdleTimeout(true);
      case DURATION_TIMEOUT -> to.setDurationTimeout(true);
      case OVERLOAD -> to.setOverloadManager(true);
    };
  }
}
