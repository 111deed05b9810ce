package dev.weir.sidecar.filter.http.router;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.AttemptEnd;
import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.UpstreamFilter;
import dev.weir.sidecar.filter.UpstreamFilterFactory;
import dev.weir.sidecar.filter.UpstreamHost;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Filters of a cluster, by hand, at each attempt of a request; no sockets. */
class AttemptFiltersTest {
  private static final String ONE_FILTER =
      "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions:"
          + " {\"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions,"
          + " explicit_http_config: {http_protocol_options: {}}, http_filters: [{name:"
          + " weir.filters.http.circuit_breaker, typed_config: {\"@type\":"
          + " type.googleapis.com/weir.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker,"
          + " policy: shop/app, consecutive_failures: 9, open_for: 1s}}, {name: codec, typed_config: {\"@type\":"
          + " type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec}}]}}";

  private static final String TWICE =
      "retry_policy: {retry_on: 5xx, num_retries: 1, retry_back_off: {base_interval: 0.001s}}";

  private static final Verdict.LocalReply NO =
      Verdict.LocalReply.of(429, "no", "refused_by_test", null);

  /** What one filter is told, and what it says. */
  private static class Filter implements UpstreamFilter {
    private final List<String> told = new ArrayList<>();
    private Verdict.@Nullable LocalReply admit;
    private Verdict.@Nullable LocalReply chosen;
    private boolean wouldRefuse;
    private int avoided;
    private Verdict onHead = Verdict.CONTINUE;
    private Verdict onData = Verdict.CONTINUE;
    private Verdict onResponse = Verdict.CONTINUE;

    @Override
    public Verdict.@Nullable LocalReply admit(long nowNanos) {
      told.add("admit");
      return admit;
    }

    @Override
    public boolean wouldRefuse(long nowNanos) {
      return wouldRefuse;
    }

    @Override
    public boolean avoids(UpstreamHost host, long nowNanos) {
      return host.toString().endsWith(":" + avoided);
    }

    @Override
    public Verdict.@Nullable LocalReply chosen(UpstreamHost host, long nowNanos) {
      told.add("chosen");
      return chosen;
    }

    @Override
    public void ended(AttemptEnd end) {
      told.add(end.result().name());
    }

    @Override
    public Verdict requestHeaders(Headers headers, boolean endStream) {
      headers.add("x-filter", "was here");
      return onHead;
    }

    @Override
    public Verdict requestData(ByteBuf data, boolean endStream) {
      return onData;
    }

    @Override
    public void informational(Headers headers) {
      told.add("informational");
    }

    @Override
    public Verdict responseHeaders(Headers headers, boolean endStream) {
      headers.add("x-filter", "was here");
      return onResponse;
    }

    @Override
    public Verdict responseTrailers(Headers trailers) {
      told.add("trailers");
      return Verdict.CONTINUE;
    }

    @Override
    public void destroy() {
      told.add("destroy");
    }
  }

  private final Filter filter = new Filter();

  /** Has each attempt go by {@code filter}. */
  private static UpstreamFilterFactory each(UpstreamFilter filter) {
    return new UpstreamFilterFactory() {
      @Override
      public UpstreamFilter create(FilterContext stream, @Nullable Object routeConfig) {
        return filter;
      }

      @Override
      public boolean reconfigure(FilterConfig next) {
        return true;
      }

      @Override
      public void close() {}
    };
  }

  private RouterHarness router(String action, int... ports) {
    return new RouterHarness((config, cluster) -> each(filter), ONE_FILTER, ports).route(action);
  }

  @Test
  void partsPassBothWays() {
    try (RouterHarness router = router("timeout: 1s", 1).post()) {
      router.client.body("a", false).requestTrailers();
      assertEquals("was here", router.call(1).head().value("x-filter"));
      router.call(1).informational(103).informational(100).head(200).body("b", false).trailers();
      assertEquals(
          List.of("1> POST", "1> a", "1> trailers", "< 103", "< 200", "< b", "< trailers"),
          router.seen());
      assertEquals("was here", router.client.response().value("x-filter"));
      assertEquals(
          List.of(
              "admit",
              "chosen",
              "informational",
              "informational",
              "SUCCESS",
              "trailers",
              "destroy"),
          filter.told);
    }
  }

  @Test
  void eachAttemptWithFiltersHasAHeadOfItsOwn() {
    try (RouterHarness router = router(TWICE, 1).get()) {
      router.call(1).answer(503);
      router.advance(20);
      assertEquals(1, router.call(2).head().toString().split("was here", -1).length - 1);
    }
  }

  @Test
  void refusalBeforeAHostIsChosenEndsTheRequest() {
    filter.admit = NO;
    try (RouterHarness router = router(TWICE, 1).get()) {
      assertEquals(429, router.client.response().status());
      assertEquals(List.of("admit", "destroy"), filter.told);
      assertEquals(0, router.calls.size());
      assertEquals(0, router.info().attempts);
    }
  }

