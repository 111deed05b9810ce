package dev.weir.bench;

import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.accesslog.LogFiles;
import dev.weir.sidecar.accesslog.grpc.Receivers;
import dev.weir.sidecar.accesslog.otlp.OtlpLogs;
import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.UpstreamFilters;
import dev.weir.sidecar.cluster.lb.LoadBalancers;
import dev.weir.sidecar.config.Parsed;
import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.demand.Destinations;
import dev.weir.sidecar.listener.ConnectionFactory;
import dev.weir.sidecar.listener.ListenerManager;
import dev.weir.sidecar.listener.ListenerProblem;
import dev.weir.sidecar.pool.Connector;
import dev.weir.sidecar.resource.ResourceParser;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.runtime.Incidents;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.snapshot.AccessLoggers;
import dev.weir.sidecar.snapshot.Configuration;
import dev.weir.sidecar.snapshot.FilterRegistry;
import dev.weir.sidecar.snapshot.SnapshotCompiler;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.telemetry.trace.TraceExporters;
import dev.weir.sidecar.transport.ClusterTransports;
import dev.weir.sidecar.transport.TransportSocketCompiler;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * What it costs to put a configuration in force: 8,000 clusters of type EDS with three hosts each,
 * a listener, and a table with a route to each cluster. Nothing has changed, or one cluster has.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up first
public class ChangeBenchmark {
  private static final int CLUSTERS = 8000;

  private Loops loops;
  private ClusterManager clusters;
  private ListenerManager listeners;
  private SnapshotCompiler compiler;
  private Configuration configuration;
  private Configuration other;
  private boolean turn;

  @Setup
  public void setUp() {
    Incidents incidents = new Incidents(System.err::println, () -> {}, Clock.SYSTEM);
    loops = new Loops(1, true, Clock.SYSTEM, new SplittableRandom(1), incidents);
    Stats stats = new Stats(2);
    stats.recycle(loops::pass);
    clusters =
        new ClusterManager(
            loops,
            stats,
            LoadBalancers::of,
            any -> ClusterTransports.plain(),
            UpstreamFilters.NONE);
    listeners =
        new ListenerManager(
            loops,
            stats,
            new ConnectionFactory(
                stats,
                clusters,
                new Connector(loops),
                new Destinations(Runnable::run, System.err::println),
                new FoldedLog(System.err::println, Clock.SYSTEM),
                new FoldedLog(System.err::println, Clock.SYSTEM)));
    compiler =
        new SnapshotCompiler(
            new FilterRegistry(
                stats,
                loops,
                Runnable::run,
                loop -> {
                  throw new IllegalStateException("there are no requests");
                },
                System.err::println),
            TransportSocketCompiler.scratch(),
            new AccessLoggers(
                new LogFiles(loops, System.err::println),
                new OtlpLogs(
                    stats,
                    () -> {
                      throw new IllegalStateException("there are no records");
                    },
                    new Node("", "", Map.of(), List.of()),
                    new FoldedLog(System.err::println, Clock.SYSTEM)),
                new Receivers(
                    stats,
                    () -> {
                      throw new IllegalStateException("there are no entries");
                    },
                    () -> {
                      throw new IllegalStateException("there are no entries");
                    },
                    new FoldedLog(System.err::println, Clock.SYSTEM))),
            new TraceExporters(
                stats,
                () -> {
                  throw new IllegalStateException("there are no spans");
                },
                new Node("", "", Map.of(), List.of()),
                new FoldedLog(System.err::println, Clock.SYSTEM)),
            config ->
                context -> {
                  throw new IllegalStateException("there are no streams");
                },
            List.of());
    configuration = configuration("1s");
    other = configuration("2s");
    List<Cluster> changed = new ArrayList<>(configuration.clusters());
    changed.set(CLUSTERS / 2, other.clusters().get(CLUSTERS / 2));
    other =
        new Configuration(
            configuration.listeners(), configuration.routes(), changed, configuration.endpoints());
    apply(configuration);
  }

  @TearDown
  public void tearDown() {
    loops.close();
  }

