package dev.weir.sidecar.filter.http.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.http.Headers;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code grpc-timeout}, read, bounded by the route, and written again for a later attempt. */
class GrpcTimeoutTest {
  private static Headers asking(String timeout) {
    Headers headers = Headers.request("POST", "app", "/s/m");
    headers.add("grpc-timeout", timeout);
    return headers;
  }

  @ParameterizedTest(name = "{0}: {1} ns")
  @CsvSource({
    "1n, 1",
    "2u, 2000",
    "3m, 3000000",
    "4S, 4000000000",
    "5M, 300000000000",
    "6H, 21600000000000",
    "0S, 0",
    "99999999n, 99999999",
    "99999999S, 99999999000000000",
    "99999999M, 3600000000000000000",
    "99999999H, 3600000000000000000",
    "123456789n, -1",
    "5, -1",
    "S, -1",
    "5x, -1",
    "-5S, -1",
    "1.5S, -1"
  })
  void readsAsGrpcWritesIt(String text, long nanos) {
    assertEquals(nanos, GrpcTimeout.of(asking(text)));
  }

  @Test
  void requestWithoutOneAsksForNothing() {
    assertEquals(-1, GrpcTimeout.of(Headers.request("POST", "app", "/s/m")));
  }

  @ParameterizedTest(name = "{0} ns: {1}")
  @CsvSource({
    "0, 0n",
    "99999999, 99999999n",
    "100000000, 100000u",
    "99999999999, 99999999u",
    "100000000000, 100000m",
    "99999999999999, 99999999m",
    "100000000000000, 100000S",
    "3600000000000000000, 99999999S"
  })
  void isWrittenInTheFinestUnitThatHasRoom(long nanos, String text) {
    assertEquals(text, GrpcTimeout.text(nanos));
    long read = GrpcTimeout.of(asking(text));
    assertTrue(read == nanos || text.startsWith("99999999"), text);
  }

  @ParameterizedTest(name = "{0} of a route that bounds it by {1}: {2} ms")
  @CsvSource({
    "2S, PT1S, 1000",
    "200m, PT1S, 200",
    "2S, PT0S, 2000",
    "200m, '', 7000",
    "nonsense, PT1S, 7000",
    "'', PT1S, 7000"
  })
  void routeSaysWhetherAndUpToWhatItIsKept(String asked, String max, long millis) {
    RouteAction.Timeouts timeouts =
        new RouteAction.Timeouts(
            Duration.ofSeconds(7),
            Optional.empty(),
            Optional.empty(),
            max.isEmpty() ? Optional.empty() : Optional.of(Duration.parse(max)));
    Headers headers = asked.isEmpty() ? Headers.request("POST", "app", "/s/m") : asking(asked);
    assertEquals(Duration.ofMillis(millis).toNanos(), Deadlines.requestNanos(timeouts, headers));
  }

  @Test
  void callerThatHasNoTimeLeftIsNotOneWithoutABound() {
    RouteAction.Timeouts timeouts =
        new RouteAction.Timeouts(
            Duration.ofSeconds(7),
            Optional.empty(),
            Optional.empty(),
            Optional.of(Duration.ofSeconds(1)));
    assertEquals(1, Deadlines.requestNanos(timeouts, asking("0S")));
  }
}
