package dev.weir.sidecar;

import dev.weir.sidecar.admin.AdminServer;
import dev.weir.sidecar.admin.AdminState;
import dev.weir.sidecar.admin.ServiceDirectory;
import dev.weir.sidecar.bootstrap.Loaded;
import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.lb.LoadBalancers;
import dev.weir.sidecar.config.ConfigSource;
import dev.weir.sidecar.config.bootstrap.Bootstrap;
import dev.weir.sidecar.config.bootstrap.DynamicResources;
import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.config.bootstrap.WorkloadIdentity;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.cluster.DnsDiscovery;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.demand.Destinations;
import dev.weir.sidecar.dns.DnsClusters;
import dev.weir.sidecar.egress.Egress;
import dev.weir.sidecar.egress.WayOut;
import dev.weir.sidecar.filter.http.router.RetryStops;
import dev.weir.sidecar.filter.http.router.RouterFactory;
import dev.weir.sidecar.identity.CertificateRenewal;
import dev.weir.sidecar.identity.IdentityStatus;
import dev.weir.sidecar.listener.CompiledListener;
import dev.weir.sidecar.listener.ConnectionFactory;
import dev.weir.sidecar.listener.ListenerManager;
import dev.weir.sidecar.listener.ListenerProblem;
import dev.weir.sidecar.log.Component;
import dev.weir.sidecar.log.Log;
import dev.weir.sidecar.log.Logs;
import dev.weir.sidecar.metrics.AppMetrics;
import dev.weir.sidecar.metrics.MetricsOptions;
import dev.weir.sidecar.metrics.MetricsPage;
import dev.weir.sidecar.pool.Connector;
import dev.weir.sidecar.pool.Pools;
import dev.weir.sidecar.resource.ResourceParser;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.runtime.CpuQuota;
import dev.weir.sidecar.runtime.Descriptors;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.runtime.HeapBound;
import dev.weir.sidecar.runtime.Incidents;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.snapshot.Configuration;
import dev.weir.sidecar.snapshot.FilterRegistry;
import dev.weir.sidecar.snapshot.SnapshotCompiler;
import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.telemetry.edge.Edges;
import dev.weir.sidecar.telemetry.edge.EdgesPage;
import dev.weir.sidecar.telemetry.recent.RequestPages;
import dev.weir.sidecar.telemetry.summary.Summaries;
import dev.weir.sidecar.transport.SecretFiles;
import dev.weir.sidecar.transport.Secrets;
import dev.weir.sidecar.transport.TlsProvider;
import dev.weir.sidecar.transport.TlsTasks;
import dev.weir.sidecar.transport.TransportSocketCompiler;
import dev.weir.sidecar.upstream.ReplayBudget;
import dev.weir.sidecar.xds.Backoff;
import dev.weir.sidecar.xds.ControlThread;
import dev.weir.sidecar.xds.NodeMessage;
import dev.weir.sidecar.xds.disk.LastGoodFile;
import dev.weir.sidecar.xds.store.DynamicConfig;
import io.netty.util.internal.PlatformDependent;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The assembly: makes the parts, joins them, starts, drains. */
public final class Sidecar implements AutoCloseable {
  private static final Duration SWEEP_INTERVAL = Duration.ofMillis(500);
  private static final Duration BIND_INTERVAL = Duration.ofSeconds(1);
  private static final Duration HEAP_INTERVAL = Duration.ofSeconds(1);
  private static final Duration CA_IS_SLOW = Duration.ofSeconds(5);

  /** A control plane that is there takes the last summary by then. */
  private static final Duration LAST_SUMMARY = Duration.ofMillis(500);

  /** Of the memory for buffers, what request bodies kept for retries may hold. */
  private static final int REPLAY_PART = 4;

  /** Of the descriptors that the process may have, what idle upstream connections may hold. */
  private static final int IDLE_PART = 4;

  /** Where there are descriptors in plenty, memory is the bound: some 10 KiB each. */
  private static final int MOST_IDLE = 4096;

