package dev.weir.sidecar.filter.http.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.AttemptInfo;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.http.StreamSpan;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The times of a request and of each of its attempts, by a clock that the test moves. */
class AttemptTimesTest {
  private static final String BACK_OFF = "retry_back_off: {base_interval: 0.001s}";

  private static final String TRY =
      "timeout: 10s, retry_policy: {num_retries: 1, per_try_timeout: 0.1s, " + BACK_OFF;

  private static final String IDLE =
      "timeout: 10s, retry_policy: {retry_on: 5xx, num_retries: 1, per_try_idle_timeout: 0.1s, retry_back_off: {base_interval: 0.001s}}";

  /** Longer than any pause of {@link #BACK_OFF}. */
  private static final int PAUSE = 20;

  private static AttemptInfo attempt(RouterHarness router) {
    return Objects.requireNonNull(router.info().attempt);
  }

  // ---- of the request

  @Test
  void requestWithoutAnAnswerInTimeIsA504() {
    try (RouterHarness router = RouterHarness.of("timeout: 1s", 1).get()) {
      router.advance(999);
      assertEquals(List.of("1> GET end"), router.seen());
      router.advance(1);
      assertEquals(504, router.client.response().status());
      assertEquals(List.of("1> reset", "< 504", "< upstream request timeout end"), router.seen());
      assertEquals("response_timeout", router.info().details);
      assertEquals("request-timeout", router.cause());
      assertEquals("timeout", attempt(router).failure);
      assertTrue(router.flagged(ResponseFlag.UPSTREAM_REQUEST_TIMEOUT));
      assertEquals(1, router.stat("upstream_rq_timeout"));
      assertNull(router.client.response().value(HeaderName.X_WEIR_RETRY));
    }
  }

  @Test
  void timeoutAfterSeveralAttemptsSaysSo() {
    try (RouterHarness router =
        RouterHarness.of("timeout: 1s, retry_policy: {retry_on: 5xx, " + BACK_OFF + "}", 1).get()) {
      router.call(1).answer(503);
      router.advance(PAUSE).advance(1000);
      assertEquals(504, router.client.response().status());
      assertEquals("stop", router.client.response().value(HeaderName.X_WEIR_RETRY));
    }
  }

  @Test
  void timeRunsFromTheEndOfTheRequest() {
    try (RouterHarness router = RouterHarness.of("timeout: 1s", 1).post()) {
      router.advance(5000);
      router.client.body("a", false);
      router.advance(5000);
      router.client.body("b", true);
      router.advance(999);
      assertEquals(List.of("1> POST", "1> a", "1> b end"), router.seen());
      router.advance(1);
      assertEquals(504, router.client.response().status());
    }
    try (RouterHarness router = RouterHarness.of("timeout: 1s", 1).post()) {
      router.client.requestTrailers();
      router.advance(1000);
      assertEquals(504, router.client.response().status());
    }
  }

  @Test
  void requestWithoutABoundHasAllTheTimeThereIs() {
    try (RouterHarness router = RouterHarness.of("timeout: 0s", 1).get()) {
      assertEquals(0, attempt(router).timeLeftNanos);
      router.advance(60_000);
      assertEquals(List.of("1> GET end"), router.seen());
    }
  }

  @Test
  void responseThatHasBegunIsCutWhenTheTimeIsOver() {
    try (RouterHarness router = RouterHarness.of("timeout: 1s", 1).get()) {
      router.call(1).head(200);
      router.advance(1000);
      assertEquals(List.of("1> GET end", "< 200", "1> reset", "< reset"), router.seen());
      assertEquals("request-timeout", router.cause());
      assertEquals("response_timeout", router.info().details);
      assertEquals("", attempt(router).failure, "the head was in time");
      assertTrue(router.flagged(ResponseFlag.UPSTREAM_REQUEST_TIMEOUT));
    }
  }

