package dev.weir.sidecar.xds;

import static org.junit.jupiter.api.Assertions.fail;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.weir.protos.convert.ProtoReader;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.bootstrap.BootstrapLoader;
import dev.weir.sidecar.bootstrap.Loaded;
import dev.weir.sidecar.config.bootstrap.Bootstrap;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.demand.Destinations;
import dev.weir.sidecar.resource.ResourceParser;
import dev.weir.sidecar.snapshot.CompileCheck;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.testkit.NoNames;
import dev.weir.sidecar.xds.disk.LastGoodFile;
import dev.weir.sidecar.xds.store.ConfigSink;
import dev.weir.sidecar.xds.store.DynamicConfig;
import dev.weir.sidecar.xds.store.StreamedConfig;
import dev.weir.testkit.AdsTestServer;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/** The whole streaming side over a real stream, and what comes out of it. */
public final class TestDynamicConfig implements AutoCloseable {
  private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
  private final GrpcTestTransport transport;
  private final ControlThread control;
  private final DynamicConfig config;

  public final BlockingQueue<StreamedConfig> configs = new LinkedBlockingQueue<>();
  public final BlockingQueue<String> endpoints = new LinkedBlockingQueue<>();
  public final BlockingQueue<Boolean> initialized = new LinkedBlockingQueue<>();
  public final BlockingQueue<String> log = new LinkedBlockingQueue<>();

  public TestDynamicConfig(int port, String apiType, Duration firstFetch) {
    this(port, apiType, firstFetch, Optional.empty());
  }

  public TestDynamicConfig(
      int port, String apiType, Duration firstFetch, Optional<Path> lastGoodFile) {
    transport = new GrpcTestTransport(port);
    control = new ControlThread(executor, log::add);
    Bootstrap bootstrap = bootstrap(apiType, firstFetch);
    config =
        new DynamicConfig(
            bootstrap,
            bootstrap.dynamicResources().orElseThrow(),
            new DynamicConfig.Parts(
                new ResourceParser(
                    FieldPolicy.WARN, (resource, fields) -> log.add(resource + fields)),
                new CompileCheck(),
                sources(bootstrap),
                control,
                lastGoodFile.map(file -> new LastGoodFile(file, "cart-0", log::add)),
                new NoNames(),
                new Destinations(executor, log::add),
                new Sink(),
                new Stats(1),
                log::add));
    onControl(DynamicConfig::start);
  }

  private SourceFactory sources(Bootstrap bootstrap) {
    Random random = new Random(1);
    return new SourceFactory(
        source -> transport,
        (cluster, path, body, timeout, listener) -> {
          throw new AssertionError("nothing is fetched by REST");
        },
        executor,
        control,
        () -> new Backoff(Duration.ofMillis(5), Duration.ofMillis(50), random),
        random,
        NodeMessage.of(bootstrap.node(), "test", true),
        NodeMessage.of(bootstrap.node(), "test", false),
        log::add);
  }

  public void onControl(Consumer<DynamicConfig> task) {
    executor.execute(() -> task.accept(config));
  }

  public StreamedConfig nextConfig() {
    return AdsTestServer.take(configs);
  }

  /** The first published from now on, or published and not looked at yet, that has listeners. */
  public StreamedConfig nextConfigWithListeners() {
    StreamedConfig next = nextConfig();
    return next.listeners().isEmpty() ? nextConfigWithListeners() : next;
  }

  @Override
  public void close() throws Exception {
    executor.submit(config::close).get();
    executor.shutdownNow();
    transport.close();
  }

  private static Bootstrap bootstrap(String apiType, Duration firstFetch) {
    String yaml =
        """
        node: {id: cart-0, cluster: cart}
        dynamic_resources:
          ads_config:
            api_type: %s
            transport_api_version: V3
            grpc_services: [{envoy_grpc: {cluster_name: xds}}]
          lds_config: {ads: {}, initial_fetch_timeout: %ss}
          cds_config: {ads: {}, initial_fetch_timeout: %ss}
        static_resources:
          clusters: [{name: xds, http2_protocol_options: {}}]
        """
            .formatted(apiType, firstFetch.toMillis() / 1000.0, firstFetch.toMillis() / 1000.0);
    return switch (new BootstrapLoader(FieldPolicy.REJECT, new CompileCheck())
        .read("b.yaml", yaml)) {
      case Loaded.Accepted accepted -> accepted.bootstrap();
      case Loaded.Rejected rejected -> fail(rejected.toString());
      case Loaded.Unreadable unreadable -> fail(unreadable.toString());
    };
  }

  /** A cluster whose endpoints stream. */
  public static Any cluster(String name) {
    return cluster(name, "1s");
  }

  public static Any cluster(String name, String connectTimeout) {
    return any(
        Cluster.getDefaultInstance(),
        """
        name: %s
        type: EDS
        connect_timeout: %s
        eds_cluster_config: {eds_config: {ads: {}, initial_fetch_timeout: 0s}}
        """
            .formatted(name, connectTimeout));
  }

  public static Any brokenCluster(String name) {
    return any(Cluster.getDefaultInstance(), "{name: %s, lb_policy: RING_HASH}".formatted(name));
  }

  public static Any endpoints(String cluster, int port) {
    return any(
        io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment.getDefaultInstance(),
        """
        cluster_name: %s
        endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]
        """
            .formatted(cluster, port));
  }

  /** A listener whose routes stream under its own name. */
  public static Any listener(String name, String routes, String routesTimeout) {
    return any(
        Listener.getDefaultInstance(),
        """
        name: %s
        address: {socket_address: {address: 127.0.0.1, port_value: 0}}
        filter_chains:
        - filters:
          - name: http
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: %s
              rds: {route_config_name: %s, config_source: {ads: {}, initial_fetch_timeout: %s}}
              http_filters: [{name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]
        """
            .formatted(name, name, routes, routesTimeout));
  }

  public static Any routes(String name, String cluster) {
    return any(
        RouteConfiguration.getDefaultInstance(),
        """
        name: %s
        virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: %s}}]}]
        """
            .formatted(name, cluster));
  }

  /** Any resource, from YAML. */
  public static Any any(Message prototype, String yaml) {
    var converted =
        ProtoReader.read(YamlReader.read("test", yaml).documents().getFirst(), prototype);
    if (!converted.problems().isEmpty()) {
      throw new AssertionError(converted.problems().toString());
    }
    return Any.pack(converted.message());
  }

  private final class Sink implements ConfigSink {
    @Override
    public List<Refused> config(StreamedConfig published) {
      configs.add(published);
      return List.of();
    }

    @Override
    public void endpoints(String cluster, ClusterLoadAssignment assignment) {
      endpoints.add(cluster + " " + ports(List.of(assignment)));
    }

    @Override
    public void secret(Secret secret) {}

    @Override
    public void retainSecrets(Set<String> names) {}

    @Override
    public void initialized() {
      initialized.add(true);
    }
  }

  public static String ports(Iterable<ClusterLoadAssignment> assignments) {
    StringBuilder ports = new StringBuilder();
    for (ClusterLoadAssignment assignment : assignments) {
      assignment.endpoints().forEach(endpoint -> ports.append(endpoint.address()));
    }
    return ports.toString();
  }
}
