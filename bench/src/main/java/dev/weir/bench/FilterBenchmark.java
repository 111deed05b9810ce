package dev.weir.bench;

import dev.weir.sidecar.config.TraceFormat;
import dev.weir.sidecar.filter.HttpFilterFactory;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.filter.http.localratelimit.LimiterStats;
import dev.weir.sidecar.filter.http.localratelimit.LocalRateLimitConfig;
import dev.weir.sidecar.filter.http.localratelimit.LocalRateLimitFactory;
import dev.weir.sidecar.filter.http.ratelimit.LimitStore;
import dev.weir.sidecar.filter.http.ratelimit.RateLimitConfig;
import dev.weir.sidecar.filter.http.ratelimit.RateLimitFactory;
import dev.weir.sidecar.filter.http.tracecontext.TraceContextConfig;
import dev.weir.sidecar.filter.http.tracecontext.TraceContextFactory;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.runtime.Incidents;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import io.netty.channel.DefaultEventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one request costs in each filter: the filter made, a request's head shown to it. {@code
 * head} is the cost of the head itself, which the others contain.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up first
public class FilterBenchmark {
  private static final double NEVER_EMPTY = 1e9;

  private DefaultEventLoop eventLoop;
  private BenchStream stream;
  private HttpFilterFactory localRateLimit;
  private HttpFilterFactory oneLimit;
  private HttpFilterFactory limitByHeader;
  private HttpFilterFactory trace;

  @Setup
  public void setUp() {
    eventLoop = new DefaultEventLoop();
    stream =
        new BenchStream(
            new Loop(
                0,
                eventLoop,
                Clock.SYSTEM,
                new SplittableRandom(1),
                new Incidents(System.err::println, () -> {}, Clock.SYSTEM)));
    Stats stats = new Stats(1);
    List<StatSlab> slabs = List.of(stats.slab(0));
    localRateLimit =
        new LocalRateLimitFactory(
            new LocalRateLimitConfig(
                "bench",
                Optional.of(
                    new LocalRateLimitConfig.TokenBucket(
                        1_000_000_000, 1_000_000_000, Duration.ofSeconds(1))),
                1_000_000,
                1_000_000,
                429,
                dev.weir.sidecar.config.route.HeaderMutation.NONE),
            new LimiterStats(stats, "bench", slabs),
            Clock.SYSTEM);
    LimitStore store = new LimitStore(stats, slabs, Clock.SYSTEM);
    oneLimit = limits(store, "all", List.of());
    limitByHeader =
        limits(store, "by-header", List.of(new RateLimitConfig.KeyPart.Header("x-api-key")));
    trace = new TraceContextFactory(new TraceContextConfig(Set.of(TraceFormat.W3C), 10_000));
  }

  private static HttpFilterFactory limits(
      LimitStore store, String name, List<RateLimitConfig.KeyPart> per) {
    return new RateLimitFactory(
        new RateLimitConfig(
            List.of(
                new RateLimitConfig.Limit(
                    "bench/limits",
                    name,
                    List.of(),
                    NEVER_EMPTY,
                    1_000_000_000L,
                    per,
                    100,
                    false))),
        store);
  }

  @TearDown
  public void tearDown() {
    eventLoop.shutdownGracefully();
  }

  private static Headers request() {
    Headers headers = Headers.request("GET", "inventory", "/stock");
    headers.add("x-api-key", "4711");
    return headers;
  }

  private Verdict show(HttpFilterFactory factory, Headers headers) {
    return Objects.requireNonNull(factory.create(stream, null)).requestHeaders(headers, true);
  }

  @Benchmark
  public Headers head() {
    return request();
  }

  @Benchmark
  public Verdict localRateLimit() {
    return show(localRateLimit, request());
  }

  @Benchmark
  public Verdict oneLimit() {
    return show(oneLimit, request());
  }

  @Benchmark
  public Verdict limitByHeader() {
    return show(limitByHeader, request());
  }

  @Benchmark
  public Verdict traceBegun() {
    return show(trace, request());
  }

  @Benchmark
  public Verdict traceTakenOver() {
    Headers headers = request();
    headers.add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    return show(trace, headers);
  }
}