  private final Incidents incidents;
  private final Loops loops;
  private final Stats stats;
  private final ClusterManager clusters;
  private final Telemetry telemetry;
  private final List<Pools> pools = new ArrayList<>();
  private final ListenerManager listeners;
  private final SnapshotCompiler compiler;
  private final AdminState adminState;
  private final Actions actions;
  private final AdminServer admin;
  private final AdminServer metrics;
  private final MetricsOptions metricsOptions;
  private final ScheduledThreadPoolExecutor control;
  private final List<AsyncClient> clients = new ArrayList<>();
  private final ControlThread controlThread;
  private final Destinations destinations;
  private final DnsClusters names;
  private final Logs logs;
  private final Log log;
  private final Connector connector;
  private final TlsTasks tlsTasks;
  private final Secrets secrets;
  private final SecretFiles secretFiles;
  private volatile @Nullable DynamicConfig dynamic;
  private volatile @Nullable AppProbe appProbe;
  private volatile @Nullable CertificateRenewal certification;
  private volatile @Nullable Summaries summaries;

  /**
   * @param concurrency event loops, 1 or more
   * @param epoll false: NIO even where epoll is to be had
   * @param logs takes what happens at run time
   */
  public Sidecar(Loaded.Accepted loaded, int concurrency, boolean epoll, Logs logs) {
    this(loaded, concurrency, epoll, Optional.empty(), MetricsOptions.DEFAULT, logs);
  }