  private static Configuration configuration(String connectTimeout) {
    ResourceParser parser = new ResourceParser(FieldPolicy.REJECT, (resource, fields) -> {});
    List<Cluster> clusters = new ArrayList<>();
    Map<String, ClusterLoadAssignment> endpoints = new HashMap<>();
    var virtualHost =
        io.envoyproxy.envoy.config.route.v3.VirtualHost.newBuilder().setName("all").addDomains("*");
    for (int i = 0; i < CLUSTERS; i++) {
      String name = "cluster-" + i;
      clusters.add(
          taken(
              parser.cluster(
                  io.envoyproxy.envoy.config.cluster.v3.Cluster.newBuilder()
                      .setName(name)
                      .setType(DiscoveryType.EDS)
                      .setConnectTimeout(
                          com.google.protobuf.Duration.newBuilder()
                              .setSeconds(connectTimeout.charAt(0) - '0'))
                      .setEdsClusterConfig(
                          io.envoyproxy.envoy.config.cluster.v3.Cluster.EdsClusterConfig
                              .newBuilder()
                              .setEdsConfig(
                                  io.envoyproxy.envoy.config.core.v3.ConfigSource.newBuilder()
                                      .setAds(
                                          io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource
                                              .getDefaultInstance())))
                      .build())));
      endpoints.put(name, taken(parser.endpoints(assignment(name))));
      virtualHost.addRoutes(
          io.envoyproxy.envoy.config.route.v3.Route.newBuilder()
              .setMatch(
                  io.envoyproxy.envoy.config.route.v3.RouteMatch.newBuilder()
                      .setPrefix("/" + i + "/"))
              .setRoute(
                  io.envoyproxy.envoy.config.route.v3.RouteAction.newBuilder().setCluster(name)));
    }
    RouteConfiguration table =
        taken(
            parser.routeConfiguration(
                io.envoyproxy.envoy.config.route.v3.RouteConfiguration.newBuilder()
                    .setName("table")
                    .addVirtualHosts(virtualHost)
                    .build()));
    return new Configuration(
        List.of(listener(parser)), Map.of("table", table), clusters, endpoints);
  }

  private static io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment assignment(
      String name) {
    LocalityLbEndpoints.Builder hosts = LocalityLbEndpoints.newBuilder();
    for (int port = 1; port <= 3; port++) {
      hosts.addLbEndpoints(
          LbEndpoint.newBuilder()
              .setEndpoint(
                  Endpoint.newBuilder()
                      .setAddress(
                          Address.newBuilder()
                              .setSocketAddress(
                                  SocketAddress.newBuilder()
                                      .setAddress("127.0.0.1")
                                      .setPortValue(port)))));
    }
    return io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment.newBuilder()
        .setClusterName(name)
        .addEndpoints(hosts)
        .build();
  }

  private static Listener listener(ResourceParser parser) {
    String yaml =
        """
        name: out
        address: {socket_address: {address: 127.0.0.1, port_value: 15001}}
        bind_to_port: false
        filter_chains:
        - filters:
          - name: http
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: out
              rds: {route_config_name: table, config_source: {ads: {}}}
              http_filters: [{name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]
        """;
    var message =
        dev.weir.protos.convert.ProtoReader.read(
                dev.weir.protos.yaml.YamlReader.read("listener", yaml).documents().getFirst(),
                io.envoyproxy.envoy.config.listener.v3.Listener.getDefaultInstance())
            .message();
    return taken(parser.listener(message));
  }

  private static <T> T taken(Parsed<T> parsed) {
    return switch (parsed) {
      case Parsed.Accepted<T>(T value) -> value;
      case Parsed.Rejected<T> rejected -> throw new IllegalStateException(rejected.toString());
    };
  }

  /** As the sidecar does. */
  private void apply(Configuration next) {
    List<ListenerProblem> problems = new ArrayList<>();
    var compiled = compiler.compile(next, problems);
    clusters.put(next.clusters(), new HashMap<>(next.endpoints()));
    problems.addAll(listeners.apply(compiled));
    compiler.letGo();
    clusters.retain(next.clusters());
    if (!problems.isEmpty()) {
      throw new IllegalStateException(problems.toString());
    }
  }

  /** Nothing has changed. */
  @Benchmark
  public void nothing() {
    apply(configuration);
  }

  /** One cluster has another timeout. */
  @Benchmark
  public void oneCluster() {
    turn = !turn;
    apply(turn ? other : configuration);
  }
}
