package dev.weir.sidecar.pool;

import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.UpstreamFilters;
import dev.weir.sidecar.cluster.lb.LoadBalancers;
import dev.weir.sidecar.config.Http2Options;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.route.RouteAction.Priority;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.runtime.IdleList;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.testkit.IncidentGuard;
import dev.weir.sidecar.testkit.Resources;
import dev.weir.sidecar.transport.Secrets;
import dev.weir.sidecar.transport.TlsProvider;
import dev.weir.sidecar.transport.TlsTasks;
import dev.weir.sidecar.transport.TransportSocketCompiler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** What is around a pool, on one loop: a cluster {@code app} with one host, and its statistics. */
final class PoolFixture implements AutoCloseable {
  private final TlsTasks tasks = new TlsTasks(1);
  private final Loops loops =
      new Loops(1, true, Clock.SYSTEM, new SplittableRandom(1), IncidentGuard.incidents());
  private final Stats stats = new Stats(2);
  private final ClusterManager clusters =
      new ClusterManager(
          loops,
          stats,
          LoadBalancers::of,
          new TransportSocketCompiler(tasks, new Secrets(), TlsProvider.standard())::of,
          UpstreamFilters.NONE);
  private final Connector connector = new Connector(loops);
  private final Pools pools = new Pools(loop(), stats.slab(0), connector, 100);
  private final String address;
  private final LiveCluster cluster;
  private final Host host;
  private volatile boolean emptied;

  private PoolFixture(String address, String yaml) {
    this.address = address;
    clusters.addListener(pools::removed);
    configure(yaml);
    cluster = Objects.requireNonNull(clusters.get("app"));
    host = cluster.hosts().all().getFirst();
  }

  /**
   * The host is at {@code port} of 127.0.0.1.
   *
   * @param yaml lines of the cluster
   */
  static PoolFixture to(int port, String... yaml) {
    return new PoolFixture(
        "socket_address: {address: 127.0.0.1, port_value: " + port + "}", String.join("\n", yaml));
  }

  /** The host is at {@code address}, as the configuration says it. */
  static PoolFixture at(String address) {
    return new PoolFixture(address, "");
  }

  /** Lines of a cluster that speaks TLS with anybody. */
  static String tls(String common) {
    return "transport_socket: {name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, common_tls_context: {"
        + common
        + "}}}";
  }

  /** The cluster with other lines; its host stays if they are about other things. */
  void configure(String yaml) {
    String timeout = yaml.contains("connect_timeout") ? "" : "connect_timeout: 5s\n";
    Cluster config =
        Resources.cluster(
            """
            name: app
            type: STATIC
            load_assignment:
              cluster_name: app
              endpoints: [{lb_endpoints: [{endpoint: {address: {%s}}}]}]
            """
                    .formatted(address)
                + timeout
                + yaml);
    clusters.put(List.of(config), Map.of());
  }

  /** The cluster is configured no more. */
  void remove() {
    clusters.retain(List.of());
  }

  private HostConnections opener(List<String> protocols, boolean force, Predicate<String> accepts) {
    return new HostConnections(
        loop(),
        stats.slab(0),
        connector,
        cluster,
        host,
        null,
        new IdleList(100),
        protocols,
        force,
        accepts);
  }

  Http1Pool http1() {
    HostConnections opener = opener(List.of("http/1.1"), false, any -> true);
    return new Http1Pool(opener, opener.newWaiters(), this::emptied);
  }

  Http2Pool http2() {
    HostConnections opener = opener(List.of("h2"), false, any -> true);
    return new Http2Pool(opener, options(), opener.newWaiters(), this::emptied, null);
  }

  AlpnPool alpn() {
    return new AlpnPool(
        (protocols, accepts) -> opener(protocols, true, accepts), options(), this::emptied);
  }

  private static Http2Options options() {
    Cluster config =
        Resources.cluster(
            "name: a\ntype: EDS\neds_cluster_config: {eds_config: {ads: {}}}\n"
                + "http2_protocol_options: {}");
    return ((Cluster.Protocol.Http2) config.protocol()).options();
  }

  private void emptied() {
    emptied = true;
  }

  /** A pool has said that it has nothing left. */
  boolean isEmptied() {
    return emptied;
  }

  Loop loop() {
    return loops.get(0);
  }

  LiveCluster cluster() {
    return cluster;
  }

  Host host() {
    return host;
  }

  Connector connector() {
    return connector;
  }

  Connector.Transport transport() {
    return Connector.Transport.of(cluster, host, stats.slab(0));
  }

  /** What the cluster has in use. */
  dev.weir.sidecar.cluster.Resources inUse() {
    return cluster.resources(Priority.DEFAULT);
  }

  PooledRequest begin(Pool pool) {
    return begin(pool, new PooledRequest(false));
  }

  /** Two at once: both are there before anything comes of the first. */
  List<PooledRequest> beginTwo(Pool pool) {
    List<PooledRequest> both = new ArrayList<>();
    onLoop(() -> {
      both.add(begin(pool));
      both.add(begin(pool));
    });
    return both;
  }

  PooledRequest beginUpgrade(Pool pool) {
    return begin(pool, new PooledRequest(true));
  }

  private PooledRequest begin(Pool pool, PooledRequest request) {
    onLoop(() -> request.pending(pool.newStream(request, inUse(), request)));
    return request;
  }

  /** One that came over {@code downstream}, to the host's pool. */
  PooledRequest begin(Protocol downstream) {
    PooledRequest request = new PooledRequest(false);
    onLoop(() ->
        request.pending(
            pools.newStream(cluster, host, null, downstream, inUse(), request, request)));
    return request;
  }

  void cancel(PooledRequest request) {
    onLoop(request::cancel);
  }

  void drain(Pool pool) {
    onLoop(pool::drain);
  }

  /** Runs it on the loop, and waits for it. */
  void onLoop(Runnable task) {
    if (loop().eventLoop().inEventLoop()) {
      task.run();
      return;
    }
    try {
      loop().eventLoop().submit(task).get(5, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** The statistic {@code cluster.app.NAME}. */
  long stat(String name) {
    return stats.read().stream()
        .filter(reading -> reading.name().text().equals("cluster.app." + name))
        .mapToLong(Stats.Reading::value)
        .sum();
  }

  @Override
  public void close() {
    loops.close();
    tasks.close();
  }
}
