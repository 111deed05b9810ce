package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ResponseFlag;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How an attempt that ended without a response is told: to the client in Envoy's words, in the
 * access log by flag and details, to machines by cause.
 *
 * @param details the transport's own words, or the name of the bound that was reached
 * @param reached whether an attempt before this one may have reached the app: then the request must
 *     not look to the caller as one that did not
 */
record UpstreamFailure(ResetReason reason, String details, boolean reached) {
  /** The details of a connection that its peer has ended. */
  private static final String DISCONNECT = "upstream_remote_disconnect";

  private static final Set<ResetReason> FAILURES =
      EnumSet.complementOf(EnumSet.of(ResetReason.OVERFLOW, ResetReason.LOCAL_RESET));

  /**
   * @param more fields of the response; null for none
   */
  Verdict.LocalReply reply(@Nullable Headers more) {
    return new Verdict.LocalReply(
        reason == ResetReason.PROTOCOL_ERROR ? 502 : 503,
        "upstream connect error or disconnect/reset before headers. reset reason: "
            + text()
            + (connecting() ? ", transport failure reason: " + details : ""),
        words("upstream_reset_before_response_started", connecting() ? "|" + details : ""),
        flag(),
        toCause(),
        reason == ResetReason.OVERFLOW ? overloaded(more) : more);
  }

  Cause toCause() {
    return Cause.of(cause());
  }

  /** For a response that had begun. */
  String detailsOfReset() {
    return words("upstream_reset_after_response_started", "");
  }

  /** Response code details have no spaces, as in Envoy. */
  private String words(String when, String more) {
    return (when + "{" + text() + more + "}").replace(' ', '_');
  }

  ResponseFlag flag() {
    return switch (reason) {
      case CONNECTION_TERMINATION, STALE_CONNECTION -> ResponseFlag.UPSTREAM_CONNECTION_TERMINATION;
      case CONNECT_FAILURE, CONNECT_TIMEOUT -> ResponseFlag.UPSTREAM_CONNECTION_FAILURE;
      case REMOTE_RESET, REFUSED_STREAM -> ResponseFlag.UPSTREAM_REMOTE_RESET;
      case LOCAL_RESET -> ResponseFlag.LOCAL_RESET;
      case PROTOCOL_ERROR -> ResponseFlag.UPSTREAM_PROTOCOL_ERROR;
      case OVERFLOW -> ResponseFlag.UPSTREAM_OVERFLOW;
    };
  }

  private boolean connecting() {
    return reason == ResetReason.CONNECT_FAILURE || reason == ResetReason.CONNECT_TIMEOUT;
  }

  private static Headers overloaded(@Nullable Headers more) {
    Headers extra = more == null ? Headers.empty() : more;
    extra.add(HeaderName.X_ENVOY_OVERLOADED, "true");
    return extra;
  }

  private String cause() {
    if (reason == ResetReason.OVERFLOW) {
      return details.replace('_', '-');
    }
    if (reason == ResetReason.PROTOCOL_ERROR && details.equals(DISCONNECT)) {
      return cause(ResetReason.CONNECTION_TERMINATION); // half a message, for want of a connection
    }
    return cause(reached && isBeforeApp(reason) ? ResetReason.REMOTE_RESET : reason);
  }

  /** The app has seen nothing of the request, or what it may see again. */
  static boolean isBeforeApp(@Nullable ResetReason reason) {
    return reason == ResetReason.CONNECT_FAILURE
        || reason == ResetReason.CONNECT_TIMEOUT
        || reason == ResetReason.REFUSED_STREAM
        || reason == ResetReason.STALE_CONNECTION;
  }

  private static String cause(ResetReason reason) {
    return switch (reason) {
      case CONNECT_FAILURE -> "connect-failure";
      case CONNECT_TIMEOUT -> "connect-timeout";
      case CONNECTION_TERMINATION -> "upstream-closed";
      case STALE_CONNECTION -> "stale-connection";
      case REMOTE_RESET -> "upstream-reset";
      case REFUSED_STREAM -> "refused-stream";
      case PROTOCOL_ERROR -> "upstream-protocol-error";
      case LOCAL_RESET -> "local-reset";
      case OVERFLOW -> "overflow";
    };
  }

  /** Which failure of an attempt has this cause; null for none: we are the ones who refuse. */
  static @Nullable ResetReason reason(String cause) {
    for (ResetReason reason : FAILURES) {
      if (cause(reason).equals(cause)) {
        return reason;
      }
    }
    return null;
  }

  private String text() {
    return switch (reason) {
      case CONNECTION_TERMINATION, STALE_CONNECTION -> "connection termination";
      case CONNECT_FAILURE -> "remote connection failure";
      case CONNECT_TIMEOUT -> "connection timeout";
      case REMOTE_RESET -> "remote reset";
      case REFUSED_STREAM -> "remote refused stream reset";
      case LOCAL_RESET -> "local reset";
      case PROTOCOL_ERROR -> "protocol error";
      case OVERFLOW -> "overflow";
    };
  }
}