  /**
   * @param egress what leaves this network by a door
   */
  public Sidecar(
      Loaded.Accepted loaded,
      int concurrency,
      boolean epoll,
      Optional<Egress> egress,
      MetricsOptions metricsOptions,
      Logs logs) {
    this.logs = logs;
    this.metricsOptions = metricsOptions;
    log = logs.of(Component.CONFIG);
    Log main = logs.of(Component.MAIN);
    stats = new Stats(concurrency + 1);
    control =
        new ScheduledThreadPoolExecutor(
            1, runnable -> Thread.ofPlatform().name("control").daemon(true).unstarted(runnable));
    // The JDK's would describe the executor, and take its lock, on an event loop.
    control.setRejectedExecutionHandler((task, executor) -> {
      throw new RejectedExecutionException("the sidecar is stopping");
    });
    // At the end nothing waits for a timer that is far off.
    control.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    control.setRemoveOnCancelPolicy(true);
    int counted = stats.counter(StatName.of("server", "", "", "incidents"));
    incidents = new Incidents(main, () -> stats.add(counted, 1), Clock.SYSTEM);
    loops = new Loops(concurrency, epoll, Clock.SYSTEM, new SplittableRandom(), incidents);
    tlsTasks = new TlsTasks(concurrency);
    FilterRegistry filters =
        new FilterRegistry(stats, loops, tlsTasks, this::client, logs.of(Component.JWT));
    secrets = new Secrets();
    TransportSocketCompiler transports =
        new TransportSocketCompiler(tlsTasks, secrets, TlsProvider.standard());
    clusters =
        new ClusterManager(loops, stats, LoadBalancers::of, transports::of, filters::upstream);
    connector =
        new Connector(loops, egress.map(door -> new WayOut(door, logs.of(Component.EGRESS))));
    int mostIdle =
        Math.max(1, Math.min(MOST_IDLE, Descriptors.limit() / IDLE_PART) / loops.count());
    for (Loop loop : loops.all()) {
      Pools ofLoop = new Pools(loop, stats.slab(loop.index()), connector, mostIdle);
      clusters.addListener(ofLoop::removed);
      pools.add(ofLoop);
    }
    telemetry =
        new Telemetry(
            stats,
            loops,
            logs,
            loaded.bootstrap().node(),
            clusters,
            () -> client(0),
            metricsOptions.mostEdges(),
            this::identity,
            this::configuredAt);
    RetryStops stops = new RetryStops(Clock.SYSTEM);
    ReplayBudget replay = new ReplayBudget(PlatformDependent.maxDirectMemory() / REPLAY_PART);
    controlThread = new ControlThread(control, main);
    secretFiles =
        new SecretFiles(
            secrets,
            (delay, task) -> {
              Future<?> _ = controlThread.schedule(delay, task);
            },
            task -> Thread.ofVirtual().name("secret-reader").start(task),
            stats,
            logs.of(Component.SECRET));
    destinations = new Destinations(controlThread::execute, log);
    ConnectionFactory connections =
        new ConnectionFactory(
            stats,
            clusters,
            connector,
            destinations,
            new FoldedLog(logs.of(Component.CONN_HANDLER), Clock.SYSTEM),
            new FoldedLog(logs.of(Component.CONN_HANDLER), Clock.SYSTEM));
    listeners = new ListenerManager(loops, stats, connections);
    compiler =
        new SnapshotCompiler(
            filters,
            transports,
            telemetry.accessLoggers(),
            telemetry.traces(),
            config -> new RouterFactory(config, clusters, pools, replay, stops)::create,
            telemetry.observers());
    pools.forEach(ofLoop -> clients.add(new AsyncClient(clusters, ofLoop)));
    Node node = loaded.bootstrap().node();
    RequestPages requests =
        new RequestPages(
            telemetry.recent(),
            Map.of("id", node.id(), "cluster", node.cluster()),
            listeners::routes,
            this::outage);
    adminState =
        new AdminState(
            loaded,
            stats,
            clusters,
            listeners,
            telemetry.files(),
            requests,
            new EdgesPage(telemetry.edges()),
            logs);
    actions = new Actions(listeners, telemetry.files(), controlThread, this::failHealth);
    MetricsPage.Sources measured = telemetry.measured();
    admin =
        AdminServer.admin(loops, adminState, new MetricsPage(measured, Optional.empty()), actions);
    metrics =
        AdminServer.metrics(
            loops,
            new MetricsPage(
                measured, metricsOptions.app().map(place -> new AppMetrics(place, Clock.SYSTEM))));
    stats.recycle((each, then) -> loops.pass(each, () -> controlThread.execute(then)));
    names =
        new DnsClusters(
            loops,
            controlThread,
            stats,
            new SplittableRandom(),
            this::resolved,
            logs.of(Component.DNS));
    controlThread.repeat(SWEEP_INTERVAL, () -> clusters.sweep(System.nanoTime()));
    controlThread.repeat(SWEEP_INTERVAL, listeners::sweep);
    LoopDelays delays =
        new LoopDelays(
            loops.all(),
            stats,
            new FoldedLog(main, Clock.SYSTEM),
            controlThread::execute,
            CpuQuota::throttledMicros);
    controlThread.repeat(LoopDelays.INTERVAL, delays::ask);
    controlThread.repeat(BIND_INTERVAL, () -> listeners.retry().forEach(log));
  }

  /**
   * Puts the static configuration in force, and begins to stream the rest.
   *
   * @param loaded the bootstrap
   * @param parser reads what streams
   * @param lastGood where the last good configuration is kept; empty: nowhere
   * @return what could not be done, a line each
   */
  public List<String> start(
      Loaded.Accepted loaded, ResourceParser parser, Optional<Path> lastGood) {
    Bootstrap bootstrap = loaded.bootstrap();
    List<String> problems = new ArrayList<>();
    bootstrap.admin().ifPresent(config -> admin.bind(config.address()).ifPresent(problems::add));
    metricsOptions.address().ifPresent(at -> metrics.bind(at).ifPresent(problems::add));
    telemetry.start(bootstrap.metricsSinks(), controlThread);
    List<Listener> listeners =
        bootstrap.dynamicResources().isEmpty()
            ? bootstrap.listeners()
            : DynamicConfig.independentListeners(bootstrap);
    names.awaitReady(bootstrap.clusters());
    // Before what is made of them.
    bootstrap.secrets().forEach(each -> controlThread.execute(() -> secretFiles.put(each)));
    problems.addAll(apply(new Configuration(listeners, Map.of(), bootstrap.clusters(), Map.of())));
    CompletableFuture<Void> asked = new CompletableFuture<>();
    bootstrap
        .identity()
        .ifPresentOrElse(config -> certify(config, asked), () -> asked.complete(null));
    if (bootstrap.dynamicResources().isEmpty()) {
      adminState.ready(true);
    } else if (problems.isEmpty()) {
      stream(bootstrap, bootstrap.dynamicResources().get(), parser, lastGood, asked);
    }
    return problems;
  }

