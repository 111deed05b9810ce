package dev.weir.sidecar.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.route.HeaderMatch;
import dev.weir.sidecar.config.route.RetryPolicy;
import dev.weir.sidecar.config.route.RetryPolicy.Condition;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which outcomes a retry policy asks again for, and after how long. */
class CompiledRetryTest {
  private static final List<HeaderMatch> X_AGAIN =
      List.of(new HeaderMatch("x-again", new HeaderMatch.Test.Present(true), false, false));

  private static CompiledRetry on(String words, List<HeaderMatch> requests) {
    Set<Condition> on =
        Arrays.stream(words.split(" ", -1))
            .map(word -> Condition.of(word).orElseThrow())
            .collect(Collectors.toSet());
    return new CompiledRetry(
        new RetryPolicy(
            on,
            Set.of(418, 504),
            1,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ofMillis(20),
            Duration.ofMillis(100),
            false,
            requests,
            X_AGAIN));
  }

  @ParameterizedTest(name = "{0}: yes to {1}, no to {2}")
  @CsvSource({
    "5xx, 500 599, 499 200",
    "gateway-error, 502 503 504, 500 501 505",
    "retriable-4xx, 409, 400 408 410",
    "retriable-status-codes, 418 504, 417 500",
    "connect-failure, '', 500 503 409 418"
  })
  void statusIsWantedWhereItsConditionIsAskedFor(String words, String yes, String no) {
    CompiledRetry retry = on(words, List.of());
    for (String status : yes.isEmpty() ? new String[0] : yes.split(" ", -1)) {
      assertTrue(retry.wants(Headers.response(Integer.parseInt(status))), status);
    }
    for (String status : no.split(" ", -1)) {
      assertFalse(retry.wants(Headers.response(Integer.parseInt(status))), status);
    }
  }

  @ParameterizedTest(name = "{0}: {1}: {2}")
  @CsvSource({
    "envoy-ratelimited, x-envoy-ratelimited, true",
    "retriable-headers, x-again, true",
    "cancelled, grpc-status, 1",
    "deadline-exceeded, grpc-status, 4",
    "resource-exhausted, grpc-status, 8",
    "internal, grpc-status, 13",
    "unavailable, grpc-status, 14"
  })
  void fieldIsWantedWhereItsConditionIsAskedFor(String word, String name, String value) {
    Headers response = Headers.response(200);
    response.add(name, value);
    assertTrue(on(word, List.of()).wants(response));
    assertFalse(on(word, List.of()).wants(Headers.response(200)));
    for (Condition other : Condition.values()) {
      if (!other.word().equals(word)) {
        assertFalse(on(other.word(), List.of()).wants(response), other.word());
      }
    }
  }

  @Test
  void successfulCallOfGrpcIsNotWanted() {
    Headers response = Headers.response(200);
    response.add("grpc-status", "0");
    assertFalse(
        on("cancelled deadline-exceeded resource-exhausted internal unavailable", List.of())
            .wants(response));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "CONNECT_FAILURE, connect-failure reset 5xx gateway-error",
    "CONNECT_TIMEOUT, connect-failure reset 5xx gateway-error",
    "REFUSED_STREAM, refused-stream reset 5xx gateway-error",
    "CONNECTION_TERMINATION, reset 5xx gateway-error reset-before-request",
    "REMOTE_RESET, reset 5xx gateway-error reset-before-request",
    "PROTOCOL_ERROR, reset 5xx gateway-error reset-before-request",
    "OVERFLOW, ''",
    "LOCAL_RESET, ''"
  })
  void resetIsWantedWhereAConditionSpeaksOfIt(ResetReason reason, String words) {
    Set<String> wanted = Set.of(words.split(" ", -1));
    for (Condition condition : Condition.values()) {
      CompiledRetry retry = on(condition.word(), List.of());
      assertEquals(wanted.contains(condition.word()), retry.wants(reason, false), condition.word());
      assertEquals(
          wanted.contains(condition.word()) && condition != Condition.RESET_BEFORE_REQUEST,
          retry.wants(reason, true),
          condition.word() + ", sent");
    }
  }

  @Test
  void tryThatTookTooLongCountsAsA504() {
    Set<String> wanted = Set.of("5xx", "gateway-error", "retriable-status-codes");
    for (Condition condition : Condition.values()) {
      assertEquals(
          wanted.contains(condition.word()),
          on(condition.word(), List.of()).wantsAfterTimeout(),
          condition.word());
    }
    CompiledRetry without =
        new CompiledRetry(
            new RetryPolicy(
                Set.of(Condition.RETRIABLE_STATUS_CODES),
                Set.of(418),
                1,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                false,
                List.of(),
                List.of()));
    assertFalse(without.wantsAfterTimeout());
  }

  @Test
  void policyThatNamesRequestsSpeaksOfThoseAlone() {
    Headers again = Headers.request("GET", "app", "/");
    again.add("x-again", "1");
    Headers other = Headers.request("GET", "app", "/");
    assertTrue(on("5xx", X_AGAIN).appliesTo(again));
    assertFalse(on("5xx", X_AGAIN).appliesTo(other));
    assertTrue(on("5xx", List.of()).appliesTo(other));
  }

  /** The jitter is over all of 0 to the bound: 20 ms, 60 ms, and then no more than 100 ms. */
  @ParameterizedTest(name = "before retry {0} at most {1} ms")
  @CsvSource({"1, 20", "2, 60", "3, 100", "40, 100"})
  void backOffGrowsToItsMost(int number, long millis) {
    SplittableRandom random = new SplittableRandom(1);
    CompiledRetry retry = on("5xx", List.of());
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int i = 0; i < 1000; i++) {
      long nanos = retry.backOffNanos(number, random);
      least = Math.min(least, nanos);
      most = Math.max(most, nanos);
    }
    long bound = Duration.ofMillis(millis).toNanos();
    assertTrue(least >= 0 && least < bound / 50, least + " ns");
    assertTrue(most <= bound && most > bound - bound / 50, most + " ns");
  }

  @Test
  void policyWithoutBackOffWaitsForNothing() {
    assertEquals(0, CompiledRetry.NEVER.backOffNanos(1, new SplittableRandom(1)));
  }
}
