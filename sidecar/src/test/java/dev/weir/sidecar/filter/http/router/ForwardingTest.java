package dev.weir.sidecar.filter.http.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.filter.OverrideHost;
import dev.weir.sidecar.http.AttemptInfo;
import dev.weir.sidecar.http.CalledService;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.PolicyDecision;
import dev.weir.sidecar.http.PolicyDecision.Outcome;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ResponseFlag;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attempts of one request, one after the other, and what their client is told; no sockets. */
class ForwardingTest {
  private static final String TWICE =
      "retry_policy: {retry_on: 5xx, num_retries: 1, retry_back_off: {base_interval: 0.001s}}";

  /** Longer than any pause of {@link #TWICE}. */
  private static final int PAUSE = 20;

  private static RouterHarness once(int... ports) {
    return RouterHarness.of("timeout: 1s", ports);
  }

  private static RouterHarness twice(int... ports) {
    return RouterHarness.of(TWICE, ports);
  }

  private static PolicyDecision decision(RouterHarness router) {
    return Objects.requireNonNull(router.info().decision);
  }

  // ---- one attempt

  @Test
  void responseGoesBackAsItComes() {
    try (RouterHarness router = once(1).get()) {
      router.advance(30);
      router.call(1).head(200).body("a", false).body("b", false).trailers();
      assertEquals(List.of("1> GET end", "< 200", "< a", "< b", "< trailers"), router.seen());
      assertEquals("via_upstream", router.info().details);
      assertEquals("30", router.client.response().value(HeaderName.X_ENVOY_UPSTREAM_SERVICE_TIME));
      assertEquals("127.0.0.1:1", router.info().upstreamHost);
      assertEquals(1, router.stat("upstream_rq_completed"));
      assertEquals(1, router.stat("upstream_rq_2xx"));
      assertEquals(0, router.inUse().requests());
    }
  }

  @Test
  void fieldsOfEnvoyAreSuppressedWhereTheRouterSaysSo() {
    try (RouterHarness router = once(1).suppressEnvoyHeaders().get()) {
      router.call(1).answer(200);
      assertFalse(router.call(1).head().has(HeaderName.X_ENVOY_EXPECTED_RQ_TIMEOUT_MS));
      assertFalse(router.client.response().has(HeaderName.X_ENVOY_UPSTREAM_SERVICE_TIME));
    }
    try (RouterHarness router = once(1).get()) {
      assertEquals("1000", router.call(1).head().value(HeaderName.X_ENVOY_EXPECTED_RQ_TIMEOUT_MS));
    }
  }

  @Test
  void withoutAHostTheClientIsTold() {
    try (RouterHarness router = once().get()) {
      assertEquals(503, router.client.response().status());
      assertEquals("no-healthy-upstream", router.cause());
      assertTrue(router.flagged(ResponseFlag.NO_HEALTHY_UPSTREAM));
      assertEquals(1, router.stat("upstream_cx_none_healthy"));
      assertEquals(0, router.info().attempts);
    }
  }

  @Test
  void attemptThatFailsIsA503WithItsCause() {
    try (RouterHarness router = once(1).get()) {
      router.call(1).reset(ResetReason.CONNECTION_TERMINATION, "closed");
      assertEquals(503, router.client.response().status());
      assertEquals("upstream-closed", router.cause());
      assertEquals("closed", router.info().upstreamFailure);
      assertTrue(router.flagged(ResponseFlag.UPSTREAM_CONNECTION_TERMINATION));
      assertNull(router.client.response().value(HeaderName.X_WEIR_RETRY), "nobody has tried twice");
      router.advance(2000);
      assertEquals(0, router.stat("upstream_rq_timeout"), "its time is over with it");
    }
  }

  @Test
  void refusalForWantOfAPlaceIsNoFailureOfTheHost() {
    try (RouterHarness router =
        new RouterHarness(null, "circuit_breakers: {thresholds: [{max_requests: 0}]}", 1)
            .route(TWICE)
            .get()) {
      assertEquals(503, router.client.response().status());
      assertEquals("max-requests", router.cause());
      assertEquals("", router.info().upstreamFailure);
      assertTrue(router.flagged(ResponseFlag.UPSTREAM_OVERFLOW));
    }
  }