  private Optional<IdentityStatus> identity() {
    return adminState.identity();
  }

  private Optional<Instant> configuredAt() {
    return adminState.configuredAt();
  }

  private void failHealth(boolean fail) {
    adminState.failHealth(fail);
    controlThread.execute(() -> {
      AppProbe probe = appProbe;
      if (probe != null) {
        probe.withhold(fail);
      }
    });
  }

  /** Of a process in which there is nothing else: see {@link HeapBound}. */
  public void boundHeap() {
    controlThread.repeat(HEAP_INTERVAL, new HeapBound()::look);
  }

  /** What {@code /quitquitquit} does; until it is said, nothing. It is to return at once. */
  public void onQuit(Runnable end) {
    actions.onQuit(end);
  }

  private AsyncClient client(int loop) {
    return clients.get(loop);
  }

  /**
   * @param asked completed on the control thread when the CA has answered, well or not, or is slow
   */
  private void certify(WorkloadIdentity config, CompletableFuture<Void> asked) {
    CertificateRenewal made =
        Certification.create(
            config,
            client(0),
            controlThread,
            secrets,
            stats,
            () -> {
              asked.complete(null);
              DynamicConfig streaming = dynamic;
              if (streaming != null) {
                streaming.retryNow();
              }
            },
            () -> asked.complete(null),
            logs.of(Component.IDENTITY));
    certification = made;
    Future<?> _ = controlThread.schedule(CA_IS_SLOW, () -> asked.complete(null));
    adminState.identity(made::status);
    control.execute(made::start);
  }

  /** Control thread. */
  private void resolved(String name, DnsDiscovery dns, ClusterLoadAssignment endpoints) {
    LiveCluster live = clusters.get(name);
    if (live != null && live.config().discovery().equals(dns)) {
      clusters.endpoints(name, endpoints);
    }
  }

  private void stream(
      Bootstrap bootstrap,
      DynamicResources resources,
      ResourceParser parser,
      Optional<Path> lastGood,
      CompletableFuture<Void> asked) {
    Optional<LastGoodFile> file =
        lastGood.map(path -> new LastGoodFile(path, bootstrap.node().id(), log));
    DynamicConfig made =
        ConfigStream.create(
            bootstrap,
            resources,
            parser,
            client(0),
            controlThread,
            file,
            names,
            destinations,
            configuration -> {
              List<ListenerProblem> undone = applyNow(configuration);
              undone.forEach(problem -> log.accept(problem.toString()));
              return undone;
            },
            clusters::endpoints,
            secretFiles,
            adminState,
            stats,
            log);
    dynamic = made;
    adminState.dynamic(made);
    resources
        .ads()
        .ifPresent(ads -> {
          adminState.directory(
              new ServiceDirectory(
                  client(0), ads.cluster(), ads.authority().orElse(ads.cluster())));
          probe(ads, made);
          summarise(bootstrap, ads, made);
        });
    // Not before there is a certificate to show, if there is to be one.
    CompletableFuture<Void> _ = asked.thenRunAsync(made::start, controlThread::execute);
  }

  /** Has the control plane told of the traffic, if it is one of Weir's and wants it. */
  private void summarise(Bootstrap bootstrap, ConfigSource.Grpc ads, DynamicConfig streaming) {
    Summaries made =
        new Summaries(
            new Summaries.Place(
                client(0),
                ads.cluster(),
                ads.authority().orElse(ads.cluster()),
                NodeMessage.of(bootstrap.node(), ConfigStream.version(), false)),
            controlThread,
            Backoff.standard(new SplittableRandom()),
            telemetry.edges(),
            clusters,
            stats,
            Clock.SYSTEM,
            logs.of(Component.STATS));
    summaries = made;
    streaming.onWeir(made::controlPlane);
  }

