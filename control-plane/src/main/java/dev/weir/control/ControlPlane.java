package dev.weir.control;

import dev.weir.cli.Version;
import dev.weir.control.admin.AdminServer;
import dev.weir.control.admin.ServicesPage;
import dev.weir.control.ca.CertificateAuthority;
import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.VirtualAddresses;
import dev.weir.control.installation.CaSecret;
import dev.weir.control.json.Json;
import dev.weir.control.link.Linked;
import dev.weir.control.link.Sources;
import dev.weir.control.metrics.MeshCollector;
import dev.weir.control.metrics.Meters;
import dev.weir.control.metrics.MetricsServer;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.ServicePort;
import dev.weir.control.server.AdsService;
import dev.weir.control.server.OpenStreams;
import dev.weir.control.server.OtherControlPlanes;
import dev.weir.control.server.PolicyReach;
import dev.weir.control.server.ProxyReport;
import dev.weir.control.server.Senders;
import dev.weir.control.server.ServiceDirectory;
import dev.weir.control.snapshot.Snapshots;
import dev.weir.control.source.Source;
import dev.weir.control.source.file.FolderSource;
import dev.weir.control.source.file.FolderWatch;
import dev.weir.control.source.kubernetes.KubernetesClients;
import dev.weir.control.source.kubernetes.KubernetesSource;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.status.PlainCallers;
import dev.weir.control.token.Holders;
import dev.weir.control.workload.Endpoints;
import dev.weir.control.workload.Pods;
import dev.weir.control.workload.WorkloadRegistry;
import dev.weir.control.workload.WorkloadRegistry.Known;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The assembly: a folder or a cluster, the workloads there are, and the streams they are served by,
 * joined on one control thread. What an event touches is marked; some time later, once for all
 * events until then, that is compiled and what differs is sent.
 */
public final class ControlPlane implements AutoCloseable {
  /** What clients know Weir's control plane by. */
  static final String IDENTIFIER = "weir";

  private static final int MAX_STREAMS = 20_000;

  /** Room for the versions of all that a client may name. */
  private static final int MAX_REQUEST_BYTES = 16 << 20;

  /** In the buffers of connections; what is between them is lost, so that half is all. */
  private static final long MOST_BUFFERED = PlatformDependent.maxDirectMemory() / 2;

  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(5);
  private static final Duration LONGEST_END = Duration.ofSeconds(5);

  /** Streams end in so many shares, so that not all clients come back at once. */
  private static final int SHARES = 20;

  private static final Duration BETWEEN_SHARES = Duration.ofMillis(50);

  /** Of the time after which nothing was heard of a client, until it is asked for an answer. */
  private static final double UNTIL_ASKED = 0.6;

  /** For a client that has something to read or to answer. */
  private static final Duration LONGEST_SILENCE = Duration.ofMinutes(2);

  /** While connections hold as much as they may, and the others wait. */
  private static final Duration LONGEST_SILENCE_WHEN_FULL = Duration.ofSeconds(15);

  private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(2);

  private final Settings settings;
  private final Clock clock;
  private final Kept kept;
  private final Sources sources;
  private final Consumer<Linked> report;
  private final Consumer<String> told;
  private final Consumer<Throwable> failed;

  private final Refusals refusals;

  /** Is told what clients are refused for, a line each. */
  private final Consumer<String> refused;

  private final Meters meters = new Meters(new Version("weir", ControlPlane.class).number());