  @Test
  void responseThatIsCutIsCutForTheClientAsWell() {
    try (RouterHarness router = twice(1, 2).get()) {
      router.call(1).head(200).body("a", false).reset(ResetReason.REMOTE_RESET, "");
      assertEquals(List.of("1> GET end", "< 200", "< a", "< reset"), router.seen());
      assertEquals("upstream_reset_after_response_started{remote_reset}", router.info().details);
      assertEquals("upstream-reset", router.cause());
      assertTrue(router.flagged(ResponseFlag.UPSTREAM_REMOTE_RESET));
    }
  }

  // ---- another attempt

  @Test
  void answerOfTheSecondAttemptIsTheClients() {
    try (RouterHarness router = twice(1, 2).get()) {
      router.call(1).answer(503);
      assertEquals(List.of("1> GET end"), router.seen());
      assertEquals(Outcome.ADMITTED, decision(router).outcome());
      assertEquals("", decision(router).unit());
      assertEquals(1, router.inUse().retries());
      router.advance(PAUSE);
      assertEquals(1, router.stat("retry.upstream_rq_completed"));
      assertEquals(1, router.stat("retry.upstream_rq_5xx"));
      router.call(2).answer(200);
      assertEquals(List.of("2> GET end", "< 200 end"), router.seen());
      assertEquals(0, router.inUse().retries());
      assertEquals(1, router.stat("upstream_rq_retry_success"));
      assertEquals(1, router.stat("upstream_rq_2xx"));
      assertEquals(0, router.stat("upstream_rq_5xx"));
      assertNull(router.client.response().value(HeaderName.X_WEIR_RETRY), "a success");
      assertEquals(2, router.info().attempts);
    }
  }

  @Test
  void placeOfARetryIsFreeOnceItsResponseBegins() {
    try (RouterHarness router = twice(1).get()) {
      router.call(1).answer(503);
      router.advance(PAUSE);
      assertEquals(1, router.inUse().retries());
      router.call(2).head(200);
      assertEquals(0, router.inUse().retries());
    }
  }

  @Test
  void firstAttemptsAnswerIsNoSuccessOfARetry() {
    try (RouterHarness router = twice(1).get()) {
      router.call(1).answer(200);
      assertEquals(0, router.stat("upstream_rq_retry_success"));
    }
  }

  @Test
  void hostThatCouldNotBeReachedAMomentAgoIsAvoided() {
    for (int i = 0; i < 3; i++) {
      try (RouterHarness router = once(1, 2)) {
        router.cluster.host(1).unreachable(router.client.clock.nanoTime());
        router.get();
        assertEquals(router.cluster.host(2), router.call(1).host);
      }
    }
  }

  @Test
  void lastAttemptsFailureIsTheClientsAndCallersNeedNotTryAgain() {
    try (RouterHarness router = twice(1, 2).get()) {
      router.call(1).answer(503);
      router.advance(PAUSE).call(2).answer(502);
      assertEquals(502, router.client.response().status());
      assertEquals("stop", router.client.response().value(HeaderName.X_WEIR_RETRY));
      assertTrue(router.flagged(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED));
      assertEquals(Outcome.REFUSED, decision(router).outcome());
      assertEquals("there was one already for each that may be", decision(router).unit());
      assertEquals(1, router.stat("upstream_rq_retry_limit_exceeded"));
      assertEquals(0, router.stat("upstream_rq_retry_success"));
    }
  }

  @Test
  void policyWithoutARetryHasGivenNothingUp() {
    try (RouterHarness router =
        RouterHarness.of("retry_policy: {retry_on: 5xx, num_retries: 0}", 1).get()) {
      router.call(1).answer(503);
      assertEquals(503, router.client.response().status());
      assertNull(router.client.response().value(HeaderName.X_WEIR_RETRY));
      assertEquals(0, router.stat("upstream_rq_retry_success"));
    }
  }

