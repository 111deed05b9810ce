package dev.weir.sidecar.manager;

import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResponseFlag;

/** What the manager itself answers. */
final class LocalReplies {
  private static final String PATH_NORMALIZATION_FAILED = "path_normalization_failed";

  static final Verdict.LocalReply ESCAPED_SLASHES =
      Verdict.LocalReply.of(
          400,
          "escaped slashes in the path",
          PATH_NORMALIZATION_FAILED,
          Cause.of(Cause.MALFORMED_REQUEST));

  static final Verdict.LocalReply INTERNAL_ERROR =
      Verdict.LocalReply.of(
          500, "internal error", "internal_error", Cause.of(Cause.INTERNAL_ERROR));

  static final Verdict.LocalReply REQUEST_TOO_LARGE =
      Verdict.LocalReply.of(
          413, "Payload Too Large", "request_payload_too_large", Cause.of("request-too-large"));

  static final Verdict.LocalReply RESPONSE_TOO_LARGE =
      Verdict.LocalReply.of(
          500,
          "Internal Server Error",
          "response_payload_too_large",
          Cause.of("response-too-large"));

  static final Verdict.LocalReply SLOW_REQUEST =
      Verdict.LocalReply.of(
          408, "request timeout", "request_overall_timeout", Cause.of(Cause.SLOW_REQUEST));

  static final Verdict.LocalReply UPGRADE_DECLINED =
      new Verdict.LocalReply(
          502,
          "upgrade declined",
          "upgrade_declined",
          ResponseFlag.UPSTREAM_PROTOCOL_ERROR,
          Cause.of("upgrade-declined"),
          null);

  static final Verdict.LocalReply UPGRADE_NOT_ALLOWED =
      Verdict.LocalReply.of(
          403, "upgrade not allowed", "upgrade_failed", Cause.of("upgrade-not-allowed"));

  private LocalReplies() {}

  /** To the path as it should be written. */
  static Verdict.LocalReply normalized(Headers request) {
    Headers extra = Headers.empty();
    extra.add(HeaderName.LOCATION, PathNormalizer.location(request));
    return new Verdict.LocalReply(307, "", PATH_NORMALIZATION_FAILED, null, null, extra);
  }

  static Verdict.LocalReply idle(int status, Cause cause) {
    return new Verdict.LocalReply(
        status,
        "stream timeout",
        "stream_idle_timeout",
        ResponseFlag.STREAM_IDLE_TIMEOUT,
        cause,
        null);
  }
}
