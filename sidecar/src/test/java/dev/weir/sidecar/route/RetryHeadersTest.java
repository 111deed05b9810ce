package dev.weir.sidecar.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.route.HeaderMatch;
import dev.weir.sidecar.config.route.RetryPolicy;
import dev.weir.sidecar.config.route.RetryPolicy.Condition;
import dev.weir.sidecar.http.Headers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The retry policy that a request asks for, beside its route's. */
class RetryHeadersTest {
  private static Headers request(String... fields) {
    Headers request = Headers.request("GET", "app", "/");
    for (String field : fields) {
      request.add(field.substring(0, field.indexOf(':')), field.substring(field.indexOf(':') + 1));
    }
    return request;
  }

  private static Optional<CompiledRetry> route(List<HeaderMatch> requests) {
    return Optional.of(
        new CompiledRetry(
            new RetryPolicy(
                Set.of(Condition.CONNECT_FAILURE),
                Set.of(418),
                3,
                Duration.ofMillis(1),
                Duration.ofMillis(2),
                Duration.ofMillis(3),
                Duration.ofMillis(4),
                true,
                requests,
                List.of())));
  }

  private static RetryPolicy asked(Optional<CompiledRetry> ofRoute, String... fields) {
    return CompiledRetry.withWishes(ofRoute, request(fields)).orElseThrow().policy();
  }

  @Test
  void requestThatAsksForNothingHasItsRoutesPolicy() {
    Optional<CompiledRetry> ofRoute = route(List.of());
    assertSame(ofRoute, CompiledRetry.withWishes(ofRoute, request("x-other:1")));
    assertTrue(CompiledRetry.withWishes(Optional.empty(), request()).isEmpty());
  }

  @Test
  void requestWithoutAPolicyOfItsRouteGetsOneRetryAsInEnvoy() {
    RetryPolicy policy = asked(Optional.empty(), "x-envoy-retry-on: 5xx,reset , ,nonsense");
    assertEquals(Set.of(Condition.SERVER_ERROR_5XX, Condition.RESET), policy.on());
    assertEquals(1, policy.retries());
    assertEquals(Duration.ofMillis(25), policy.backOffBase());
    assertEquals(Duration.ofMillis(250), policy.backOffMax());
  }

  @Test
  void wishesAreAddedToTheRoutesPolicy() {
    RetryPolicy policy =
        asked(
            route(List.of()),
            "x-envoy-retry-on:reset",
            "x-envoy-retry-grpc-on:unavailable",
            "x-envoy-retriable-status-codes:404, x,-1, 503",
            "x-envoy-retriable-header-names:X-Again");
    assertEquals(
        Set.of(Condition.CONNECT_FAILURE, Condition.RESET, Condition.GRPC_UNAVAILABLE),
        policy.on());
    assertEquals(Set.of(418, 404, 503), policy.statusCodes());
    assertEquals(
        List.of(new HeaderMatch("x-again", new HeaderMatch.Test.Present(true), false, false)),
        policy.responseHeaders());
    assertEquals(3, policy.retries());
    assertEquals(Duration.ofMillis(1), policy.perTry());
    assertEquals(Duration.ofMillis(2), policy.perTryIdle());
    assertTrue(policy.avoidPreviousHosts());
  }

  @ParameterizedTest(name = "{0} asked of a route with 3: {1}")
  @CsvSource({"7, 7", "' 2 ', 2", "0, 0", "-1, 3", "many, 3"})
  void numberIsTheRequestsWhereItIsOne(String said, int retries) {
    assertEquals(retries, asked(route(List.of()), "x-envoy-max-retries:" + said).retries());
  }

  @Test
  void numberAloneAsksForNoCondition() {
    assertTrue(
        CompiledRetry.withWishes(Optional.empty(), request("x-envoy-max-retries:2")).isEmpty());
  }

  @Test
  void routeThatRetriesSomeRequestsRetriesNoOtherThatAsks() {
    List<HeaderMatch> marked =
        List.of(new HeaderMatch("x-marked", new HeaderMatch.Test.Present(true), false, false));
    assertTrue(CompiledRetry.withWishes(route(marked), request("x-envoy-retry-on:5xx")).isEmpty());
    assertEquals(
        Set.of(Condition.CONNECT_FAILURE, Condition.SERVER_ERROR_5XX),
        asked(route(marked), "x-marked:1", "x-envoy-retry-on:5xx").on());
  }

  @Test
  void whatWasAskedDoesNotTravelOn() {
    Headers request =
        request(
            "x-envoy-retry-on:5xx",
            "x-envoy-retry-grpc-on:internal",
            "x-envoy-max-retries:1",
            "x-envoy-retriable-status-codes:404",
            "x-envoy-retriable-header-names:x-a");
    CompiledRetry.withWishes(Optional.empty(), request);
    assertFalse(request.toString().contains("x-envoy"), request.toString());
  }
}
