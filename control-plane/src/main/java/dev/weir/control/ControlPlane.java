package dev.weir.control;

import dev.weir.cli.Version;
import dev.weir.control.admin.AdminServer;
import dev.weir.control.compile.Mesh;
import dev.weir.control.installation.CaSecret;
import dev.weir.control.link.Linked;
import dev.weir.control.link.Sources;
import dev.weir.control.metrics.MeshCollector;
import dev.weir.control.metrics.Meters;
import dev.weir.control.metrics.MetricsServer;
import dev.weir.control.model.ObjectName;
import dev.weir.control.server.OpenStreams;
import dev.weir.control.server.OtherControlPlanes;
import dev.weir.control.server.Senders;
import dev.weir.control.server.ServiceDirectory;
import dev.weir.control.snapshot.Snapshots;
import dev.weir.control.source.Source;
import dev.weir.control.source.file.FolderSource;
import dev.weir.control.source.file.FolderWatch;
import dev.weir.control.token.Holders;
import dev.weir.control.traffic.MeshEvents;
import dev.weir.control.traffic.Speakers.Speaker;
import dev.weir.control.traffic.TrafficStore;
import dev.weir.control.ui.Ui;
import dev.weir.control.ui.mesh.MeshPages;
import dev.weir.control.workload.Pods;
import dev.weir.control.workload.WorkloadRegistry;
import dev.weir.control.workload.WorkloadRegistry.Known;
import dev.weir.protos.yaml.Json;
import io.grpc.BindableService;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * The assembly: a folder or a cluster, the workloads there are, and the streams they are served by,
 * joined on one control thread. What an event touches is marked; some time later, once for all
 * events until then, that is compiled and what differs is sent.
 */
public final class ControlPlane implements AutoCloseable {
  private static final int MAX_STREAMS = 20_000;
  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(5);

  /** Of 5,000 edges whose both sides count, and of all that is kept of them. */
  private static final int MOST_SERIES = 10_000;

  private static final long MOST_TRAFFIC_BYTES = 128L << 20;

  private final Settings settings;
  private final Clock clock;
  private final Kept kept;
  private final Sources sources;
  private final Consumer<Linked> report;
  private final Consumer<String> told;
  private final Consumer<Throwable> failed;

  private final Refusals refusals;
  private final TrafficStore traffic = new TrafficStore(MOST_SERIES, MOST_TRAFFIC_BYTES);
  private final MeshEvents events = new MeshEvents();

  private final Meters meters = new Meters(new Version("weir", ControlPlane.class).number());

  private final ControlThread control;
  private final Snapshots snapshots;
  private final WorkloadRegistry workloads;
  private final Pods pods;
  private final OpenStreams streams;
  private final Optional<InCluster> cluster;
  private final Optional<FolderWatch> watch;
  private final Looks looks = new Looks(this::rescan);
  private final Connections connections;
  private final Optional<Trust> trust;
  private final Optional<ClusterDuties> duties;
  private final Optional<ClusterStatus> status;
  private final AdsServer server;
  private final Ui ui;
  private final AdminServer admin;
  private final Optional<MetricsServer> metrics;
  private final Senders senders;

  private final Rounds rounds;
  private final Touched touched;
  private final WarmUp warmUp;
  private final Keeping keeping;
  private final Compilation compilation;
  private final MeshTelemetry telemetry;
  private final Answers answers;

  /** What a start that fails has to close, in the order in which it was opened. */
  private final List<Runnable> opened = new ArrayList<>();

  private final long started = System.nanoTime();
  private volatile boolean draining;

