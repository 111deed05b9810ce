package dev.weir.sidecar.filter.http.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.route.HeaderMatch;
import dev.weir.sidecar.http.Headers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which requests are copied; over sockets: HedgingTest. */
class CompiledHedgingTest {
  private static CompiledHedging hedging(String... present) {
    return new CompiledHedging(
        new HedgingConfig(
            Duration.ofMillis(30),
            2,
            List.of(present).stream()
                .map(
                    name -> new HeaderMatch(name, new HeaderMatch.Test.Present(true), false, false))
                .toList()));
  }

  private static Headers request(String... fields) {
    Headers headers = Headers.request("GET", "app", "/");
    for (String field : fields) {
      headers.add(field, "1");
    }
    return headers;
  }

  @Test
  void oneOfTheMatchersIsEnough() {
    CompiledHedging hedging = hedging("x-a", "x-b");
    assertTrue(hedging.appliesTo(request("x-b")));
    assertTrue(hedging.appliesTo(request("x-a")));
    assertFalse(hedging.appliesTo(request("x-c")));
  }

  @Test
  void withoutMatchersItIsForAll() {
    assertTrue(hedging().appliesTo(request()));
  }

  @Test
  void delayAndNumberAreTheConfigs() {
    assertEquals(30_000_000, hedging().delayNanos());
    assertEquals(2, hedging().attempts());
  }
}