  @Test
  void refusalOfTheHostEndsTheRequest() {
    filter.chosen = NO;
    try (RouterHarness router = router(TWICE, 1).get()) {
      assertEquals(429, router.client.response().status());
      assertEquals(List.of("admit", "chosen", "destroy"), filter.told);
      assertEquals(0, router.calls.size());
    }
  }

  @Test
  void hostThatIsAvoidedIsChosenOnlyWhereThereIsNoOther() {
    for (int avoided = 1; avoided <= 2; avoided++) {
      filter.avoided = avoided;
      for (String action : List.of("timeout: 1s", TWICE)) {
        try (RouterHarness router = router(action, 1, 2).get()) {
          assertEquals(router.cluster.host(3 - avoided), router.call(1).host);
        }
      }
    }
    try (RouterHarness router = router("timeout: 1s", 2).get()) {
      assertEquals(router.cluster.host(2), router.call(1).host);
    }
  }

  @Test
  void retryThatWouldBeRefusedDoesNotHideHowTheLastWent() {
    try (RouterHarness router = router(TWICE, 1).get()) {
      filter.wouldRefuse = true;
      router.call(1).answer(503);
      assertEquals(503, router.client.response().status());
      assertEquals(0, router.inUse().retries());
    }
  }

  @Test
  void copyThatWouldBeRefusedIsNotSent() {
    String hedging =
        "typed_per_filter_config: {router: {\"@type\":"
            + " type.googleapis.com/weir.extensions.filters.http.router.v1alpha1.Hedging,"
            + " delay: 0.02s, attempts: 1}}";
    for (int what = 0; what < 4; what++) {
      filter.told.clear();
      filter.admit = null;
      filter.chosen = null;
      filter.wouldRefuse = false;
      filter.avoided = 0;
      try (RouterHarness router =
          router("", 1, 2).table("route: {cluster: app}, " + hedging).get()) {
        assertEquals(List.of("admit", "chosen"), filter.told);
        filter.wouldRefuse = what == 0;
        filter.admit = what == 1 ? NO : null;
        filter.chosen = what == 2 ? NO : null;
        String other = router.call(1).host.toString().endsWith(":1") ? "2" : "1";
        filter.avoided = what == 3 ? Integer.parseInt(other) : 0;
        filter.told.clear();
        router.advance(20);
        assertEquals(1, router.calls.size());
        assertEquals(1, filter.told.stream().filter("destroy"::equals).count(), "case " + what);
        assertEquals(what > 1 ? 1 : 0, router.stat("weir_hedge.no_host"));
        router.call(1).answer(200);
      }
    }
  }

  @Test
  void filterMayAnswerInTheWayOfTheRequest() {
    filter.onHead = NO;
    try (RouterHarness router = router(TWICE, 1).get()) {
      assertEquals(429, router.client.response().status());
      assertEquals(0, router.calls.size());
      assertEquals(0, router.inUse().requests());
    }
  }

  @Test
  void refusalInTheWayOfACopyLeavesTheFirst() {
    String hedging =
        "typed_per_filter_config: {router: {\"@type\":"
            + " type.googleapis.com/weir.extensions.filters.http.router.v1alpha1.Hedging,"
            + " delay: 0.02s, attempts: 1}}";
    try (RouterHarness router = router("", 1, 2).table("route: {cluster: app}, " + hedging).get()) {
      filter.onHead = NO;
      router.advance(20);
      assertEquals(List.of("1> GET end"), router.seen());
      assertEquals(0, router.inUse().retries());
      router.call(1).answer(200);
      assertEquals(List.of("< 200 end"), router.seen());
    }
  }

  @Test
  void clientThatLeavesWhileAFilterHoldsTheHeadLeavesNothing() {
    filter.onHead = new Verdict.Pause();
    try (RouterHarness router = router("timeout: 1s", 1).get()) {
      router.client.clientGone();
      assertEquals(0, router.calls.size());
      assertEquals(0, router.inUse().requests());
      assertEquals(0, router.stat("upstream_rq_active"));
    }
  }

  @Test
  void filterMayAnswerInTheWayOfTheBody() {
    filter.onData = NO;
    try (RouterHarness router = router(TWICE, 1).post()) {
      router.client.body("a", false).body("b", true);
      assertEquals(429, router.client.response().status());
      assertEquals(List.of("1> POST", "1> reset", "< 429", "< no end"), router.seen());
      assertEquals(1 << 20, router.budgetLeft());
    }
  }

  @Test
  void filterThatAnswersWhatHasWaitedEndsTheAttempt() {
    filter.onData = NO;
    try (RouterHarness router = router(TWICE, 1).connects(false).post()) {
      router.client.body("a", false).requestTrailers();
      router.call(1).connect();
      assertEquals(List.of("1> POST", "1> reset", "< 429", "< no end"), router.seen());
    }
  }

