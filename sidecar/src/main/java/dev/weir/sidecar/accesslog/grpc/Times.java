package dev.weir.sidecar.accesslog.grpc;

import dev.weir.sidecar.http.AttemptInfo;
import dev.weir.sidecar.http.StreamInfo;
import org.jspecify.annotations.Nullable;

/**
 * When what happened to a stream, in nanoseconds since its begin; {@link #NEVER} for what did not.
 * Of attempts those of the one whose response it was, or of the last.
 */
record Times(
    long lastReceived,
    long firstSentUpstream,
    long lastSentUpstream,
    long firstReceivedUpstream,
    long lastReceivedUpstream,
    long firstSent,
    long lastSent,
    long duration) {
  static final long NEVER = -1;

  static Times of(StreamInfo info) {
    AttemptInfo attempt = attempt(info);
    long start = info.startNanos;
    return new Times(
        since(start, info.requestEndNanos),
        attempt == null ? NEVER : since(start, attempt.sentNanos),
        attempt == null ? NEVER : since(start, attempt.requestEndNanos),
        attempt == null ? NEVER : since(start, attempt.headNanos),
        attempt == null ? NEVER : since(start, attempt.responseEndNanos),
        since(start, info.responseNanos),
        info.responseWhole ? since(start, info.endNanos) : NEVER,
        since(start, info.endNanos));
  }

  private static long since(long start, long at) {
    return at == 0 ? NEVER : Math.max(0, at - start);
  }

  /** Of a copy and what it was made of, the one that has answered. */
  private static @Nullable AttemptInfo attempt(StreamInfo info) {
    for (AttemptInfo each = info.attempt; each != null; each = each.before) {
      if (each.host.equals(info.upstreamHost)) {
        return each;
      }
    }
    return info.attempt;
  }
}