  @Test
  void failureOfTheLastAttemptSaysThatThereWereSeveral() {
    try (RouterHarness router = twice(1, 2).get()) {
      router.call(1).reset(ResetReason.REMOTE_RESET, "one");
      router.advance(PAUSE).call(2).reset(ResetReason.REMOTE_RESET, "two");
      assertEquals(503, router.client.response().status());
      assertEquals("stop", router.client.response().value(HeaderName.X_WEIR_RETRY));
      assertEquals("two", router.info().upstreamFailure);
    }
  }

  @Test
  void policyOfTheRouteIsNamedInWhatWasDecided() {
    String named =
        "route: {cluster: app, %s}, metadata: {filter_metadata: {weir.policies: {retry: shop/app}}}";
    try (RouterHarness router =
        new RouterHarness(null, "", 1).table(named.formatted(TWICE)).get()) {
      router.call(1).answer(503);
      assertEquals("retry", decision(router).what());
      assertEquals("shop/app", decision(router).policy());
    }
    try (RouterHarness router =
        new RouterHarness(null, "", 1).table(named.formatted(TWICE)).get("x-envoy-retry-on: 5xx")) {
      router.call(1).answer(503);
      assertEquals("", decision(router).policy(), "the caller has asked for it");
    }
  }

  @Test
  void retryOverTheClustersBoundSaysSo() {
    try (RouterHarness router =
        new RouterHarness(null, "circuit_breakers: {thresholds: [{max_retries: 0}]}", 1, 2)
            .route(TWICE)
            .get()) {
      router.call(1).answer(503);
      assertEquals(503, router.client.response().status());
      assertEquals("stop", router.client.response().value(HeaderName.X_WEIR_RETRY));
      assertEquals("max-retries", router.cause());
      assertEquals("max_retries are under way", decision(router).unit());
      assertTrue(router.flagged(ResponseFlag.UPSTREAM_OVERFLOW));
    }
  }

  @Test
  void retryOverTheBudgetSaysSo() {
    try (RouterHarness router =
        new RouterHarness(
                null,
                "typed_extension_protocol_options: {weir.upstreams.resilience: {\"@type\":"
                    + " type.googleapis.com/weir.extensions.upstreams.v1alpha1.ResilienceOptions,"
                    + " retry_budget: {share: 0.2, over: 10s}}}",
                1)
            .route("retry_policy: {retry_on: 5xx, num_retries: 9}")) {
      router.get();
      router.call(1).answer(503);
      router.advance(1000).call(2).answer(503);
      assertEquals("retry-budget", router.cause());
      assertEquals("the budget is spent", decision(router).unit());
      assertEquals("stop", router.client.response().value(HeaderName.X_WEIR_RETRY));
    }
  }

  @Test
  void requestPaysIntoTheBudgetOfRetries() {
    try (RouterHarness router =
        new RouterHarness(
                null,
                "typed_extension_protocol_options: {weir.upstreams.resilience: {\"@type\":"
                    + " type.googleapis.com/weir.extensions.upstreams.v1alpha1.ResilienceOptions,"
                    + " retry_budget: {share: 1.0, over: 10s}}}",
                1)
            .route("retry_policy: {retry_on: 5xx, num_retries: 9}")) {
      for (int i = 0; i < 9; i++) {
        router.get();
      }
      router.call(9).answer(503);
      for (int i = 10; i < 14; i++) {
        router.advance(1000).call(i).answer(503);
      }
      assertEquals("", router.cause(), "each of the nine has paid");
    }
  }

  @Test
  void hostThatCannotBeReachedIsReplacedAtOnce() {
    try (RouterHarness router = twice(1, 2, 3).connects(false).get()) {
      router.call(1).refuse();
      assertEquals("on another instance", decision(router).unit());
      assertEquals(Outcome.ADMITTED, decision(router).outcome());
      router.advance(0).call(2).refuse();
      router.advance(0).call(3).connect();
      router.call(3).answer(503);
      assertEquals(1, router.inUse().retries(), "the policy's own is left");
      router.advance(PAUSE).call(4).connect();
      router.call(4).answer(200);
      assertEquals(List.of("3> GET end", "4> GET end", "< 200 end"), router.seen());
    }
  }

