package dev.weir.sidecar.filter.http.circuitbreaker;

import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.ConsecutiveFailures;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.FailureRate;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.LastRequests;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.LastTime;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.Share;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.SlowCalls;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.Trip;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One call that a closed breaker lets through and that ends well, the two readings of the clock
 * included. With {@code -t 2} two loops share the breaker; {@code -prof gc} tells the garbage.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up first
public class BreakerBenchmark {
  /** By what it opens. */
  public enum By {
    CONSECUTIVE_FAILURES(new ConsecutiveFailures(5)),
    FAILURE_RATE_OF_100_REQUESTS(new FailureRate(half(new LastRequests(100)))),
    FAILURE_RATE_OF_30_S(new FailureRate(half(new LastTime(Duration.ofSeconds(30))))),
    SLOW_CALLS_OF_100_REQUESTS(new SlowCalls(Duration.ofSeconds(1), half(new LastRequests(100)))),
    SLOW_CALLS_OF_30_S(
        new SlowCalls(Duration.ofSeconds(1), half(new LastTime(Duration.ofSeconds(30)))));

    @SuppressWarnings("ImmutableEnumChecker") // a record of records
    private final Trip trip;

    By(Trip trip) {
      this.trip = trip;
    }

    private static Share half(CircuitBreakerConfig.Window window) {
      return new Share(5_000, window, 20);
    }
  }

  @Param private By by;
  private CircuitBreaker breaker;

  @Setup
  public void setUp() {
    breaker =
        new CircuitBreaker(
            new CircuitBreakerConfig(
                "bench/breaker",
                CircuitBreakerConfig.Scope.SERVICE,
                by.trip,
                Optional.empty(),
                Duration.ofSeconds(5),
                3,
                false),
            (from, to) -> {},
            System.nanoTime());
  }

  @Benchmark
  public long call() {
    long start = System.nanoTime();
    long permit = breaker.acquire(start);
    long end = System.nanoTime();
    breaker.success(permit, end - start, end);
    return permit;
  }
}
