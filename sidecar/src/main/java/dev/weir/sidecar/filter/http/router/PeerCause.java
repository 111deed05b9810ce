package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import org.jspecify.annotations.Nullable;

/**
 * Who speaks in a response: the app, or the sidecar beside it, which says why by {@code
 * x-weir-cause}. That of an app has been taken out, by its sidecar or, of one without, here. For
 * the caller an app that its sidecar could not reach is one that it could not reach itself.
 *
 * @param reason of a failure, as if there were no sidecar in between; null if there was none, or
 *     none like it
 */
record PeerCause(Kind kind, @Nullable ResetReason reason) {
  enum Kind {
    /** It is the app's response. */
    NONE,
    /** A refusal: it says nothing about the app. */
    REFUSAL,
    /** A refusal by an instance that is full; another may take it. */
    FULL,
    /** The app failed. */
    FAILURE
  }

  private static final PeerCause NONE = new PeerCause(Kind.NONE, null);
  private static final PeerCause FULL = new PeerCause(Kind.FULL, null);
  private static final PeerCause REFUSAL = new PeerCause(Kind.REFUSAL, null);

  static PeerCause of(Headers response) {
    int field = response.find(HeaderName.X_WEIR_CAUSE);
    if (field < 0) {
      return NONE;
    }
    String cause = response.value(field);
    int end = cause.indexOf(';');
    String token = end < 0 ? cause : cause.substring(0, end);
    return switch (token) {
      case Cause.BULKHEAD_FULL -> FULL;
      case "request-timeout", "per-try-timeout", "per-try-idle-timeout", "max-stream-duration" ->
          new PeerCause(Kind.FAILURE, null);
      default -> {
        ResetReason reason = UpstreamFailure.reason(token);
        yield reason == null ? REFUSAL : new PeerCause(Kind.FAILURE, reason);
      }
    };
  }
}