  @Test
  void nearerSidecarThatHasTriedAlreadyIsBelieved() {
    try (RouterHarness router = twice(1, 2).get()) {
      router.call(1).answer(503, "x-weir-retry: stop");
      assertEquals(503, router.client.response().status());
      assertEquals(1, router.calls.size());
      assertEquals("stop", router.client.response().value(HeaderName.X_WEIR_RETRY));
    }
  }

  @Test
  void fullInstanceIsReplacedByAnotherIfThereIsOne() {
    try (RouterHarness router = twice(1, 2).get()) {
      router.call(1).answer(503, "x-weir-cause: bulkhead-full");
      router.advance(PAUSE);
      assertNotEquals(router.call(1).host, router.call(2).host);
    }
    try (RouterHarness router = twice(1).get()) {
      router.call(1).answer(503, "x-weir-cause: bulkhead-full");
      assertEquals(503, router.client.response().status());
    }
  }

  @Test
  void whatThePeersSidecarCouldNotReachIsRetriedAsIfItWereOurs() {
    String reset =
        "retry_policy: {retry_on: connect-failure, num_retries: 1,"
            + " retry_back_off: {base_interval: 0.001s}}";
    try (RouterHarness router = RouterHarness.of(reset, 1, 2).get()) {
      router.call(1).answer(503, "x-weir-cause: connect-failure");
      router.advance(0).call(2).answer(200);
      assertEquals(List.of("1> GET end", "2> GET end", "< 200 end"), router.seen());
    }
    try (RouterHarness router = RouterHarness.of(reset, 1, 2).get()) {
      router.call(1).answer(503, "x-weir-cause: upstream-reset");
      assertEquals(
          503, router.client.response().status(), "it was sent, and may have been acted on");
    }
  }

  /** It may be what closes them. */
  @Test
  void requestThatMeetsTwoClosingConnectionsIsTakenForTheirEnd() {
    try (RouterHarness router =
        RouterHarness.of("retry_policy: {retry_on: connect-failure, num_retries: 5}", 1, 2, 3)
            .get()) {
      router.call(1).reset(ResetReason.STALE_CONNECTION, "closing");
      router.advance(0).call(2).reset(ResetReason.STALE_CONNECTION, "closing");
      assertEquals(503, router.client.response().status());
      assertEquals("upstream-closed", router.cause());
      assertEquals(2, router.calls.size());
    }
  }

  @Test
  void laterAttemptThatCannotConnectDoesNotHideThatTheAppMayHaveSeenIt() {
    try (RouterHarness router = twice(1).get()) {
      router.call(1).answer(503);
      router.connects(false).advance(PAUSE).call(2).refuse();
      assertEquals("upstream-reset", router.cause());
    }
    try (RouterHarness router = twice(1).get()) {
      router.call(1).reset(ResetReason.REMOTE_RESET, "");
      router.connects(false).advance(PAUSE).call(2).refuse();
      assertEquals("upstream-reset", router.cause());
    }
    try (RouterHarness router = twice(1, 2).get()) {
      router.call(1).answer(503, "x-weir-cause: bulkhead-full");
      router.connects(false).advance(PAUSE).call(2).refuse();
      assertEquals("connect-failure", router.cause());
    }
    try (RouterHarness router = twice(1, 2).get()) {
      router.call(1).answer(503, "x-weir-cause: connect-failure");
      router.connects(false).advance(0).call(2).refuse();
      router.advance(PAUSE).call(3).refuse();
      assertEquals("connect-failure", router.cause());
    }
  }

  @Test
  void onlyRequestsThatThePolicySpeaksOfAreTriedAgain() {
    String matching =
        "retry_policy: {retry_on: 5xx, num_retries: 1, retriable_request_headers: [{name: x-again,"
            + " present_match: true}]}";
    try (RouterHarness router = RouterHarness.of(matching, 1).get()) {
      router.call(1).answer(503);
      assertEquals(503, router.client.response().status());
    }
    try (RouterHarness router = RouterHarness.of(matching, 1).get("x-again: 1")) {
      router.call(1).answer(503);
      assertEquals(List.of("1> GET end"), router.seen());
    }
  }

