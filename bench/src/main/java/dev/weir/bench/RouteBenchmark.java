package dev.weir.bench;

import dev.weir.sidecar.config.route.HeaderMutation;
import dev.weir.sidecar.config.route.Route;
import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.config.route.RouteMatch;
import dev.weir.sidecar.config.route.RoutePolicies;
import dev.weir.sidecar.config.route.VirtualHost;
import dev.weir.sidecar.filter.rate.TokenBucket;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.route.RouteEntry;
import dev.weir.sidecar.route.RouteTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A table of 100 virtual hosts with 10 prefix routes each, the last of which matches; and one
 * decision of a token bucket.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up first
public class RouteBenchmark {
  private RouteTable table;
  private Headers request;
  private TokenBucket bucket;

  @Setup
  public void setUp() {
    List<VirtualHost> hosts = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      List<Route> routes = new ArrayList<>();
      for (int j = 0; j < 10; j++) {
        RouteMatch match =
            new RouteMatch(
                new RouteMatch.PathMatch.Prefix("/api/v" + j + "/"),
                true,
                List.of(),
                List.of(),
                false);
        routes.add(
            new Route(
                "r" + j,
                match,
                new RouteAction.DirectResponse(200, ""),
                RoutePolicies.NONE,
                HeaderMutation.NONE,
                HeaderMutation.NONE,
                Map.of()));
      }
      hosts.add(
          new VirtualHost(
              "h" + i,
              List.of("service-" + i),
              routes,
              HeaderMutation.NONE,
              HeaderMutation.NONE,
              Optional.empty(),
              Optional.empty(),
              Map.of(),
              false));
    }
    table =
        new RouteTable(
            new RouteConfiguration(
                "t", hosts, HeaderMutation.NONE, HeaderMutation.NONE, Map.of(), false, false),
            List.of(),
            (index, config) -> config);
    request = Headers.request("GET", "service-77", "/api/v9/items");
    bucket = new TokenBucket(1e9, 1_000_000_000L, System.nanoTime());
  }

  @Benchmark
  public @Nullable RouteEntry match() {
    return table.match(request);
  }

  @Benchmark
  public boolean tokenBucket() {
    return bucket.tryTake(System.nanoTime());
  }
}