  @Test
  void endedResponseHasNoTimeThatCouldEnd() {
    for (boolean trailers : List.of(true, false)) {
      try (RouterHarness router = RouterHarness.of("timeout: 1s", 1).get()) {
        if (trailers) {
          router.call(1).head(200).trailers();
        } else {
          router.call(1).head(200).body("x", true);
        }
        router.advance(2000);
        assertEquals(0, router.stat("upstream_rq_timeout"));
        assertEquals("", router.cause());
      }
    }
  }

  /** It is whole, and late for another reason. */
  @Test
  void endedResponseThatAFilterHoldsHasNoTimeThatCouldEnd() {
    for (int end = 0; end < 3; end++) {
      try (RouterHarness router =
          new RouterHarness(null, "", 1)
              .filter((context, config) -> {
                return new HttpFilter() {
                  @Override
                  public Verdict responseHeaders(Headers headers, boolean endStream) {
                    return new Verdict.Pause();
                  }
                };
              })
              .route("timeout: 1s")
              .get()) {
        if (end == 0) {
          router.call(1).answer(200);
        } else if (end == 1) {
          router.call(1).head(200).body("x", true);
        } else {
          router.call(1).head(200).trailers();
        }
        router.advance(2000);
        assertEquals(List.of("1> GET end"), router.seen(), "end " + end);
        assertEquals(0, router.stat("upstream_rq_timeout"));
      }
    }
  }

  @Test
  void timeIsOfAllAttempts() {
    try (RouterHarness router =
        RouterHarness.of("timeout: 1s, retry_policy: {retry_on: 5xx, " + BACK_OFF + "}", 1).get()) {
      assertEquals(1_000_000_000, attempt(router).timeLeftNanos);
      router.advance(900).call(1).answer(503);
      router.advance(PAUSE);
      assertEquals(80_000_000, attempt(router).timeLeftNanos);
      router.advance(80);
      assertEquals(504, router.client.response().status());
    }
  }

  @Test
  void timeThatEndsDuringAPauseEndsThePause() {
    try (RouterHarness router =
        RouterHarness.of(
                "timeout: 1s, retry_policy: {retry_on: 5xx, retry_back_off: {base_interval: 9s}}",
                1)
            .get()) {
      router.advance(999).call(1).answer(503);
      router.advance(1);
      assertEquals(504, router.client.response().status());
      router.advance(9000);
      assertEquals(1, router.calls.size());
      assertEquals(0, router.inUse().retries());
    }
  }

  // ---- of the stream

  @Test
  void streamThatLastsTooLongIsEndedWithoutAFlag() {
    String stream = "timeout: 0s, max_stream_duration: {max_stream_duration: 1s}";
    try (RouterHarness router = RouterHarness.of(stream, 1).post()) {
      router.advance(999);
      assertEquals(List.of("1> POST"), router.seen());
      router.advance(1);
      assertEquals(
          List.of("1> reset", "< 504", "< max stream duration reached end"), router.seen());
      assertEquals("max-stream-duration", router.cause());
      assertEquals("max_duration_timeout", router.info().details);
      assertEquals(0, router.info().flags);
    }
    try (RouterHarness router = RouterHarness.of(stream, 1).get()) {
      router.call(1).head(200);
      router.advance(1000);
      assertEquals(List.of("1> GET end", "< 200", "1> reset", "< reset"), router.seen());
      assertEquals("max-stream-duration", router.cause());
      assertEquals("max_duration_timeout", router.info().details);
    }
  }

  // ---- of an attempt

  @Test
  void attemptThatHasHadItsTimeIsMadeAgain() {
    try (RouterHarness router = RouterHarness.of(TRY + ", retry_on: 5xx}", 1, 2).get()) {
      router.advance(99);
      assertEquals(List.of("1> GET end"), router.seen());
      router.advance(1);
      assertEquals(List.of("1> reset"), router.seen());
      assertEquals("timeout", attempt(router).failure);
      router.advance(PAUSE).advance(100);
      assertEquals(
          List.of("2> GET end", "2> reset", "< 504", "< upstream request timeout end"),
          router.seen());
      assertEquals("per-try-timeout", router.cause());
      assertEquals("upstream_per_try_timeout", router.info().details);
      assertEquals(2, router.stat("upstream_rq_per_try_timeout"));
      assertTrue(router.flagged(ResponseFlag.UPSTREAM_REQUEST_TIMEOUT));
    }
  }