  /**
   * Starts it; it serves when this returns.
   *
   * @param report is told what is in force and the findings when it serves, and on the control
   *     thread whenever the findings are other ones
   * @param told is told what people should know, a line each, on any thread: what a proxy does not
   *     take, of many that refuse the same the first; what cannot be kept for the next start
   * @param failed is told of a mistake of the program's own; it goes on with the next event
   */
  public ControlPlane(
      Settings settings,
      Clock clock,
      Consumer<Linked> report,
      Consumer<String> told,
      Consumer<Throwable> failed)
      throws IOException {
    this.settings = settings;
    this.report = report;
    this.told = told;
    this.failed =
        mistake -> {
          meters.mistake();
          failed.accept(mistake);
        };
    this.clock = clock;
    this.refusals = new Refusals(told, events, clock);
    this.connections = new Connections(told, meters::cut);
    MistakenServices mistaken =
        new MistakenServices(this.failed, new Seldom(told, System::nanoTime));
    this.snapshots = new Snapshots(mistaken);
    this.kept = new Kept(settings.state(), told);
    this.senders = new Senders(Runtime.getRuntime().availableProcessors(), this.failed);
    this.control = new ControlThread(this.failed, senders::flush, LONGEST_ANSWER);
    this.rounds = new Rounds(settings.debounce(), control::after, System::nanoTime, this::round);
    this.touched = new Touched(rounds::ask);
    this.pods =
        new Pods(
            touched, settings.cluster().filter(of -> of.injection().besideIstio()).isPresent());
    PodFeed feed = new PodFeed(pods, control);
    try {
      this.cluster = cluster(feed);
      cluster.ifPresent(of -> opened.add(of::close));
    } catch (IOException e) {
      abandon(e);
      throw e;
    }
    List<Source> places = new ArrayList<>();
    settings.config().ifPresent(of -> places.add(new FolderSource(of, clock, kept.files())));
    cluster.ifPresent(of -> places.add(of.source()));
    this.sources = new Sources(places, clock.getZone());
    this.workloads =
        new WorkloadRegistry(
            task -> control.after(settings.grace(), task),
            task -> control.after(settings.warmUp(), task),
            touched::service);
    this.compilation =
        new Compilation(
            sources.scan(),
            trustDomain(),
            touched,
            snapshots,
            workloads,
            pods,
            refusals,
            mistaken,
            new Edits(events, clock));
    this.telemetry =
        new MeshTelemetry(
            settings.summaries(),
            traffic,
            events,
            pods,
            MAX_STREAMS,
            control,
            meters,
            clock,
            refusals::client,
            this.failed);
    this.warmUp = new WarmUp(settings.warmUp(), this::uptime, control::after, this::warmedUp);
    this.keeping = new Keeping(kept, this::instances, snapshots::called, control::after);
    this.streams =
        new OpenStreams(
            control,
            senders,
            new MeshStreams(
                compilation,
                snapshots,
                workloads,
                pods,
                rounds,
                warmUp,
                keeping,
                refusals,
                meters,
                clock,
                this::uptime),
            workloads::ended,
            MAX_STREAMS,
            connections::full);
    Optional<OtherControlPlanes> others;
    workloads.restore(kept.instances(clock.instant()));
    kept.calls().forEach(snapshots::called);
    try {
      control.call(() -> {
        pods.services(compilation.linked().model().services().values());
        feed.begin(); // what comes from now on waits behind this
        compile();
        touched.begin();
        if (settings.config().isEmpty()) {
          warmUp.skip(); // the cluster says who is there
        }
      });
      Optional<CaSecret> secret = caSecret();
      this.trust = trust();
      trust.ifPresent(of -> opened.add(of::close));
      this.duties = duties(secret);
      duties.ifPresent(of -> opened.add(of::close));
      this.answers = new Answers(control, compilation, snapshots, pods, streams, trust, telemetry);
      this.server = adsServer();
      opened.add(server::shutdownNow);
      this.ui = new Ui(new MeshPages(answers, traffic, events, clock).pages(), Ui.EVERY);
      opened.add(ui::close);
      this.admin = adminServer();
      opened.add(admin::close);
      this.metrics = metricsServer();
      metrics.ifPresent(of -> opened.add(of::close));
      others = otherControlPlanes();
      report.accept(compilation.linked()); // before the watch, which reports too
      this.watch = watch();
    } catch (IOException e) {
      abandon(e);
      throw e;
    }
    opened.clear();
    this.status = cluster.map(of -> of.status(answers::moment, others));
    meters.registry().register(new MeshCollector(this::counts, new Seldom(told, System::nanoTime)));
    looks.run(); // what happened to the cluster since then
    warmUp.begin();
    keeping.begin();
    telemetry.begin(control);
    new Sweep(streams, snapshots, clock, this::uptime, control::after, told).begin();
  }

