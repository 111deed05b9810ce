package dev.weir.sidecar.filter.http.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.http.AttemptInfo;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.ResetReason;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies of a request that is slow to be answered, by a clock that the test moves. */
class HedgesTest {
  private static final String ONE = "delay: 0.02s, attempts: 1";

  private static RouterHarness copied(String policy, int... ports) {
    return new RouterHarness(null, "", ports).hedging(policy, "timeout: 10s");
  }

  @Test
  void copyGoesToAnotherHostAndItsAnswerWins() {
    try (RouterHarness router = copied(ONE, 1, 2).get()) {
      router.advance(19);
      assertEquals(List.of("1> GET end"), router.seen());
      router.advance(1);
      assertEquals(List.of("2> GET end"), router.seen());
      assertNotEquals(router.call(1).host, router.call(2).host);
      assertEquals(1, router.inUse().retries());
      router.call(2).answer(200);
      assertEquals(List.of("1> reset", "< 200 end"), router.seen());
      assertEquals(1, router.stat("weir_hedge.sent"));
      assertEquals(1, router.stat("weir_hedge.won"));
      assertEquals(0, router.inUse().retries());
      assertEquals(0, router.inUse().requests());
      assertEquals(router.call(2).host.toString(), router.info().upstreamHost);
      assertTrue(Objects.requireNonNull(router.info().attempt).copy);
      assertEquals(0, router.stat("upstream_rq_retry_success"));
      router.advance(100);
      assertEquals(2, router.calls.size());
    }
  }

  @Test
  void firstAttemptMayWinAllTheSame() {
    try (RouterHarness router = copied(ONE, 1, 2).get()) {
      router.advance(20).call(1).head(200);
      assertEquals(List.of("1> GET end", "2> GET end", "2> reset", "< 200"), router.seen());
      router.call(1).body("x", true);
      assertEquals(0, router.stat("weir_hedge.won"));
      assertEquals(router.call(1).host.toString(), router.info().upstreamHost);
      assertEquals(0, router.inUse().retries());
    }
  }

  @Test
  void nextCopyIsDueTheSameTimeAfterTheLast() {
    try (RouterHarness router = copied("delay: 0.02s, attempts: 2", 1, 2, 3, 4).get()) {
      router.advance(20).advance(19);
      assertEquals(2, router.calls.size());
      router.advance(1);
      assertEquals(3, router.calls.size());
      router.advance(1000);
      assertEquals(3, router.calls.size());
      assertEquals(3, router.calls.stream().map(call -> call.host).distinct().count());
      router.call(2).answer(200);
      assertEquals(
          List.of("1> GET end", "2> GET end", "3> GET end", "1> reset", "3> reset", "< 200 end"),
          router.seen());
    }
  }

  @Test
  void thereAreNoMoreCopiesThanThePolicySays() {
    try (RouterHarness router = copied(ONE, 1, 2, 3, 4, 5).get()) {
      for (int i = 0; i < 9; i++) {
        router.advance(20);
      }
      assertEquals(List.of("1> GET end", "2> GET end"), router.seen());
    }
  }

  @Test
  void answerBeforeTheDelayIsNotCopied() {
    try (RouterHarness router = copied(ONE, 1, 2).get()) {
      router.advance(10).call(1).head(200);
      router.advance(100);
      assertEquals(List.of("1> GET end", "< 200"), router.seen());
    }
  }

  @Test
  void looksForAHostGrowSeldom() {
    try (RouterHarness router = copied(ONE, 1).get()) {
      int looks = 0;
      for (int pause = 20; pause <= 1280; pause *= 2) {
        router.advance(pause - 1);
        assertEquals(looks, router.stat("weir_hedge.no_host"));
        router.advance(1);
        assertEquals(++looks, router.stat("weir_hedge.no_host"));
      }
      router.advance(1279);
      assertEquals(looks, router.stat("weir_hedge.no_host"));
      router.advance(1);
      assertEquals(looks + 1, router.stat("weir_hedge.no_host"), "no more seldom than that");
      assertEquals(1, router.calls.size());
      router.cluster.endpoints(1, 2);
      router.advance(1280);
      assertEquals(2, router.calls.size());
    }
  }