  @Test
  void responseThatIsNotAskedForIsReadOutWhereItIsShort() {
    try (RouterHarness router = twice(1).get()) {
      router.call(1).head(503, "content-length: 1");
      assertEquals(List.of("1> GET end"), router.seen());
      router.call(1).body("x", true);
    }
    try (RouterHarness router = twice(1).get()) {
      router.call(1).head(503);
      assertEquals(List.of("1> GET end", "1> reset"), router.seen());
    }
  }

  @Test
  void clientThatLeavesDuringAPauseLeavesItsPlace() {
    try (RouterHarness router = twice(1).get()) {
      router.call(1).answer(503);
      assertEquals(1, router.inUse().retries());
      router.client.clientGone();
      assertEquals(0, router.inUse().retries());
      router.advance(PAUSE);
      assertEquals(1, router.calls.size());
    }
  }

  @Test
  void clientThatLeavesEndsTheAttempt() {
    try (RouterHarness router = once(1).get()) {
      router.client.clientGone();
      assertEquals(List.of("1> GET end", "1> reset"), router.seen());
      assertEquals(0, router.inUse().requests());
    }
    try (RouterHarness router = once(1).connects(false).get()) {
      router.client.clientGone();
      assertEquals(List.of("1> cancel"), router.seen());
    }
  }

  // ---- hosts

  private static RouterHarness named(String host, boolean strict, String action) {
    RouterHarness router = new RouterHarness(null, "", 1, 2, 3);
    router.filter((context, config) -> {
      context.filterState().put(OverrideHost.KEY, new OverrideHost(host, strict));
      return null;
    });
    return router.route(action);
  }

  @ParameterizedTest
  @ValueSource(strings = {"timeout: 1s", TWICE})
  void filterMayNameTheFirstAttemptsHost(String action) {
    for (int i = 0; i < 4; i++) {
      try (RouterHarness router = named("127.0.0.1:2", false, action).get()) {
        assertEquals(router.cluster.host(2), router.call(1).host);
      }
    }
  }

  @Test
  void hostOfALaterAttemptIsNotTheNamedOne() {
    try (RouterHarness router = named("127.0.0.1:2", true, TWICE).get()) {
      router.call(1).answer(503);
      assertNotEquals(router.cluster.host(2), router.advance(PAUSE).call(2).host);
    }
  }

  @Test
  void namedHostCountsAsTried() {
    for (int port = 1; port <= 3; port++) {
      try (RouterHarness router = named("127.0.0.1:" + port, false, TWICE).connects(false).get()) {
        router.call(1).refuse();
        assertNotEquals(router.cluster.host(port), router.advance(0).call(2).host);
      }
    }
  }

  @Test
  void withoutTheNamedHostAnotherWillDoUnlessItIsStrict() {
    try (RouterHarness router = named("127.0.0.1:9", false, "timeout: 1s").get()) {
      assertEquals(1, router.calls.size());
    }
    try (RouterHarness router = named("127.0.0.1:9", true, "timeout: 1s").get()) {
      assertEquals(0, router.calls.size());
      assertEquals("no-healthy-upstream", router.cause());
    }
  }