  /** Has the control plane told which of the app's ports accept. */
  private void probe(ConfigSource.Grpc ads, DynamicConfig streaming) {
    AppProbe probe =
        new AppProbe(
            clusters, loops, connector, controlThread, ads.cluster(), streaming::readyPorts);
    appProbe = probe;
    controlThread.repeat(AppProbe.INTERVAL, probe::run);
  }

  /**
   * Makes {@code configuration} the one in force; what cannot be compiled or bound is left out, a
   * line each. Any thread but the control thread.
   */
  private List<String> apply(Configuration configuration) {
    try {
      return control.submit(() -> applyNow(configuration)).get().stream()
          .map(ListenerProblem::toString)
          .toList();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of("interrupted");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /**
   * Make before break: what routes lead to is there with its hosts before they do, and goes after
   * they no longer do. Control thread.
   */
  private List<ListenerProblem> applyNow(Configuration configuration) {
    List<ListenerProblem> problems = new ArrayList<>();
    List<CompiledListener> compiled = compiler.compile(configuration, problems);
    Map<String, ClusterLoadAssignment> endpoints = new HashMap<>(configuration.endpoints());
    configuration
        .clusters()
        .forEach(cluster ->
            names.endpoints(cluster).ifPresent(known -> endpoints.put(cluster.name(), known)));
    clusters.put(configuration.clusters(), endpoints);
    telemetry.applying(configuration);
    problems.addAll(listeners.apply(compiled));
    telemetry.tell(configuration.listeners());
    compiler.letGo();
    clusters.retain(configuration.clusters());
    destinations.lookAgain();
    adminState.configured();
    return problems;
  }

  /** Where the listeners listen, by name. */
  public Map<String, SocketAddress> addresses() {
    return listeners.addresses();
  }

  public Optional<SocketAddress> adminAddress() {
    return admin.address();
  }

  /** Where metrics are read from outside. */
  public Optional<SocketAddress> metricsAddress() {
    return metrics.address();
  }

  public Stats stats() {
    return stats;
  }

  /** Who calls whom through this sidecar. */
  public Edges edges() {
    return telemetry.edges();
  }

  public ClusterManager clusters() {
    return clusters;
  }

  /** The program's own mistakes since the start. */
  public Incidents incidents() {
    return incidents;
  }

  public Loops loops() {
    return loops;
  }

  private Optional<String> outage(Instant begin, Instant end) {
    DynamicConfig streaming = dynamic;
    return streaming == null ? Optional.empty() : streaming.away(begin, end);
  }

  /**
   * Lets requests end, for at most {@code limit}: first those of other workloads, from whom nothing
   * new is accepted, and then the app's own, which it may need to answer them.
   *
   * @return how many connections were still open at the end
   */
  public int drain(Duration limit) {
    adminState.draining();
    DynamicConfig streaming = dynamic;
    if (streaming != null) {
      control.execute(() -> {
        AppProbe probe = appProbe;
        if (probe != null) {
          probe.stop();
        }
        streaming.readyPorts(List.of());
      });
    }
    return Ending.drain(listeners, control, limit);
  }

  /** Cuts what is open and ends all threads. A second call does nothing. */
  @Override
  public synchronized void close() {
    if (control.isShutdown()) {
      return;
    }
    DynamicConfig streaming = dynamic;
    CertificateRenewal certifying = certification;
    Summaries telling = summaries;
    control.execute(() -> {
      if (telling != null) {
        telling.close();
      }
      if (certifying != null) {
        certifying.close();
      }
      if (streaming != null) {
        streaming.close();
      }
      secretFiles.close();
      names.close();
      listeners.close();
    });
    control.shutdown();
    try {
      if (!control.awaitTermination(2, TimeUnit.SECONDS)) {
        control.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (telling != null) {
      Ending.await(telling.ended(), LAST_SUMMARY); // what is cut off is not read
    }
    telemetry.end();
    admin.close();
    metrics.close();
    loops.close();
    tlsTasks.close();
    telemetry.close();
  }
}