  @Test
  void pauseThatHasGrownBeginsAnewWithACopy() {
    try (RouterHarness router = copied("delay: 0.02s, attempts: 2", 1).get()) {
      router.advance(20);
      router.cluster.endpoints(1, 2, 3);
      router.advance(40);
      assertEquals(2, router.calls.size());
      router.advance(20);
      assertEquals(3, router.calls.size());
    }
  }

  @Test
  void lastPlaceOfTheClusterIsNoCopys() {
    for (String full : List.of("max_requests: 2", "max_retries: 0")) {
      try (RouterHarness router =
          new RouterHarness(null, "circuit_breakers: {thresholds: [{" + full + "}]}", 1, 2)
              .hedging(ONE, "timeout: 10s")
              .get()) {
        router.advance(20);
        assertEquals(1, router.calls.size(), full);
        assertEquals(1, router.stat("weir_hedge.overflow"));
        assertEquals(0, router.stat("weir_hedge.sent"));
        assertEquals(0, router.inUse().retries());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {502, 503, 504})
  void instanceThatCannotServeDoesNotAnswerForOneThatIsSlow(int status) {
    try (RouterHarness router = copied(ONE, 1, 2).get()) {
      router.advance(20).call(2).answer(status);
      assertEquals(List.of("1> GET end", "2> GET end"), router.seen());
      assertEquals(1, router.stat("retry.upstream_rq_5xx"));
      router.call(1).answer(200);
      assertEquals(List.of("< 200 end"), router.seen());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {501, 505})
  void appsOwnErrorIsAnAnswer(int status) {
    try (RouterHarness router = copied(ONE, 1, 2).get()) {
      router.advance(20).call(2).answer(status);
      assertEquals(
          List.of("1> GET end", "2> GET end", "1> reset", "< " + status + " end"), router.seen());
    }
  }

  @Test
  void grpcsUnavailableIsNoAnswerEither() {
    try (RouterHarness router = copied(ONE, 1, 2).get()) {
      router.advance(20).call(2).answer(200, "grpc-status: 14");
      assertEquals(List.of("1> GET end", "2> GET end"), router.seen());
      router.call(1).answer(200, "grpc-status: 13");
      assertEquals(List.of("< 200 end"), router.seen());
    }
  }

  @Test
  void fullInstanceIsPassedOverWhateverItSays() {
    try (RouterHarness router = copied(ONE, 1, 2).get()) {
      router.advance(20).call(1).answer(429, "x-weir-cause: bulkhead-full");
      assertEquals(List.of("1> GET end", "2> GET end"), router.seen());
    }
  }

  @Test
  void lastOneThatCannotServeSaysSoAndThatThereWereSeveral() {
    try (RouterHarness router = copied(ONE, 1, 2).get()) {
      router.advance(20).call(2).answer(503);
      router.call(1).answer(503);
      assertEquals(List.of("1> GET end", "2> GET end", "< 503 end"), router.seen());
      assertEquals("stop", router.client.response().value(HeaderName.X_WEIR_RETRY));
      assertEquals(0, router.stat("upstream_rq_retry_limit_exceeded"), "nobody asked for a retry");
    }
  }

  @Test
  void attemptThatFailsBesideAnotherIsLetGo() {
    try (RouterHarness router = copied(ONE, 1, 2).get()) {
      router.advance(20).call(1).reset(ResetReason.REMOTE_RESET, "gone");
      assertEquals(List.of("1> GET end", "2> GET end"), router.seen());
      router.call(2).answer(200);
      assertEquals(List.of("< 200 end"), router.seen());
      assertEquals("", router.info().upstreamFailure);
    }
    try (RouterHarness router = copied(ONE, 1, 2).get()) {
      router.advance(20).call(2).reset(ResetReason.REMOTE_RESET, "gone");
      router.call(1).reset(ResetReason.REMOTE_RESET, "gone");
      assertEquals(503, router.client.response().status());
    }
  }

  @Test
  void copyIsDueFromTheEndOfTheRequestAndHasAllOfIt() {
    try (RouterHarness router = copied(ONE, 1, 2).post()) {
      router.advance(100).client.body("a", false).body("b", true);
      assertEquals(List.of("1> POST", "1> a", "1> b end"), router.seen());
      router.advance(20);
      assertEquals(List.of("2> POST", "2> ab end"), router.seen());
      assertEquals((1 << 20) - 2, router.budgetLeft());
      router.call(2).answer(200);
      assertEquals(1 << 20, router.budgetLeft());
    }
  }

  @Test
  void requestWhoseBodyIsNotKeptIsNotCopied() {
    try (RouterHarness router = copied(ONE, 1, 2)) {
      router.client.bufferLimit(1);
      router.post().client.body("a", false).body("b", true);
      router.advance(100);
      assertEquals(List.of("1> POST", "1> a", "1> b end"), router.seen());
    }
  }

  @Test
  void attemptsThatStillHaveNoConnectionCannotGetABodyThatIsNotKept() {
    try (RouterHarness router = copied(ONE, 1, 2).connects(false)) {
      router.client.bufferLimit(1);
      router.post().client.body("ab", true);
      router.advance(20).call(2).connect();
      assertEquals(
          List.of("< reads off", "2> POST", "2> ab end", "1> cancel", "< reads on"), router.seen());
      router.call(2).answer(200);
      assertEquals(List.of("< 200 end"), router.seen());
    }
  }

  @Test
  void attemptThatIsCancelledForThatIsNotWaitedFor() {
    try (RouterHarness router = copied(ONE, 1, 2).connects(false)) {
      router.client.bufferLimit(1);
      router.post().client.body("ab", true);
      router.advance(20).call(2).connect();
      router.call(2).reset(ResetReason.REMOTE_RESET, "");
      assertEquals(503, router.client.response().status());
    }
  }

  @Test
  void readsOfBothFollowTheClient() {
    try (RouterHarness router = copied("delay: 0.02s, attempts: 2", 1, 2, 3).get()) {
      router.advance(20).connects(false).advance(20);
      router.client.writable(false);
      assertEquals(
          List.of("1> GET end", "2> GET end", "1> reads off", "2> reads off"), router.seen());
    }
  }

  @Test
  void noneOfSeveralSpeaksForTheRequest() {
    try (RouterHarness router = copied(ONE, 1, 2).get()) {
      router.call(1).informational(103);
      router.advance(20).call(1).informational(103);
      assertEquals(List.of("1> GET end", "< 103", "2> GET end"), router.seen());
    }
  }

  @Test
  void timeoutIsTheFailureOfAllThatAreUnderWay() {
    try (RouterHarness router =
        new RouterHarness(null, "", 1, 2).hedging(ONE, "timeout: 1s").get()) {
      router.advance(20).advance(980);
      assertEquals(504, router.client.response().status());
      AttemptInfo copy = Objects.requireNonNull(router.info().attempt);
      assertEquals("timeout", copy.failure);
      assertEquals("timeout", Objects.requireNonNull(copy.before).failure);
      assertEquals(0, router.inUse().requests());
    }
  }

  @Test
  void clientThatLeavesEndsAll() {
    try (RouterHarness router = copied(ONE, 1, 2).get()) {
      router.advance(20).client.clientGone();
      assertEquals(List.of("1> GET end", "2> GET end", "1> reset", "2> reset"), router.seen());
    }
  }

  @Test
  void copyHasAHeadOfItsOwn() {
    try (RouterHarness router =
        new RouterHarness(null, "", 1, 2)
            .table(
                "route: {cluster: app}, typed_per_filter_config: {router: {\"@type\":"
                    + " type.googleapis.com/weir.extensions.filters.http.router.v1alpha1.Hedging, "
                    + ONE
                    + "}}",
                "include_request_attempt_count: true")
            .connects(false)
            .get()) {
      router.advance(20).call(1).connect();
      router.call(2).connect();
      assertEquals("1", router.call(1).head().value(HeaderName.X_ENVOY_ATTEMPT_COUNT));
      assertEquals("2", router.call(2).head().value(HeaderName.X_ENVOY_ATTEMPT_COUNT));
    }
  }

  /** Between two tries it is long. */
  private static RouterHarness longPauses() {
    return new RouterHarness(null, "", 1, 2, 3)
        .hedging(
            ONE,
            "timeout: 10s, retry_policy: {retry_on: 5xx, retry_back_off: {base_interval: 5s,"
                + " max_interval: 5s}}");
  }

  @Test
  void thereIsNoCopyDuringAPause() {
    try (RouterHarness router = longPauses().get()) {
      router.call(1).answer(503);
      router.advance(20);
      assertEquals(1, router.calls.size());
      assertEquals(0, router.stat("weir_hedge.sent"));
    }
  }

  @Test
  void pauseBetweenTwoTriesMakesTheLooksNoMoreSeldom() {
    try (RouterHarness router = longPauses().get()) {
      router.call(1).answer(503);
      for (int i = 0; router.calls.size() < 2 && i < 300; i++) {
        router.advance(20);
      }
      router.advance(20);
      assertEquals(3, router.calls.size());
      assertEquals(1, router.stat("weir_hedge.sent"));
    }
  }

  @Test
  void copyThatHadNoPlaceIsSentOnceThereIsOne() {
    try (RouterHarness router =
        new RouterHarness(null, "circuit_breakers: {thresholds: [{max_requests: 2}]}", 1, 2)
            .hedging(ONE, "timeout: 10s")
            .get()) {
      router.advance(20);
      router.cluster.configure("circuit_breakers: {thresholds: [{max_requests: 3}]}");
      router.advance(40);
      assertEquals(2, router.calls.size());
    }
  }

  @Test
  void attemptOfARouteThatCopiesByDelayEndsWithItsTime() {
    try (RouterHarness router =
        new RouterHarness(null, "", 1, 2)
            .hedging(
                "delay: 5s, attempts: 1",
                "timeout: 10s, retry_policy: {retry_on: 5xx, per_try_timeout: 0.1s}")
            .get()) {
      router.advance(100);
      assertEquals(List.of("1> GET end", "1> reset"), router.seen());
    }
  }

  // ---- Envoy's way

  private static RouterHarness onPerTryTimeout() {
    return RouterHarness.of(
        "timeout: 10s, hedge_policy: {hedge_on_per_try_timeout: true}, retry_policy: {retry_on:"
            + " 5xx, num_retries: 1, per_try_timeout: 0.1s, retry_back_off: {base_interval:"
            + " 0.001s}}",
        1,
        2);
  }

  @Test
  void attemptThatHasHadItsTimeGoesOnBesideTheNext() {
    try (RouterHarness router = onPerTryTimeout().get()) {
      router.advance(100);
      assertEquals(1, router.stat("upstream_rq_per_try_timeout"));
      AttemptInfo first = Objects.requireNonNull(router.info().attempt);
      assertEquals("timeout", first.failure);
      router.advance(20);
      assertEquals(List.of("1> GET end", "2> GET end"), router.seen());
      router.call(1).answer(200);
      assertEquals(List.of("2> reset", "< 200 end"), router.seen());
    }
  }

  @Test
  void itsAnswerDuringThePauseEndsThePause() {
    try (RouterHarness router = onPerTryTimeout().get()) {
      router.advance(100).call(1).head(200);
      router.advance(20);
      assertEquals(List.of("1> GET end", "< 200"), router.seen());
      assertEquals(0, router.inUse().retries());
    }
  }

  @Test
  void withEnvoysWayAnErrorIsAnAnswer() {
    try (RouterHarness router =
        RouterHarness.of(
                "timeout: 10s, hedge_policy: {hedge_on_per_try_timeout: true}, retry_policy:"
                    + " {retry_on: gateway-error, num_retries: 1, per_try_timeout: 0.1s,"
                    + " retry_back_off: {base_interval: 0.001s}}",
                1,
                2)
            .get()) {
      router.advance(100).advance(20).call(2).answer(500);
      assertEquals(List.of("1> GET end", "2> GET end", "1> reset", "< 500 end"), router.seen());
    }
  }

  @Test
  void failureDuringThePauseWaitsForTheNext() {
    try (RouterHarness router = onPerTryTimeout().get()) {
      router.advance(100).call(1).reset(ResetReason.REMOTE_RESET, "");
      assertEquals(List.of("1> GET end"), router.seen());
      router.advance(20).call(2).answer(200);
      assertEquals(List.of("2> GET end", "< 200 end"), router.seen());
    }
  }
}