  @Test
  void attemptThatMayNotBeMadeAgainIsBoundedAllTheSame() {
    for (String on : List.of(", retry_on: reset}", "}")) {
      try (RouterHarness router = RouterHarness.of(TRY + on, 1, 2).get()) {
        router.advance(100);
        assertEquals(504, router.client.response().status());
        router.advance(PAUSE);
        assertEquals(1, router.calls.size());
      }
    }
  }

  @Test
  void timeOfAnAttemptEndsWithItsHead() {
    try (RouterHarness router = RouterHarness.of(TRY + ", retry_on: 5xx}", 1).get()) {
      router.call(1).head(200);
      router.advance(200);
      assertEquals(List.of("1> GET end", "< 200"), router.seen());
    }
  }

  @Test
  void answerBeforeTheEndOfTheRequestNeedsNoTime() {
    try (RouterHarness router = RouterHarness.of(TRY + ", retry_on: 5xx}", 1).post()) {
      router.advance(500).call(1).head(200);
      router.client.body("a", true);
      router.advance(200);
      assertEquals(List.of("1> POST", "< 200", "1> a end"), router.seen());
    }
  }

  @Test
  void attemptThatWasSeenBeforeItsTimeWasOverMayHaveReachedTheApp() {
    try (RouterHarness router = RouterHarness.of(TRY + ", retry_on: 5xx}", 1).get()) {
      router.connects(false).advance(100).advance(PAUSE).call(2).refuse();
      assertEquals("upstream-reset", router.cause());
    }
    try (RouterHarness router =
        RouterHarness.of(TRY + ", retry_on: 5xx}", 1).connects(false).get()) {
      router.advance(100).advance(PAUSE).call(2).refuse();
      assertEquals("connect-failure", router.cause());
    }
  }

  @Test
  void attemptWithoutASignOfLifeIsMadeAgain() {
    try (RouterHarness router = RouterHarness.of(IDLE, 1, 2).get()) {
      router.advance(99);
      assertEquals(List.of("1> GET end"), router.seen());
      router.advance(1);
      assertEquals(List.of("1> reset"), router.seen());
      router.advance(PAUSE).advance(100);
      assertEquals(504, router.client.response().status());
      assertEquals("per-try-idle-timeout", router.cause());
      assertEquals("upstream_per_try_idle_timeout", router.info().details);
      assertEquals(2, router.stat("upstream_rq_per_try_idle_timeout"));
      assertTrue(router.flagged(ResponseFlag.STREAM_IDLE_TIMEOUT));
    }
  }

  @Test
  void responseThatGoesOnIsNotIdleUntilItStalls() {
    try (RouterHarness router = RouterHarness.of(IDLE, 1, 2).get()) {
      router.advance(90).call(1).head(200);
      router.advance(90).call(1).body("a", false);
      router.advance(90).call(1).body("b", false);
      router.advance(99);
      assertEquals(List.of("1> GET end", "< 200", "< a", "< b"), router.seen());
      router.advance(1);
      assertEquals(List.of("1> reset", "< reset"), router.seen());
      assertEquals("per-try-idle-timeout", router.cause());
      assertEquals("upstream_per_try_idle_timeout", router.info().details);
    }
  }

  @Test
  void requestThatGoesOnIsNotIdle() {
    try (RouterHarness router = RouterHarness.of(IDLE, 1, 2).post()) {
      router.advance(1000);
      router.client.body("a", true);
      router.advance(99);
      assertEquals(List.of("1> POST", "1> a end"), router.seen());
      router.advance(1);
      assertEquals(List.of("1> reset"), router.seen());
    }
  }

  @Test
  void answerBeforeTheEndOfTheRequestIsIdleFromThen() {
    try (RouterHarness router = RouterHarness.of(IDLE, 1, 2).post()) {
      router.call(1).head(200);
      router.client.body("a", true);
      router.advance(100);
      assertEquals(List.of("1> POST", "< 200", "1> a end", "1> reset", "< reset"), router.seen());
    }
  }

