package dev.weir.sidecar.filter.http.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a failure of an attempt is told, and what a peer's word for its own is to us. */
class UpstreamFailureTest {
  @ParameterizedTest(name = "{0}: {1} {2} {3} {4}")
  @CsvSource({
    "CONNECT_FAILURE, 503, connect-failure, UPSTREAM_CONNECTION_FAILURE, remote connection failure",
    "CONNECT_TIMEOUT, 503, connect-timeout, UPSTREAM_CONNECTION_FAILURE, connection timeout",
    "CONNECTION_TERMINATION, 503, upstream-closed, UPSTREAM_CONNECTION_TERMINATION, connection termination",
    "STALE_CONNECTION, 503, stale-connection, UPSTREAM_CONNECTION_TERMINATION, connection termination",
    "REMOTE_RESET, 503, upstream-reset, UPSTREAM_REMOTE_RESET, remote reset",
    "REFUSED_STREAM, 503, refused-stream, UPSTREAM_REMOTE_RESET, remote refused stream reset",
    "PROTOCOL_ERROR, 502, upstream-protocol-error, UPSTREAM_PROTOCOL_ERROR, protocol error",
    "LOCAL_RESET, 503, local-reset, LOCAL_RESET, local reset",
    "OVERFLOW, 503, the-bound, UPSTREAM_OVERFLOW, overflow"
  })
  void failureIsToldByStatusCauseFlagAndWords(
      ResetReason reason, int status, String cause, String flag, String words) {
    UpstreamFailure failure = new UpstreamFailure(reason, "the_bound", false);
    Verdict.LocalReply reply = failure.reply(null);
    boolean connecting = cause.startsWith("connect-");
    assertEquals(status, reply.status());
    assertEquals(cause, failure.toCause().token());
    assertEquals(flag, failure.flag().name());
    assertEquals(
        "upstream connect error or disconnect/reset before headers. reset reason: "
            + words
            + (connecting ? ", transport failure reason: the_bound" : ""),
        reply.body());
    String details = words.replace(' ', '_');
    assertEquals(
        "upstream_reset_before_response_started{" + details + (connecting ? "|the_bound}" : "}"),
        reply.details());
    assertEquals(
        "upstream_reset_after_response_started{" + details + "}", failure.detailsOfReset());
  }

  @Test
  void boundThatIsReachedIsToldAsOverload() {
    Headers more = Headers.empty();
    more.add("x-more", "1");
    UpstreamFailure overflow = new UpstreamFailure(ResetReason.OVERFLOW, "max_requests", false);
    Headers extra = Objects.requireNonNull(overflow.reply(more).headers());
    assertEquals("true", extra.value("x-envoy-overloaded"));
    assertEquals("1", extra.value("x-more"));
    extra = Objects.requireNonNull(overflow.reply(null).headers());
    assertEquals("true", extra.value("x-envoy-overloaded"));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "CONNECT_FAILURE, upstream-reset",
    "CONNECT_TIMEOUT, upstream-reset",
    "REFUSED_STREAM, upstream-reset",
    "STALE_CONNECTION, upstream-reset",
    "CONNECTION_TERMINATION, upstream-closed",
    "PROTOCOL_ERROR, upstream-protocol-error"
  })
  void requestThatMayHaveReachedTheAppDoesNotLookAsIfItHadNot(ResetReason reason, String cause) {
    assertEquals(cause, new UpstreamFailure(reason, "x", true).toCause().token());
  }

  @Test
  void halfAMessageForWantOfAConnectionIsAnEndOfTheConnection() {
    assertEquals(
        "upstream-closed",
        new UpstreamFailure(ResetReason.PROTOCOL_ERROR, "upstream_remote_disconnect", false)
            .toCause()
            .token());
  }

  private static PeerCause peer(String cause) {
    Headers response = Headers.response(503);
    if (!cause.isEmpty()) {
      response.add("x-weir-cause", cause);
    }
    return PeerCause.of(response);
  }

  @ParameterizedTest(name = "{0}: {1} {2}")
  @CsvSource({
    "'', NONE, ",
    "connect-failure, FAILURE, CONNECT_FAILURE",
    "connect-timeout;x=1, FAILURE, CONNECT_TIMEOUT",
    "upstream-closed, FAILURE, CONNECTION_TERMINATION",
    "upstream-reset, FAILURE, REMOTE_RESET",
    "stale-connection, FAILURE, STALE_CONNECTION",
    "refused-stream, FAILURE, REFUSED_STREAM",
    "upstream-protocol-error, FAILURE, PROTOCOL_ERROR",
    "request-timeout, FAILURE, ",
    "per-try-timeout, FAILURE, ",
    "per-try-idle-timeout, FAILURE, ",
    "max-stream-duration, FAILURE, ",
    "bulkhead-full;policy=\"a\", FULL, ",
    "rate-limited;policy=\"a\", REFUSAL, ",
    "local-reset, REFUSAL, ",
    "overflow, REFUSAL, "
  })
  void sidecarBesideTheAppSaysWhoFailed(String cause, String kind, String reason) {
    PeerCause peer = peer(cause);
    assertEquals(kind, peer.kind().name());
    if (reason == null) {
      assertNull(peer.reason());
    } else {
      assertEquals(ResetReason.valueOf(reason), peer.reason());
    }
  }
}