  @Test
  void filterMayAnswerInPlaceOfTheResponse() {
    filter.onResponse = NO;
    try (RouterHarness router = router(TWICE, 1).get()) {
      router.call(1).head(200);
      assertEquals(List.of("1> GET end", "1> reset", "< 429", "< no end"), router.seen());
    }
  }

  @Test
  void bodyThatIsTooLargeForAFilterIsRefused() {
    filter.onData = new Verdict.Collect(2);
    try (RouterHarness router = router("timeout: 1s", 1).post()) {
      router.client.body("abc", true);
      assertEquals(
          List.of("1> POST", "1> reset", "< 413", "< Payload Too Large end"), router.seen());
      assertEquals("request_payload_too_large", router.info().details);
    }
  }

  @Test
  void responseThatIsTooLargeForAFilterIsABadGateway() {
    filter.onResponse = new Verdict.Collect(2);
    try (RouterHarness router = router("timeout: 1s", 1).get()) {
      router.call(1).head(200).body("abc", false);
      assertEquals(List.of("1> GET end", "1> reset", "< 502", "< Bad Gateway end"), router.seen());
      assertEquals("response_payload_too_large", router.info().details);
    }
  }

  @Test
  void readsPauseWhileAFilterHoldsTheBody() {
    filter.onData = new Verdict.Pause();
    try (RouterHarness router = router("timeout: 1s", 1)) {
      router.client.bufferLimit(2);
      router.post().client.body("abc", false);
      assertEquals(List.of("1> POST", "< reads off"), router.seen());
      router.call(1).drained(true);
      assertEquals(List.of(), router.seen(), "the filter is full still");
    }
  }

  @Test
  void readsOfTheHostPauseWhileAFilterHoldsTheResponse() {
    filter.onResponse = new Verdict.Pause();
    try (RouterHarness router = router("timeout: 1s", 1)) {
      router.client.bufferLimit(2);
      router.get().call(1).head(200).body("abc", false);
      assertEquals(List.of("1> GET end", "1> reads off"), router.seen());
    }
  }

  @Test
  void mistakeOfAFilterEndsTheRequest() {
    Filter broken =
        new Filter() {
          @Override
          public Verdict responseHeaders(Headers headers, boolean endStream) {
            throw new IllegalStateException("broken");
          }
        };
    try (RouterHarness router =
        new RouterHarness((config, cluster) -> each(broken), ONE_FILTER, 1).route(TWICE).get()) {
      router.call(1).head(200);
      assertEquals(500, router.client.response().status());
      assertEquals(1, router.client.incidents.size());
      assertEquals(0, router.inUse().requests());
    }
  }

  @Test
  void hostOfAnAttemptThatTookTooLongHasFailed() {
    try (RouterHarness router = router("timeout: 1s", 1).get()) {
      router.advance(1000);
      assertEquals(List.of("admit", "chosen", "FAILURE", "destroy"), filter.told);
    }
  }

  @Test
  void wantOfAPlaceIsNotTheHostsFailure() {
    try (RouterHarness router = router("timeout: 1s", 1)) {
      router.cluster.configure(
          ONE_FILTER + "\ncircuit_breakers: {thresholds: [{max_requests: 0}]}");
      router.get();
      assertEquals(503, router.client.response().status());
      assertEquals(List.of("admit", "chosen", "destroy"), filter.told);
    }
  }

  @Test
  void failureOfAnAttemptIsTold() {
    try (RouterHarness router = router("timeout: 1s", 1).get()) {
      router.call(1).reset(ResetReason.REMOTE_RESET, "");
      assertEquals(List.of("admit", "chosen", "FAILURE", "destroy"), filter.told);
    }
  }

  @Test
  void headThatIsAnErrorIsAFailure() {
    try (RouterHarness router = router("timeout: 1s", 1).get()) {
      router.call(1).head(500);
      assertEquals(List.of("admit", "chosen", "FAILURE"), filter.told);
    }
  }

  @Test
  void attemptThatNobodyWaitsForIsGivenUp() {
    try (RouterHarness router = router("timeout: 1s", 1).get()) {
      router.client.clientGone();
      assertEquals(List.of("admit", "chosen", "GIVEN_UP", "destroy"), filter.told);
    }
    filter.told.clear();
    try (RouterHarness router = router("timeout: 1s", 1).post()) {
      router.client.clientGone();
      assertEquals(List.of("admit", "chosen", "destroy"), filter.told, "no answer was owed");
    }
  }

  @Test
  void answerWithoutABodyIsASuccessAtItsHeadAndOneWithItAtItsEnd() {
    try (RouterHarness router = router("timeout: 1s", 1).get()) {
      router.call(1).head(200, "content-type: application/grpc");
      assertEquals(List.of("admit", "chosen"), filter.told);
      router.call(1).body("x", true);
      assertEquals(List.of("admit", "chosen", "SUCCESS", "destroy"), filter.told);
    }
  }
}
