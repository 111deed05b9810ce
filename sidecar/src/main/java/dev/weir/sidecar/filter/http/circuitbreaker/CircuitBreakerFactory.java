package dev.weir.sidecar.filter.http.circuitbreaker;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.BreakerReading;
import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.UpstreamFilter;
import dev.weir.sidecar.filter.UpstreamFilterFactory;
import dev.weir.sidecar.filter.UpstreamHost;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes the breaker's filters of one cluster; its breakers outlast changes of their numbers. */
public final class CircuitBreakerFactory implements UpstreamFilterFactory {
  private final BreakerStats stats;
  private final Breakers breakers;

  /**
   * @param slabs by the index of their loop
   * @param cluster whose statistics count
   */
  public CircuitBreakerFactory(
      CircuitBreakerConfig config, Stats stats, List<StatSlab> slabs, String cluster, Clock clock) {
    this.stats = new BreakerStats(stats, slabs, cluster);
    this.breakers = new Breakers(config, this.stats, clock);
  }

  /** For tests. */
  Breakers breakers() {
    return breakers;
  }

  @Override
  public UpstreamFilter create(FilterContext stream, @Nullable Object routeConfig) {
    CircuitBreakerConfig own = routeConfig instanceof CircuitBreakerConfig config ? config : null;
    return new CircuitBreakerFilter(stream, breakers, stats, own);
  }

  @Override
  public boolean reconfigure(FilterConfig next) {
    if (!(next instanceof CircuitBreakerConfig config)) {
      return false;
    }
    breakers.configure(config);
    return true;
  }

  @Override
  public void removed(UpstreamHost host) {
    breakers.removed(host);
  }

  @Override
  public void close() {
    breakers.retire();
    stats.close();
  }

  @Override
  public void breakers(Consumer<BreakerReading> each) {
    breakers.read(each);
  }

  @Override
  public List<String> facts() {
    return breakers.describe();
  }

  @Override
  public List<String> facts(UpstreamHost host) {
    return breakers.describe(host);
  }
}