  @Test
  void attemptThatIsOverHasNoTimesLeft() {
    for (String policy : List.of(IDLE, TRY + ", retry_on: 5xx}")) {
      try (RouterHarness router = RouterHarness.of(policy, 1, 2).get()) {
        router.advance(90).call(1).answer(503);
        router.advance(PAUSE).call(2);
        router.advance(79);
        assertEquals(List.of("1> GET end", "2> GET end"), router.seen());
        assertEquals(0, router.stat("upstream_rq_per_try_timeout"));
        assertEquals(0, router.stat("upstream_rq_per_try_idle_timeout"));
      }
    }
  }

  // ---- what is told

  @Test
  void partsOfAnAttemptHaveTheirTimes() {
    try (RouterHarness router =
        RouterHarness.of("timeout: 10s", 1).connects(false).speaks(Protocol.HTTP2).post()) {
      long start = router.client.clock.nanoTime();
      router.advance(1).call(1).connect();
      router.advance(1).client.body("a", true);
      router.advance(1).call(1).head(200, "grpc-status: 5");
      router.advance(1).call(1).body("b", true);
      AttemptInfo told = attempt(router);
      assertEquals(
          List.of(0L, 1L, 2L, 3L, 4L),
          List.of(
                  told.startNanos,
                  told.sentNanos,
                  told.requestEndNanos,
                  told.headNanos,
                  told.responseEndNanos)
              .stream()
              .map(nanos -> (nanos - start) / 1_000_000)
              .toList());
      assertEquals(Protocol.HTTP2, told.protocol);
      assertEquals(0, told.earlierRequests);
      assertEquals("5", told.grpcStatus);
      assertEquals("app", told.cluster);
      assertEquals("", told.failure);
      assertEquals(router.client.clock.nanoTime(), told.endNanos);
    }
  }

  @Test
  void requestWithoutABodyEndsWithItsHead() {
    try (RouterHarness router = RouterHarness.of("timeout: 10s", 1).connects(false).get()) {
      router.advance(1).call(1).connect();
      AttemptInfo told = attempt(router);
      assertEquals(told.sentNanos, told.requestEndNanos);
      assertTrue(told.sentNanos > told.startNanos);
      router.advance(1).call(1).answer(200);
      assertEquals(told.headNanos, told.responseEndNanos);
      assertEquals(router.client.clock.nanoTime(), told.headNanos);
    }
  }

  @Test
  void trailersEndBothWays() {
    try (RouterHarness router = RouterHarness.of("timeout: 10s", 1).post()) {
      router.advance(1).client.requestTrailers();
      AttemptInfo told = attempt(router);
      assertEquals(router.client.clock.nanoTime(), told.requestEndNanos);
      router.call(1).head(200);
      assertEquals(0, told.responseEndNanos);
      router.advance(1).call(1).trailers("grpc-status: 13");
      assertEquals(router.client.clock.nanoTime(), told.responseEndNanos);
      assertEquals("13", told.grpcStatus);
    }
  }

  @Test
  void trailersWithoutAStatusLeaveTheHeads() {
    try (RouterHarness router = RouterHarness.of("timeout: 10s", 1).get()) {
      router.call(1).head(200, "grpc-status: 5").trailers();
      assertEquals("5", attempt(router).grpcStatus);
    }
  }

  @Test
  void failureIsTold() {
    try (RouterHarness router = RouterHarness.of("timeout: 10s", 1).get()) {
      router.call(1).reset(ResetReason.REMOTE_RESET, "");
      assertEquals("remote_reset", attempt(router).failure);
      assertEquals(router.client.clock.nanoTime(), attempt(router).endNanos);
    }
    try (RouterHarness router = RouterHarness.of("timeout: 10s", 1).get()) {
      router.call(1).reset(ResetReason.REMOTE_RESET, "why");
      assertEquals("why", attempt(router).failure);
    }
  }

  // ---- the head of an attempt