  @Test
  void instanceThatTheClientCalledIsTheOneThatIsCalled() {
    CalledService app =
        new CalledService(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 80), List.of("app"));
    for (int i = 0; i < 3; i++) {
      try (RouterHarness router =
          new RouterHarness(null, "", 1, 2, 3)
              .hedging("delay: 0.02s, attempts: 1", "timeout: 1s")) {
        router.client.destination(
            new Destination(new InetSocketAddress(InetAddress.getLoopbackAddress(), 3), true, app));
        router.get().advance(30);
        assertEquals(router.cluster.host(3), router.call(1).host);
        assertEquals(1, router.calls.size(), "it is not copied: there is no other");
      }
    }
  }

  // ---- the body

  @Test
  void bodyGoesOnAsItComes() {
    try (RouterHarness router = once(1).post()) {
      router.client.body("a", false).body("b", false).requestTrailers();
      assertEquals(List.of("1> POST", "1> a", "1> b", "1> trailers"), router.seen());
      assertEquals(1 << 20, router.budgetLeft(), "nothing is kept");
    }
  }

  @Test
  void bodyIsSentAgain() {
    try (RouterHarness router = twice(1, 2).post()) {
      router.client.body("a", false).body("b", true);
      router.call(1).answer(503);
      assertEquals(List.of("1> POST", "1> a", "1> b end"), router.seen());
      assertEquals((1 << 20) - 2, router.budgetLeft());
      router.advance(PAUSE).call(2).head(200);
      assertEquals(List.of("2> POST", "2> ab end", "< 200"), router.seen());
      assertEquals(1 << 20, router.budgetLeft(), "there is no further attempt");
    }
  }

  @Test
  void trailersAreSentAgain() {
    try (RouterHarness router = twice(1, 2).post()) {
      router.client.body("a", false).requestTrailers();
      router.call(1).answer(503);
      assertEquals(List.of("1> POST", "1> a", "1> trailers"), router.seen());
      router.advance(PAUSE);
      assertEquals(List.of("2> POST", "2> a", "2> trailers"), router.seen());
    }
  }

  @Test
  void endWithoutAByteIsSentAgain() {
    try (RouterHarness router = twice(1, 2).post()) {
      router.client.body("", true);
      router.call(1).answer(503);
      router.advance(PAUSE);
      assertEquals(List.of("1> POST", "1>  end", "2> POST", "2>  end"), router.seen());
    }
  }

  @Test
  void retryThatBeginsBeforeTheEndOfTheBodyGetsTheRestOfIt() {
    try (RouterHarness router = twice(1, 2).post()) {
      router.client.body("a", false);
      router.call(1).answer(503);
      router.client.body("b", false);
      router.advance(PAUSE);
      router.client.body("c", true);
      assertEquals(
          List.of("1> POST", "1> a", "1> reset", "2> POST", "2> ab", "2> c end"), router.seen());
    }
  }

  @Test
  void bodyOverItsBoundIsSentOnce() {
    try (RouterHarness router = twice(1, 2)) {
      router.client.bufferLimit(3);
      router.post();
      router.client.body("abc", false).body("d", false).body("e", true);
      assertEquals(1, router.stat("retry_or_shadow_abandoned"));
      assertEquals(1 << 20, router.budgetLeft());
      router.call(1).answer(503);
      assertEquals(List.of("1> POST", "1> abc", "1> d", "1> e end", "< 503 end"), router.seen());
      assertEquals(1, router.stat("retry_or_shadow_abandoned"), "once");
    }
  }

  @Test
  void bodyThatIsNotToBeTriedAgainIsNotAbandoned() {
    try (RouterHarness router = once(1)) {
      router.client.bufferLimit(3);
      router.post();
      router.client.body("abc", false).body("d", true);
      assertEquals(List.of("1> POST", "1> abc", "1> d end"), router.seen());
      assertEquals(0, router.stat("retry_or_shadow_abandoned"));
    }
  }

  @Test
  void whatComesBeforeThereIsAConnectionWaitsUpToTheBound() {
    try (RouterHarness router = twice(1).connects(false)) {
      router.client.bufferLimit(3);
      router.post();
      router.client.body("ab", false);
      assertEquals(List.of(), router.seen());
      router.client.body("c", false);
      assertEquals(List.of("< reads off"), router.seen());
      router.call(1).connect();
      assertEquals(List.of("1> POST", "1> abc", "< reads on"), router.seen());
      assertEquals(0, router.stat("retry_or_shadow_abandoned"), "as much as may be kept");
      router.client.body("d", true);
      assertEquals(List.of("1> d end"), router.seen());
    }
  }

  @Test
  void whatHasWaitedOverTheBoundIsNotKeptForARetry() {
    try (RouterHarness router = twice(1).connects(false)) {
      router.client.bufferLimit(3);
      router.post();
      router.client.body("abcd", true);
      router.call(1).connect();
      assertEquals(List.of("< reads off", "1> POST", "1> abcd end", "< reads on"), router.seen());
      assertEquals(1, router.stat("retry_or_shadow_abandoned"));
      assertEquals(1 << 20, router.budgetLeft());
      router.call(1).answer(503);
      assertEquals(List.of("< 503 end"), router.seen());
    }
  }

  @Test
  void whatNobodyNeedsAgainIsLetGoAtTheConnection() {
    try (RouterHarness router = once(1).connects(false).post()) {
      router.client.body("ab", false);
      assertEquals((1 << 20) - 2, router.budgetLeft());
      router.call(1).connect();
      assertEquals(1 << 20, router.budgetLeft());
    }
  }

  @Test
  void clientThatLeavesLeavesNothingOfItsBody() {
    try (RouterHarness router = twice(1).post()) {
      router.client.body("ab", false);
      router.client.clientGone();
      assertEquals(1 << 20, router.budgetLeft());
      assertEquals(List.of("1> POST", "1> ab", "1> reset"), router.seen());
    }
  }

  @Test
  void budgetOfAllBodiesBoundsEach() {
    try (RouterHarness router = twice(1).budget(3).post()) {
      router.client.body("abcd", true);
      assertEquals(1, router.stat("retry_or_shadow_abandoned"));
      assertEquals(3, router.budgetLeft());
    }
  }

  // ---- back-pressure

  @Test
  void readsPauseWhileTheConnectionIsFull() {
    try (RouterHarness router = once(1).fullConnections().post()) {
      assertEquals(List.of("1> POST", "< reads off"), router.seen());
      router.call(1).drained(true);
      assertEquals(List.of("< reads on"), router.seen());
      router.call(1).drained(false);
      assertEquals(List.of("< reads off"), router.seen());
    }
  }

  @Test
  void responsePausesWhileTheClientDoesNotRead() {
    try (RouterHarness router = once(1).get()) {
      router.call(1).head(200);
      router.client.writable(false);
      router.client.writable(true);
      assertEquals(List.of("1> GET end", "< 200", "1> reads off", "1> reads on"), router.seen());
    }
  }

  @Test
  void responseToAClientThatDoesNotReadPausesFromItsHead() {
    try (RouterHarness router = twice(1).get()) {
      router.client.writable(false);
      router.call(1).answer(503);
      router.advance(PAUSE).call(2).head(200);
      assertEquals(
          List.of("1> GET end", "1> reads off", "2> GET end", "2> reads off", "< 200"),
          router.seen());
    }
    try (RouterHarness router = once(1).get()) {
      router.client.writable(false);
      router.seen();
      router.call(1).answer(200);
      assertEquals(List.of("< 200 end"), router.seen());
    }
  }

  @Test
  void informationalResponsesPassToAClientThatReads() {
    try (RouterHarness router = once(1).get()) {
      router.call(1).informational(103).informational(100);
      router.client.writable(false);
      router.call(1).informational(103);
      assertEquals(List.of("1> GET end", "< 103", "1> reads off"), router.seen());
    }
  }

  // ---- upgrades

  private static RouterHarness upgrade() {
    return RouterHarness.of("timeout: 1s, upgrade_configs: [{upgrade_type: websocket}]", 1);
  }

  private static RouterHarness begin(RouterHarness router) {
    router.client.request(RouterHarness.request("GET", "upgrade: websocket"), false);
    return router;
  }

  @Test
  void tunnelHasNoTimeOnceItIsOpen() {
    try (RouterHarness router = begin(upgrade())) {
      router.advance(500).call(1).head(101);
      router.advance(5000);
      router.client.body("x", true);
      router.advance(5000);
      assertEquals(List.of("1> GET", "< 101", "1> x end"), router.seen());
    }
  }

  @Test
  void tunnelHasTheRequestsTimeToOpen() {
    try (RouterHarness router = begin(upgrade())) {
      router.advance(999);
      assertEquals(List.of("1> GET"), router.seen());
      router.advance(1);
      assertEquals(504, router.client.response().status());
    }
  }

  @Test
  void tunnelIsNeitherCopiedNorMirrored() {
    try (RouterHarness router =
        new RouterHarness(null, "", 1, 2)
            .hedging(
                "delay: 0.02s, attempts: 1",
                "upgrade_configs: [{upgrade_type: websocket}],"
                    + " request_mirror_policies: [{cluster: app}]")) {
      begin(router).advance(100);
      assertEquals(List.of("1> GET"), router.seen());
    }
  }

  // ---- routes

  @Test
  void rewriteThatLeavesNoPathIsTheRoutesMistake() {
    try (RouterHarness router =
        RouterHarness.of("regex_rewrite: {pattern: {regex: '^.*$'}, substitution: ''}", 1).get()) {
      assertEquals(500, router.client.response().status());
      assertEquals("rewrite-failed", router.cause());
      assertEquals(0, router.calls.size());
    }
  }

  @Test
  void attemptsAreTold() {
    try (RouterHarness router = twice(1, 2).get()) {
      router.call(1).answer(503);
      router.advance(PAUSE).call(2).answer(200);
      AttemptInfo second = Objects.requireNonNull(router.info().attempt);
      AttemptInfo first = Objects.requireNonNull(second.before);
      assertEquals(1, first.number);
      assertEquals(2, second.number);
      assertEquals(503, first.status);
      assertTrue(first.endNanos > 0 && first.endNanos < second.endNanos);
      assertEquals(200, second.status);
      assertFalse(second.copy);
      assertEquals(router.call(2).host.toString(), second.host);
    }
  }

  @Test
  void serversAnswerInboundMayNotSpeakForASidecar() {
    try (RouterHarness router = once(1)) {
      router.client.direction(TrafficDirection.INBOUND);
      router.get().call(1).answer(503, "x-weir-cause: bulkhead-full", "x-weir-retry: stop");
      assertFalse(router.client.response().has(HeaderName.X_WEIR_CAUSE));
      assertFalse(router.client.response().has(HeaderName.X_WEIR_RETRY));
    }
  }

  @Test
  void clusterOfAChoiceAndRouteHaveTheirSay() {
    String add = "%s_headers_to_add: [{header: {key: %s, value: %s}, append_action: %s}]";
    try (RouterHarness router =
        new RouterHarness(null, "", 1)
            .table(
                "route: {weighted_clusters: {clusters: [{name: app, weight: 1, "
                    + add.formatted("request", "x-both", "cluster", "OVERWRITE_IF_EXISTS_OR_ADD")
                    + ", "
                    + add.formatted("response", "x-down", "cluster", "OVERWRITE_IF_EXISTS_OR_ADD")
                    + "}]}}, "
                    + add.formatted("request", "x-both", "route", "APPEND_IF_EXISTS_OR_ADD"))
            .get()) {
      router.call(1).answer(200);
      String head = router.call(1).head().toString();
      assertTrue(head.contains("x-both: cluster"), head);
      assertTrue(head.contains("x-both: route"), head);
      assertEquals("cluster", router.client.response().value("x-down"));
    }
  }

  @Test
  void successHasNoFailureBeforeIt() {
    try (RouterHarness router = twice(1, 2).get()) {
      router.call(1).reset(ResetReason.REMOTE_RESET, "one");
      assertEquals("one", router.info().upstreamFailure);
      router.advance(PAUSE);
      assertEquals("", router.info().upstreamFailure);
      assertEquals(router.call(2).host.toString(), router.info().upstreamHost);
    }
  }

  @Test
  void statusWithoutAClassIsNotCounted() {
    try (RouterHarness router = once(1).get()) {
      router.call(1).answer(600);
      assertEquals(600, router.client.response().status());
      assertEquals(List.of(), router.client.incidents);
      assertEquals(1, router.stat("upstream_rq_completed"));
    }
  }
}
