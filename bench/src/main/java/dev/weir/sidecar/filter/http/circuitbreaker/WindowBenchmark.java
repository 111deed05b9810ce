package dev.weir.sidecar.filter.http.circuitbreaker;

import io.github.resilience4j.core.metrics.FixedSizeSlidingWindowMetrics;
import io.github.resilience4j.core.metrics.LockFreeFixedSizeSlidingWindowMetrics;
import io.github.resilience4j.core.metrics.LockFreeSlidingTimeWindowMetrics;
import io.github.resilience4j.core.metrics.Metrics;
import io.github.resilience4j.core.metrics.SlidingTimeWindowMetrics;
import io.github.resilience4j.core.metrics.Snapshot;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One call counted, and the window's two numbers read: ours beside Resilience4j's. With {@code -t
 * 2} two loops share the window; {@code -prof gc} tells the garbage.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class WindowBenchmark {
  private static final int REQUESTS = 100;
  private static final int SECONDS = 30;

  private final CallWindow requests = new RequestWindow(REQUESTS);
  private final CallWindow time = new TimeWindow(Duration.ofSeconds(SECONDS));
  private final Metrics requestsOfResilience4j = new FixedSizeSlidingWindowMetrics(REQUESTS);
  private final Metrics requestsOfResilience4jLockFree =
      new LockFreeFixedSizeSlidingWindowMetrics(REQUESTS);
  private final Metrics timeOfResilience4j =
      new SlidingTimeWindowMetrics(SECONDS, Clock.systemUTC());
  private final Metrics timeOfResilience4jLockFree = new LockFreeSlidingTimeWindowMetrics(SECONDS);

  private static boolean ask(CallWindow window, long nowNanos) {
    long counts = window.add(false, nowNanos);
    return CallWindow.bad(counts) * 2 > CallWindow.calls(counts);
  }

  private static boolean ask(Metrics window) {
    Snapshot counts = window.record(0, TimeUnit.NANOSECONDS, Metrics.Outcome.SUCCESS);
    return counts.getNumberOfFailedCalls() * 2 > counts.getTotalNumberOfCalls();
  }

  @Benchmark
  public boolean requests() {
    return ask(requests, 0);
  }

  @Benchmark
  public boolean requestsOfResilience4j() {
    return ask(requestsOfResilience4j);
  }

  @Benchmark
  public boolean requestsOfResilience4jLockFree() {
    return ask(requestsOfResilience4jLockFree);
  }

  @Benchmark
  public boolean time() {
    return ask(time, System.nanoTime()); // Resilience4j's read it themselves
  }

  @Benchmark
  public boolean timeOfResilience4j() {
    return ask(timeOfResilience4j);
  }

  @Benchmark
  public boolean timeOfResilience4jLockFree() {
    return ask(timeOfResilience4jLockFree);
  }
}