  @Test
  void attemptsAreCountedWhereTheVirtualHostSaysSo() {
    String retry = "route: {cluster: app, retry_policy: {retry_on: 5xx, " + BACK_OFF + "}}";
    try (RouterHarness router =
        new RouterHarness(null, "", 1).table(retry, "include_request_attempt_count: true").get()) {
      router.call(1).answer(503);
      router.advance(PAUSE);
      assertEquals("1", router.call(1).head().value(HeaderName.X_ENVOY_ATTEMPT_COUNT));
      assertEquals("2", router.call(2).head().value(HeaderName.X_ENVOY_ATTEMPT_COUNT));
    }
    try (RouterHarness router = new RouterHarness(null, "", 1).table(retry, "").get()) {
      assertFalse(router.call(1).head().has(HeaderName.X_ENVOY_ATTEMPT_COUNT));
    }
  }

  @Test
  void laterAttemptOfGrpcIsToldTheTimeThatIsLeft() {
    try (RouterHarness router =
        RouterHarness.of("timeout: 10s, retry_policy: {retry_on: 5xx, " + BACK_OFF + "}", 1)
            .get("grpc-timeout: 2S")) {
      assertEquals("2S", router.call(1).head().value(HeaderName.GRPC_TIMEOUT));
      router.advance(500).call(1).answer(503);
      router.advance(PAUSE);
      assertEquals(
          GrpcTimeout.text(1_480_000_000), router.call(2).head().value(HeaderName.GRPC_TIMEOUT));
    }
    try (RouterHarness router =
        RouterHarness.of("timeout: 10s, retry_policy: {retry_on: 5xx, " + BACK_OFF + "}", 1)
            .get("grpc-timeout: 1S")) {
      router.advance(2000).call(1).answer(503);
      router.advance(PAUSE);
      assertEquals(
          GrpcTimeout.text(1_000_000), router.call(2).head().value(HeaderName.GRPC_TIMEOUT));
    }
    try (RouterHarness router =
        RouterHarness.of("timeout: 10s, retry_policy: {retry_on: 5xx, " + BACK_OFF + "}", 1)
            .get()) {
      router.call(1).answer(503);
      router.advance(PAUSE);
      assertFalse(router.call(2).head().has(HeaderName.GRPC_TIMEOUT));
    }
  }

  @Test
  void grpcTimeoutOfTheCallerIsKeptWithinTheRoutes() {
    for (String[] each :
        new String[][] {
          {"5s", "2S", "2000"}, {"1s", "2S", "1000"}, {"0s", "2S", "2000"}, {"5s", "", "10000"}
        }) {
      String max = "max_stream_duration: {grpc_timeout_header_max: " + each[0] + "}";
      try (RouterHarness router = RouterHarness.of("timeout: 10s, " + max, 1)) {
        if (each[1].isEmpty()) {
          router.get();
        } else {
          router.get("grpc-timeout: " + each[1]);
        }
        assertEquals(Long.parseLong(each[2]), attempt(router).timeLeftNanos / 1_000_000);
      }
    }
  }

  private static RouterHarness traced(boolean ofAttempts) {
    return new RouterHarness(null, "", 1)
        .filter((context, config) -> {
          context.info().span =
              new StreamSpan(
                  "0af7651916cd43dd8448eb211c80319c",
                  "00f067aa0ba902b7",
                  null,
                  true,
                  "",
                  ofAttempts);
          return null;
        })
        .route("retry_policy: {retry_on: 5xx, " + BACK_OFF + "}");
  }

  @Test
  void attemptWithASpanOfItsOwnNamesIt() {
    String parent = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";
    try (RouterHarness router = traced(true).get(parent)) {
      String first = Objects.requireNonNull(attempt(router).spanId);
      assertEquals(
          "00-0af7651916cd43dd8448eb211c80319c-" + first,
          String.valueOf(router.call(1).head().value(HeaderName.TRACEPARENT)).substring(0, 52));
      router.call(1).answer(503);
      router.advance(PAUSE);
      assertNotEquals(first, attempt(router).spanId);
    }
    try (RouterHarness router = traced(false).get(parent)) {
      assertNull(attempt(router).spanId);
      assertEquals(parent, "traceparent: " + router.call(1).head().value(HeaderName.TRACEPARENT));
    }
  }
}
