package dev.weir.sidecar.filter.http.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.filter.TerminalFilter;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.manager.ChainHarness;
import dev.weir.sidecar.upstream.ReplayBudget;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a request by its route, where that is not a cluster's answer; no sockets. */
class RouterFilterTest {
  private final RouterHarness router = new RouterHarness(null, "", 1);

  @AfterEach
  void close() {
    router.close();
  }

  @Test
  void withoutARouteItIsNotFound() {
    router.get();
    assertEquals(404, router.client.response().status());
    assertEquals("no-route", router.cause());
    assertEquals("route_not_found", router.info().details);
    assertTrue(router.flagged(ResponseFlag.NO_ROUTE));
  }

  @Test
  void withoutItsClusterTheRouteSaysWhatItIs() {
    router.table("route: {cluster: other}").get();
    assertEquals(503, router.client.response().status());
    assertEquals("no-cluster", router.cause());
    assertEquals("cluster_not_found", router.info().details);
    assertTrue(router.flagged(ResponseFlag.NO_CLUSTER));
  }

  @Test
  void routeMayAnswerByItself() {
    router.table("direct_response: {status: 418, body: {inline_string: tea}}").get();
    assertEquals(List.of("< 418", "< tea end"), router.seen());
    assertEquals("direct_response", router.info().details);
  }

  @Test
  void routeMayRedirect() {
    router.table("redirect: {path_redirect: /there}").get();
    assertEquals(301, router.client.response().status());
    assertEquals("http://app/there", router.client.response().value(HeaderName.LOCATION));
  }

  @Test
  void redirectThatLeavesNoPathIsTheRoutesMistake() {
    router.table("redirect: {regex_rewrite: {pattern: {regex: '^.*$'}, substitution: ''}}").get();
    assertEquals(500, router.client.response().status());
    assertEquals("rewrite-failed", router.cause());
  }

  @Test
  void allPartsOfARequestAreForwarded() {
    router.route("timeout: 1s").post();
    router.client.body("a", false).requestTrailers();
    router.client.writable(false);
    router.client.clientGone();
    assertEquals(
        List.of("1> POST", "1> a", "1> trailers", "1> reads off", "1> reset"), router.seen());
  }

  /** Of one that nobody forwards: it has an owner all the same. */
  @Test
  void partsAfterAnAnswerOfTheRoutesAreLetGo() {
    TerminalFilter[] made = new TerminalFilter[1];
    router.client.terminal(context -> {
      RouterFilter filter =
          new RouterFilter(
              context,
              new RouterParts(
                  new RouterConfig(false),
                  router.cluster.clusters(),
                  router.pools(),
                  new ReplayBudget(1),
                  router.stops,
                  router.mirrors));
      made[0] = filter;
      return filter;
    });
    router.post();
    ByteBuf data = ChainHarness.bytes("late");
    made[0].requestData(data, false);
    made[0].requestTrailers(Headers.empty());
    made[0].downstreamWritable(false);
    made[0].destroy();
    assertEquals(0, data.refCnt());
    assertEquals(404, router.client.response().status());
  }
}
