package dev.weir.sidecar.filter.http.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.route.RouteEntry;
import dev.weir.sidecar.route.RouteTable;
import dev.weir.sidecar.testkit.Resources;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The times that a request asks for, beside its route's; over sockets: CallerWishesTest. */
class CallerWishesHeadersTest {
  private static RouteEntry route(String action) {
    String table =
        ("{name: t, virtual_hosts: [{name: v, domains: [\"*\"], routes: [{match: {prefix: /},"
                + " route: {cluster: app, %s}}]}]}")
            .formatted(action);
    return Objects.requireNonNull(
        new RouteTable(
                Resources.routes(YamlReader.read("table", table).documents().getFirst()),
                List.of(),
                (index, config) -> config)
            .match(Headers.request("GET", "app", "/")));
  }

  private static CallerWishes take(Headers request, String action) {
    return take(request, 0, action);
  }

  private static CallerWishes take(Headers request, long streamMillis, String action) {
    return CallerWishes.take(
        request, Duration.ofSeconds(1).toNanos(), streamMillis * 1_000_000, route(action));
  }

  /** Of a route that lets a stream last so long. */
  @ParameterizedTest(name = "route {0}, caller {1}: {2}")
  @CsvSource({
    "0, '', 0",
    "500, '', 500",
    "0, 300, 300",
    "500, 300, 300",
    "200, 300, 200",
    "500, 0, 500",
    "0, 0, 0",
    "500, -1, 500",
    "500, soon, 500"
  })
  void streamLastsAsLongAsBothAllow(long route, String caller, long expected) {
    Headers headers = Headers.request("GET", "app", "/");
    if (!caller.isEmpty()) {
      headers.add("x-envoy-upstream-stream-duration-ms", caller);
    }
    assertEquals(expected, take(headers, route, "").streamNanos() / 1_000_000);
    assertFalse(headers.toString().contains("x-envoy"));
  }

  /** Of a route with a timeout of 1000 ms, and of 200 ms a try. */
  @ParameterizedTest(name = "{0} and {1} a try: {2} and {3}")
  @CsvSource({
    "'', '', 1000, 200",
    "500, '', 500, 200",
    "500, 50, 500, 50",
    "'', 0, 1000, 0",
    "0, '', 0, 200",
    "200, '', 200, 0", // a try would never be the first to end
    "201, '', 201, 200",
    "-1, -1, 1000, 200",
    "soon, 1.5, 1000, 200",
    "9223372036854775807, '', 9223372036854, 200"
  })
  void timeIsTheCallersWhereItIsANumber(String all, String each, long request, long perTry) {
    Headers headers = Headers.request("GET", "app", "/");
    if (!all.isEmpty()) {
      headers.add("x-envoy-upstream-rq-timeout-ms", all);
    }
    if (!each.isEmpty()) {
      headers.add("x-envoy-upstream-rq-per-try-timeout-ms", each);
    }
    CallerWishes wishes = take(headers, "retry_policy: {retry_on: 5xx, per_try_timeout: 0.2s}");
    assertEquals(request, wishes.requestNanos() / 1_000_000);
    assertEquals(perTry, wishes.perTryNanos() / 1_000_000);
    assertEquals(perTry > 0 ? perTry : request, wishes.expectedNanos() / 1_000_000);
    assertFalse(headers.toString().contains("x-envoy"), headers.toString());
  }

  @Test
  void timeoutMayHaveAnotherAnswer() {
    Headers headers = Headers.request("GET", "app", "/");
    assertEquals(504, take(headers, "").timeoutStatus());
    headers.add("x-envoy-upstream-rq-timeout-alt-response", "1");
    assertEquals(204, take(headers, "").timeoutStatus());
    assertFalse(headers.toString().contains("x-envoy"));
  }

  @ParameterizedTest(name = "route {0}, caller {1}: {2}")
  @CsvSource({
    "true, '', true",
    "false, '', false",
    "true, false, false",
    "false, true, true",
    "true, yes, false"
  })
  void hedgingIsTheCallersWord(boolean route, String caller, boolean hedges) {
    Headers headers = Headers.request("GET", "app", "/");
    if (!caller.isEmpty()) {
      headers.add("x-envoy-hedge-on-per-try-timeout", caller);
    }
    assertEquals(
        hedges,
        take(headers, "hedge_policy: {hedge_on_per_try_timeout: " + route + "}")
            .hedgeOnPerTryTimeout());
    assertFalse(headers.toString().contains("x-envoy"));
  }

  /** A policy is named where its time, of a route with 1000 ms and 200 ms a try, is in force. */
  @ParameterizedTest(name = "{0} and {1} a try: {2}, {3}")
  @CsvSource({
    "'', '', shop/app, shop/app",
    "500, '', '', shop/app",
    "1000, '', shop/app, shop/app",
    "'', 50, shop/app, ''",
    "200, '', '', ''"
  })
  void policyIsNamedWhereTheTimeIsItsOwn(String all, String each, String policy, String perTry) {
    Headers headers = Headers.request("GET", "app", "/");
    if (!all.isEmpty()) {
      headers.add("x-envoy-upstream-rq-timeout-ms", all);
    }
    if (!each.isEmpty()) {
      headers.add("x-envoy-upstream-rq-per-try-timeout-ms", each);
    }
    CallerWishes wishes =
        take(
            headers,
            "timeout: 1s, retry_policy: {retry_on: 5xx, per_try_timeout: 0.2s}},"
                + " metadata: {filter_metadata: {weir.policies: {timeouts: shop/app}}");
    assertEquals(policy, wishes.timeoutPolicy());
    assertEquals(perTry, wishes.perTryPolicy());
  }
}