  private Optional<InCluster> cluster(PodFeed feed) throws IOException {
    return settings.cluster().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new InCluster(
                settings.cluster().get(), clock, this::lookAtCluster, feed, told, failed));
  }

  private void lookAtCluster() {
    if (touched.begun()) {
      looks.run();
    }
  }

  private String trustDomain() {
    return settings.security().map(Settings.Security::trustDomain).orElse(Mesh.TRUST_DOMAIN);
  }

  private Optional<CaSecret> caSecret() throws IOException {
    return cluster.isEmpty() || settings.security().isEmpty()
        ? Optional.empty()
        : cluster.get().caSecret(settings.security().get());
  }

  private Optional<ClusterDuties> duties(Optional<CaSecret> secret) throws IOException {
    return cluster.isEmpty() || trust.isEmpty()
        ? Optional.empty()
        : Optional.of(
            cluster
                .get()
                .duties(trust.get(), secret, this::ready, settings.rescan(), meters::reviewed));
  }

  private Optional<OtherControlPlanes> otherControlPlanes() throws IOException {
    return cluster.isEmpty() || trust.isEmpty()
        ? Optional.empty()
        : Optional.of(cluster.get().others(trust.get()));
  }

  private Optional<FolderWatch> watch() throws IOException {
    return settings.config().isEmpty()
        ? Optional.empty()
        : Optional.of(new FolderWatch(settings.config().get(), settings.rescan(), this::rescan));
  }

  private Optional<Trust> trust() throws IOException {
    if (settings.security().isEmpty()) {
      return Optional.empty();
    }
    Settings.Security security = settings.security().get();
    Optional<Holders> holders = cluster.map(of -> of.source().holders(security.trustDomain()));
    return Optional.of(new Trust(security, holders, settings.rescan(), clock, told, failed));
  }

  private AdsServer adsServer() throws CannotListen {
    List<BindableService> beside = new ArrayList<>();
    beside.add(new ServiceDirectory(() -> Json.print(answers.services())));
    beside.addAll(telemetry.services());
    trust.ifPresent(one -> beside.add(one.reach(answers::part)));
    return new AdsServer(settings, connections, streams, control, trust, beside);
  }

  private AdminServer adminServer() throws CannotListen {
    return CannotListen.unless(
        "--admin",
        settings.admin(),
        () -> new AdminServer(settings.admin(), answers.pages(this::ready), ui.handlers()));
  }

  private Optional<MetricsServer> metricsServer() throws CannotListen {
    if (settings.metrics().isEmpty()) {
      return Optional.empty();
    }
    InetSocketAddress address = settings.metrics().get();
    return Optional.of(
        CannotListen.unless("--metrics", address, () -> new MetricsServer(address, meters)));
  }

  /** Of a start that failed: nothing of it goes on, and others may have what it had. */
  private void abandon(IOException why) {
    opened.reversed().forEach(Runnable::run);
    looks.close();
    connections.abandon();
    senders.close();
    control.close();
    try {
      kept.close();
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  /** Where sidecars connect. */
  public InetSocketAddress listen() {
    return server.address();
  }

  public InetSocketAddress admin() {
    return admin.address();
  }

  /** The proxies that tell of their traffic. Any thread. */
  public List<Speaker> speakers() {
    return telemetry.speakers().all();
  }

  /** What happened in the mesh of late. Any thread. */
  public MeshEvents events() {
    return events;
  }

  /** Where Prometheus asks, if it may. */
  public Optional<InetSocketAddress> metrics() {
    return metrics.map(
        of -> new InetSocketAddress(settings.metrics().orElseThrow().getAddress(), of.port()));
  }

  /** On the threads of those that watch the sources, of which one at a time looks at them. */
  private synchronized void rescan() {
    try {
      Linked next = sources.scan();
      Map<String, String> seen = cluster.map(of -> of.source().looked()).orElse(Map.of());
      control.execute(() -> {
        if (compilation.take(next, seen)) {
          report.accept(next);
        }
      });
    } catch (RuntimeException mistake) {
      failed.accept(mistake); // The next look may fare better.
    }
  }

  private void round() {
    senders.flush(); // nobody waits for a round that is another's
    long begun = System.nanoTime();
    streams.refresh(compile());
    meters.round(Duration.ofNanos(System.nanoTime() - begun));
    if (touched.takePlaces()) {
      streams.endings().endMoved();
    }
  }

  /** Returns the services to whose instances something happened. */
  private Set<ObjectName> compile() {
    Compilation.Compiled compiled = compilation.compile();
    if (compiled.others()) {
      keeping.instances();
    }
    return compiled.services();
  }

  private void warmedUp() {
    workloads.warmedUp();
    streams.refreshAll();
  }

  private List<Known> instances() {
    return workloads.known(compilation.model().services().keySet(), clock.instant());
  }

  /** Since the start, by a clock that nobody sets. */
  private Duration uptime() {
    return Duration.ofNanos(System.nanoTime() - started);
  }

  private MeshCollector.Moment counts() throws Exception {
    return answers.counts(status.map(ClusterStatus::leads));
  }

  private Map<String, Boolean> ready() {
    if (draining) {
      throw new IllegalStateException("it is told to stop");
    }
    return Map.of("ready", true);
  }

  /**
   * Ends the streams cleanly, over a second if there are many: it says first that it is not ready,
   * and that no stream shall begin on the connections there are. Close it then.
   */
  public void drain() throws IOException {
    draining = true;
    telemetry.drain();
    server.drain();
  }

  @Override
  public void close() throws IOException {
    try {
      control.ask(() -> {
        keeping.now();
        return true;
      });
    } catch (ExecutionException | TimeoutException e) {
      told.accept("what happened in the last second is not kept: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    status.ifPresent(ClusterStatus::close);
    duties.ifPresent(ClusterDuties::close);
    looks.close();
    if (watch.isPresent()) {
      watch.get().close();
    }
    cluster.ifPresent(InCluster::close);
    kept.close();
    admin.close();
    ui.close();
    metrics.ifPresent(MetricsServer::close);
    server.shutdownNow();
    trust.ifPresent(Trust::close);
    control.close();
    senders.close();
    try {
      server.awaitEnd();
      connections.end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