  private final ControlThread control;
  private final VirtualAddresses addresses = new VirtualAddresses();
  private final Snapshots snapshots = new Snapshots();
  private final WorkloadRegistry workloads;
  private final Pods pods;
  private final OpenStreams streams;
  private final Optional<KubernetesSource> cluster;
  private final Optional<FolderWatch> watch;
  private final Looks looks = new Looks(this::rescan);
  private final PooledByteBufAllocator buffers = new PooledByteBufAllocator(true);
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          Runtime.getRuntime().availableProcessors(),
          new DefaultThreadFactory("ads", true),
          NioIoHandler.newFactory());
  private final Optional<Trust> trust;
  private final Optional<ClusterDuties> duties;
  private final Optional<ClusterStatus> status;
  private final Server server;
  private final AdminServer admin;
  private final Optional<MetricsServer> metrics;
  private final Senders senders;

  /**
   * Of our own, to be waited for: what answers after the loops have ended loses its buffers.
   * Virtual threads, since as many as there are clients may wait for what a token's giver says.
   */
  private final ExecutorService calls =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("ads-call-", 0).factory());

  private final Rounds rounds;
  private final WarmUp warmUp;
  private final Keeping keeping;
  private Linked linked;

  /** The versions of the cluster's objects that it is linked from. */
  private Map<String, String> looked = Map.of();

  /** Whether there is a model to compile. */
  private boolean edited = true;

  /** What is compiled, without the endpoints. */
  private MeshModel model = MeshModel.EMPTY;

  /** Services whose endpoints may be other ones. */
  private final Set<ObjectName> stirred = new HashSet<>();

  /** Whether a pod may be another service's than its stream was told. */
  private boolean podsMoved;

  /** What a start that fails has to close, in the order in which it was opened. */
  private final List<Runnable> opened = new ArrayList<>();

  /** Whether something is compiled; until then the control thread has nothing to do. */
  private volatile boolean begun;

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
    this.refusals = new Refusals(told);
    this.refused = new Seldom(told, System::nanoTime);
    this.kept = new Kept(settings.state(), told);
    this.senders = new Senders(Runtime.getRuntime().availableProcessors(), this.failed);
    this.control = new ControlThread(this.failed, senders::flush, LONGEST_ANSWER);
    this.pods =
        new Pods(
            new PodChanges(),
            settings.cluster().filter(of -> of.injection().besideIstio()).isPresent());
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
    cluster.ifPresent(places::add);
    this.sources = new Sources(places, clock.getZone());
    this.workloads =
        new WorkloadRegistry(
            task -> control.after(settings.grace(), task),
            task -> control.after(settings.warmUp(), task),
            this::stir);
    this.rounds = new Rounds(settings.debounce(), control::after, System::nanoTime, this::round);
    this.warmUp = new WarmUp(settings.warmUp(), this::uptime, control::after, this::warmedUp);
    this.keeping = new Keeping(kept, this::instances, snapshots::called, control::after);
    this.streams =
        new OpenStreams(
            control,
            senders,
            new MeshStreams(
                new View(), snapshots, workloads, pods, rounds, warmUp, keeping, refusals, meters),
            workloads::ended,
            MAX_STREAMS,
            () -> buffers.pinnedDirectMemory() > MOST_BUFFERED);
    this.linked = sources.scan();
    Optional<OtherControlPlanes> others;
    workloads.restore(kept.instances(clock.instant()));
    kept.calls().forEach(snapshots::called);
    try {
      control.call(() -> {
        pods.services(linked.model().services().values());
        feed.begin(); // what comes from now on waits behind this
        compile();
        begun = true;
        if (settings.config().isEmpty()) {
          warmUp.skip(); // the cluster says who is there
        }
      });
      Optional<CaSecret> secret = caSecret();
      this.trust = trust();
      trust.ifPresent(of -> opened.add(of::close));
      this.duties = duties(secret);
      duties.ifPresent(of -> opened.add(of::close));
      this.server = adsServer();
      opened.add(server::shutdownNow);
      this.admin = adminServer();
      opened.add(admin::close);
      this.metrics = metricsServer();
      metrics.ifPresent(of -> opened.add(of::close));
      others = otherControlPlanes();
      report.accept(linked); // before the watch, which reports too
      this.watch = watch();
    } catch (IOException e) {
      abandon(e);
      throw e;
    }
    opened.clear();
    this.status = cluster.map(of -> status(of, others));
    meters.registry().register(new MeshCollector(this::counts, new Seldom(told, System::nanoTime)));
    looks.run(); // what happened to the cluster since then
    warmUp.begin();
    keeping.begin();
    control.after(BETWEEN_SWEEPS, this::sweep);
  }

  private Optional<KubernetesSource> cluster(PodFeed feed) throws IOException {
    if (settings.cluster().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new KubernetesSource(
            KubernetesClients.of(
                settings.cluster().get().kubeconfig(), settings.cluster().get().context()),
            clock,
            () -> {
              if (begun) {
                looks.run();
              }
            },
            feed,
            new Seldom(told, System::nanoTime),
            failed));
  }

  /** The CA's folder has what the cluster has, when this returns. */
  private Optional<CaSecret> caSecret() throws IOException {
    Optional<String> name = settings.cluster().flatMap(Settings.Cluster::caSecret);
    if (name.isEmpty() || settings.security().isEmpty() || cluster.isEmpty()) {
      return Optional.empty();
    }
    Settings.Security security = settings.security().get();
    CaSecret secret =
        new CaSecret(
            cluster.get().client(), cluster.get().ownNamespace(), name.get(), security.ca());
    secret.begin(
        folder -> CertificateAuthority.make(folder, security.trustDomain(), clock, Trust.random()));
    return Optional.of(secret);
  }

  private Optional<ClusterDuties> duties(Optional<CaSecret> secret) throws IOException {
    if (cluster.isEmpty() || trust.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new ClusterDuties(
            cluster.get().client(),
            settings.cluster().orElseThrow(),
            trust.get(),
            secret,
            this::ready,
            settings.rescan(),
            meters::reviewed,
            new Seldom(told, System::nanoTime),
            failed));
  }

  private ClusterStatus status(KubernetesSource of, Optional<OtherControlPlanes> others) {
    Consumer<String> seldom = new Seldom(told, System::nanoTime);
    return new ClusterStatus(of, clock, this::moment, others, seldom, failed);
  }

  private Optional<OtherControlPlanes> otherControlPlanes() throws IOException {
    return cluster.isEmpty() || trust.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new OtherControlPlanes(
                trust.get().clientTls(), System::nanoTime, new Seldom(told, System::nanoTime)));
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
    Optional<Holders> holders = cluster.map(of -> of.holders(security.trustDomain()));
    return Optional.of(new Trust(security, holders, settings.rescan(), clock, told, failed));
  }

  private Server adsServer() throws CannotListen {
    long deadAfter = settings.deadAfter().toMillis();
    long untilAsked = Math.round(deadAfter * UNTIL_ASKED);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(settings.listen())
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .channelType(NioServerSocketChannel.class)
            .executor(calls)
            .withChildOption(ChannelOption.ALLOCATOR, buffers)
            .addService(new AdsService(streams, IDENTIFIER))
            .addService(new ServiceDirectory(() -> Json.print(services())))
            .maxInboundMessageSize(MAX_REQUEST_BYTES)
            .keepAliveTime(untilAsked, TimeUnit.MILLISECONDS)
            .keepAliveTimeout(deadAfter - untilAsked, TimeUnit.MILLISECONDS)
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true);
    trust.ifPresent(one -> {
      one.secure(builder);
      builder.addService(one.reach(this::part));
    });
    try {
      return builder.build().start();
    } catch (IOException e) {
      throw new CannotListen("--listen", settings.listen(), e);
    }
  }

  private AdminServer adminServer() throws CannotListen {
    try {
      return new AdminServer(settings.admin(), pages());
    } catch (IOException e) {
      throw new CannotListen("--admin", settings.admin(), e);
    }
  }

  private Optional<MetricsServer> metricsServer() throws CannotListen {
    if (settings.metrics().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new MetricsServer(settings.metrics().get(), meters));
    } catch (IOException e) {
      throw new CannotListen("--metrics", settings.metrics().get(), e);
    }
  }

  /** Of a start that failed: nothing of it goes on, and others may have what it had. */
  private void abandon(IOException why) {
    opened.reversed().forEach(Runnable::run);
    looks.close();
    loops.shutdownGracefully();
    calls.shutdown();
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
    SocketAddress address = server.getListenSockets().getFirst();
    return (InetSocketAddress) address;
  }

  public InetSocketAddress admin() {
    return admin.address();
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
      Map<String, String> seen = cluster.map(KubernetesSource::looked).orElse(Map.of());
      control.execute(() -> {
        looked = seen;
        take(next);
      });
    } catch (RuntimeException mistake) {
      failed.accept(mistake); // The next look may fare better.
    }
  }

  private void take(Linked next) {
    if (next.equals(linked)) {
      return;
    }
    boolean otherFindings = !next.findings().equals(linked.findings());
    edited |= !next.model().equals(linked.model());
    linked = next;
    if (otherFindings) {
      report.accept(next);
    }
    if (edited) {
      rounds.ask();
    }
  }

  private void stir(ObjectName service) {
    stirred.add(service);
    rounds.ask();
  }

  private void round() {
    senders.flush(); // nobody waits for a round that is another's
    long begun = System.nanoTime();
    streams.refresh(compile());
    meters.round(Duration.ofNanos(System.nanoTime() - begun));
    if (podsMoved) {
      podsMoved = false;
      streams.endMoved();
    }
  }

  /** What happens to the pods of the cluster, on the control thread. */
  private final class PodChanges implements Pods.Changes {
    @Override
    public void endpoints(ObjectName service) {
      if (begun) {
        stir(service);
      }
    }

    @Override
    public void accounts() {
      edited = true;
      ask();
    }

    @Override
    public void places() {
      podsMoved = true;
      ask();
    }

    private void ask() {
      if (begun) {
        rounds.ask();
      }
    }
  }

  /** Returns the services to whose instances something happened. */
  private Set<ObjectName> compile() {
    if (edited) {
      MeshModel before = model;
      MeshModel next = linked.model();
      Stream.of(before, next)
          .flatMap(one -> one.services().keySet().stream())
          .filter(name -> !next.placesEqually(before, name))
          .forEach(stirred::add);
      refusals.forget();
      pods.services(next.services().values());
      snapshots.replace(
          new Mesh(
              next,
              addresses.of(next.services().values()),
              settings.security().map(Settings.Security::trustDomain).orElse(Mesh.TRUST_DOMAIN),
              pods.accounts()));
      model = next;
      edited = false; // A mistake before leaves it for the next round.
    }
    Map<ObjectName, SortedMap<ServicePort, SortedSet<Endpoint>>> endpoints = new HashMap<>();
    stirred.forEach(
        name -> endpoints.put(name, Endpoints.of(model, name, workloads.of(name), pods)));
    boolean others = snapshots.endpoints(endpoints);
    Set<ObjectName> concerned = Set.copyOf(stirred);
    stirred.clear();
    if (others) {
      keeping.instances();
    }
    return concerned;
  }

  private void warmedUp() {
    workloads.warmedUp();
    streams.refreshAll();
  }

  /** Who does not read holds what was sent to it, and is not told of what changes. */
  private void sweep() {
    control.after(BETWEEN_SWEEPS, this::sweep);
    streams.sweep();
    snapshots.forget(uptime());
    Duration longest = streams.full() ? LONGEST_SILENCE_WHEN_FULL : LONGEST_SILENCE;
    List<Proxy> ended = streams.endStuck(uptime().minus(longest));
    if (!ended.isEmpty()) {
      told.accept(
          "%s: neither read nor answered what it was sent for %d s; its stream is ended"
              .formatted(
                  Refusals.first(
                      ended.stream()
                          .map(proxy -> proxy.id() + " (" + proxy.service() + ")")
                          .collect(Collectors.toCollection(TreeSet::new))),
                  longest.toSeconds()));
    }
    List<String> unproven = streams.endUnproven(clock.instant());
    if (!unproven.isEmpty()) {
      told.accept(
          "%s: what proved who it is has ended; so is its stream, and it may come back with what"
                  .formatted(Refusals.first(new TreeSet<>(unproven)))
              + " is newer");
    }
  }

  private List<Known> instances() {
    return workloads.known(model.services().keySet(), clock.instant());
  }

  /** Since the start, by a clock that nobody sets. */
  private Duration uptime() {
    return Duration.ofNanos(System.nanoTime() - started);
  }

  private Map<String, Callable<?>> pages() {
    return Map.of(
        "/ca",
        () -> trust.map(Trust::page).orElse(Map.of("error", "there is no CA: in plain text")),
        "/ready",
        this::ready,
        "/proxies",
        this::proxies,
        "/findings",
        () -> control.ask(() -> linked).findings().stream().map(Finding::fields).toList(),
        "/services",
        this::services);
  }

  /** What is compiled follows from what is linked, or there is no such moment. */
  private Optional<ClusterStatus.Moment> moment() throws Exception {
    return control.ask(() ->
        edited
            ? Optional.empty()
            : Optional.of(
                new ClusterStatus.Moment(
                    linked,
                    lookedAtProxies(),
                    pods.bare(),
                    pods.namespaces(),
                    pods.partly(),
                    PlainCallers.of(pods.bare(), pods.namespaces(), pods.apart()))));
  }

  private Optional<PolicyReach.Part> part() throws Exception {
    Optional<ClusterStatus.Proxies> proxies =
        control.ask(() -> edited ? Optional.empty() : Optional.of(lookedAtProxies()));
    return proxies.map(ClusterStatus.Proxies::part);
  }

  private ClusterStatus.Proxies lookedAtProxies() {
    return new ClusterStatus.Proxies(looked, ProxyReport.look(streams));
  }

  private Object services() throws Exception {
    Snapshots.Moment now = control.ask(snapshots::moment);
    return ServicesPage.of(now.mesh(), now.endpoints());
  }

  private Object proxies() throws Exception {
    Linked now = control.ask(() -> linked);
    return ProxyReport.of(control.ask(() -> ProxyReport.look(streams)), now::described);
  }

  private MeshCollector.Moment counts() throws Exception {
    Linked now = control.ask(() -> linked);
    int errors = (int) now.findings().stream().filter(Finding::isError).count();
    return new MeshCollector.Moment(
        ProxyReport.states(control.ask(() -> ProxyReport.look(streams))),
        now.kinds(),
        Map.of("error", errors, "warning", now.findings().size() - errors),
        status.map(ClusterStatus::leads),
        trust.map(Trust::counts));
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
    server.shutdown();
    try {
      int share = control.ask(() -> streams.end(0)) / SHARES + 1;
      while (control.ask(() -> streams.end(share)) > 0) {
        Thread.sleep(BETWEEN_SHARES);
      }
      server.awaitTermination(LONGEST_END.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("streams are cut: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
    trust.ifPresent(Trust::close);
    looks.close();
    if (watch.isPresent()) {
      watch.get().close();
    }
    cluster.ifPresent(KubernetesSource::close);
    kept.close();
    admin.close();
    metrics.ifPresent(MetricsServer::close);
    server.shutdownNow();
    control.close();
    senders.close();
    try {
      if (!server.awaitTermination(LONGEST_END.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("streams did not end within " + LONGEST_END.toSeconds() + " s");
      }
      calls.shutdown();
      if (!calls.awaitTermination(LONGEST_END.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("calls did not end within " + LONGEST_END.toSeconds() + " s");
      }
      // A closed channel keeps its port until its selector looks again: with the loops ended, the
      // port is free when this returns.
      loops
          .shutdownGracefully(0, LONGEST_END.toSeconds(), TimeUnit.SECONDS)
          .await(LONGEST_END.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What streams see of it. */
  private final class View implements MeshStreams.View {
    @Override
    public MeshModel model() {
      return model;
    }

    @Override
    public String described(String resource) {
      return linked.described(resource);
    }

    @Override
    public void refused(String line) {
      refused.accept(line);
    }

    @Override
    public Instant now() {
      return clock.instant();
    }

    @Override
    public Duration uptime() {
      return ControlPlane.this.uptime();
    }
  }
}
