package dev.weir.sidecar.snapshot;

import dev.weir.sidecar.authz.ProtoCheckMessages;
import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.cluster.UpstreamFilters;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.HttpFilter;
import dev.weir.sidecar.filter.HttpFilterFactory;
import dev.weir.sidecar.filter.UpstreamFilterFactory;
import dev.weir.sidecar.filter.http.buffer.BufferConfig;
import dev.weir.sidecar.filter.http.buffer.BufferFactory;
import dev.weir.sidecar.filter.http.bulkhead.BulkheadConfig;
import dev.weir.sidecar.filter.http.bulkhead.BulkheadFactory;
import dev.weir.sidecar.filter.http.bulkhead.BulkheadStore;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerFactory;
import dev.weir.sidecar.filter.http.cors.CorsConfig;
import dev.weir.sidecar.filter.http.cors.CorsFactory;
import dev.weir.sidecar.filter.http.cors.CorsStats;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzFactory;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzServices;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzStats;
import dev.weir.sidecar.filter.http.jwtauthn.JwtConfig;
import dev.weir.sidecar.filter.http.jwtauthn.JwtFactory;
import dev.weir.sidecar.filter.http.jwtauthn.JwtServices;
import dev.weir.sidecar.filter.http.jwtauthn.JwtStats;
import dev.weir.sidecar.filter.http.localratelimit.LimiterStats;
import dev.weir.sidecar.filter.http.localratelimit.LocalRateLimitConfig;
import dev.weir.sidecar.filter.http.localratelimit.LocalRateLimitFactory;
import dev.weir.sidecar.filter.http.ratelimit.LimitStore;
import dev.weir.sidecar.filter.http.ratelimit.RateLimitConfig;
import dev.weir.sidecar.filter.http.ratelimit.RateLimitFactory;
import dev.weir.sidecar.filter.http.rbac.RbacConfig;
import dev.weir.sidecar.filter.http.rbac.RbacFactory;
import dev.weir.sidecar.filter.http.rbac.RbacStats;
import dev.weir.sidecar.filter.http.statefulsession.StatefulSessionConfig;
import dev.weir.sidecar.filter.http.statefulsession.StatefulSessionFactory;
import dev.weir.sidecar.filter.http.tracecontext.TraceContextConfig;
import dev.weir.sidecar.filter.http.tracecontext.TraceContextFactory;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.transport.TransportSocketCompiler;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** The HTTP filters there are: a list, by their configuration. */
public final class FilterRegistry {
  private final Stats stats;
  private final List<StatSlab> slabs;
  private final LimitStore limitStore;
  private final BulkheadStore bulkheads;
  private final Clock clock;
  private final JwtServices jwtServices;
  private final ExtAuthzServices extAuthzServices;

  /**
   * @param tasks does what takes too long for a loop; may refuse
   * @param clients make the filters' own requests, by the index of their loop; asked for when the
   *     first is made
   * @param log told what a filter does without, a line; any thread
   */
  public FilterRegistry(
      Stats stats,
      Loops loops,
      Executor tasks,
      IntFunction<AsyncClient> clients,
      Consumer<String> log) {
    this(
        stats,
        loops.all().stream().map(loop -> stats.slab(loop.index())).toList(),
        loops.clock(),
        clients,
        JwtServices.of(
            tasks, () -> clients.apply(0), loops.clock(), TransportSocketCompiler::text, log));
  }

  private FilterRegistry(
      Stats stats,
      List<StatSlab> slabs,
      Clock clock,
      IntFunction<AsyncClient> clients,
      JwtServices jwtServices) {
    this.stats = stats;
    this.clock = clock;
    this.jwtServices = jwtServices;
    this.extAuthzServices = new ExtAuthzServices(clients, new ProtoCheckMessages());
    this.slabs = slabs;
    this.limitStore = new LimitStore(stats, slabs, clock);
    this.bulkheads = new BulkheadStore(stats, slabs);
  }

  /** For factories that no stream will ever ask: what they count goes nowhere. */
  static FilterRegistry scratch() {
    Stats stats = new Stats(1);
    IntFunction<AsyncClient> none =
        loop -> {
          throw new IllegalStateException("a check makes no requests");
        };
    return new FilterRegistry(
        stats,
        List.of(stats.slab(0)),
        Clock.SYSTEM,
        none,
        new JwtServices(
            Runnable::run,
            () -> none.apply(0),
            Clock.SYSTEM,
            TransportSocketCompiler::text,
            () -> {}));
  }

  /** The filter of a cluster's attempts; see {@link UpstreamFilters#make}. */
  public UpstreamFilterFactory upstream(HttpFilter filter, String cluster) {
    return switch (filter.config()) {
      case CircuitBreakerConfig breaker ->
          new CircuitBreakerFactory(breaker, stats, slabs, cluster, clock);
      default ->
          throw new IllegalArgumentException(
              "no upstream filter takes a " + filter.config().getClass().getSimpleName());
    };
  }

  /**
   * @param statPrefix of the connection manager
   * @throws IllegalArgumentException for a configuration that no filter takes, or that cannot be
   *     compiled
   */
  public HttpFilterFactory factory(FilterConfig config, String statPrefix) {
    return switch (config) {
      case LocalRateLimitConfig limit ->
          new LocalRateLimitFactory(
              limit, new LimiterStats(stats, limit.statPrefix(), slabs), clock);
      case BufferConfig buffer -> new BufferFactory(buffer);
      case CorsConfig cors -> new CorsFactory(new CorsStats(stats, statPrefix, slabs));
      case JwtConfig.Filter jwt ->
          new JwtFactory(
              jwt, jwtServices, new JwtStats(stats, statPrefix, jwt.statPrefix(), slabs));
      case RbacConfig rbac -> new RbacFactory(rbac, new RbacStats(stats, statPrefix, rbac, slabs));
      case ExtAuthzConfig.Filter authz ->
          new ExtAuthzFactory(
              authz,
              extAuthzServices,
              new ExtAuthzStats(stats, statPrefix, authz.statPrefix(), slabs));
      case BulkheadConfig bulkhead -> new BulkheadFactory(bulkhead, bulkheads);
      case RateLimitConfig limits -> new RateLimitFactory(limits, limitStore);
      case StatefulSessionConfig sessions -> new StatefulSessionFactory(sessions);
      case TraceContextConfig trace -> new TraceContextFactory(trace);
      default ->
          throw new IllegalArgumentException(
              "no filter takes a " + config.getClass().getSimpleName());
    };
  }
}
