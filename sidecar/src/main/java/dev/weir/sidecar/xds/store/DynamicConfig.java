package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.config.ConfigSource;
import dev.weir.sidecar.config.Fetch;
import dev.weir.sidecar.config.bootstrap.Bootstrap;
import dev.weir.sidecar.config.bootstrap.DynamicResources;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.log.Log;
import dev.weir.sidecar.resource.ResourceParser;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.xds.ControlThread;
import dev.weir.sidecar.xds.Refused;
import dev.weir.sidecar.xds.Resource;
import dev.weir.sidecar.xds.ResourceHandler;
import dev.weir.sidecar.xds.ResourceSource;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.sidecar.xds.SourceFactory;
import dev.weir.sidecar.xds.StreamClient;
import dev.weir.sidecar.xds.disk.LastGoodFile;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Configuration that is fetched: joins the sources, the store and the file on disk. A source is
 * asked as long as something is to come from it. The file is used once for each source that does
 * not answer at the start; it is written when a change has settled, whether what came or a timeout
 * made it whole. Every method but {@link #away} and {@link #facts} is called on the control thread.
 */
public final class DynamicConfig {
  /** How long a source that neither answers nor refuses is waited for. */
  private static final Duration RESTORE_AFTER = Duration.ofSeconds(2);

  /** Whoever asks for facts waits so long: a large configuration takes a while to compile. */
  private static final Duration LONGEST_GATHERING = Duration.ofSeconds(10);

  private final Bootstrap bootstrap;
  private final DynamicResources dynamic;
  private final SourceFactory factory;
  private final ConfigStore store;
  private final ControlThread control;
  private final LastGood lastGood;
  private final Log log;
  private final Demands demands;
  private final DestinationAnswers destinations;
  private final FetchStats stats;
  private final Optional<Reachability> ads;

  private final Map<Key, Served> served = new LinkedHashMap<>();

  /** One for each control plane, however many sources are there. */
  private final Map<String, Reachability> reachabilities = new HashMap<>();

  private boolean refreshing;
  private boolean answered;
  private boolean initialized;
  private boolean closed;
  private Consumer<Boolean> weirServes = serves -> {};

  /**
   * What it is made of.
   *
   * @param demands what is asked for by name; not of a server that speaks SotW, which never says
   *     that something is not there
   * @param log told what happens, a line each
   */
  public record Parts(
      ResourceParser parser,
      Admission admission,
      SourceFactory sources,
      ControlThread control,
      Optional<LastGoodFile> lastGood,
      NameLookups names,
      Demands demands,
      ConfigSink sink,
      Stats stats,
      Log log) {}

  /** What is served together: all types by ADS, which has no type here, else one. */
  private record Key(ConfigSource source, Optional<ResourceType> type) {}

  public DynamicConfig(Bootstrap bootstrap, DynamicResources dynamic, Parts parts) {
    this.bootstrap = bootstrap;
    this.dynamic = dynamic;
    factory = parts.sources();
    control = parts.control();
    lastGood = new LastGood(parts.lastGood(), control, this::inForce);
    log = parts.log();
    InstantSource clock = InstantSource.system();
    stats = new FetchStats(parts.stats());
    Map<ResourceType, Duration> whole = new EnumMap<>(ResourceType.class);
    whole().forEach((type, fetch) -> whole.put(type, fetch.timeout()));
    store =
        new ConfigStore(
            parts.parser(),
            parts.admission(),
            bootstrap,
            whole,
            control,
            parts.names(),
            this::refreshSoon,
            new Settled(parts.sink()),
            clock);
    demands = parts.demands();
    destinations = new DestinationAnswers(demands, clock);
    demands.onChange(this::refreshSoon);
    ads = dynamic.ads().map(source -> reachability(source.cluster()));
  }

  /** The types that are asked for whole. */
  private Map<ResourceType, Fetch> whole() {
    Map<ResourceType, Fetch> whole = new EnumMap<>(ResourceType.class);
    dynamic.clusters().ifPresent(fetch -> whole.put(ResourceType.CLUSTER, fetch));
    dynamic.listeners().ifPresent(fetch -> whole.put(ResourceType.LISTENER, fetch));
    return whole;
  }

  /** The listeners of {@code bootstrap} that need nothing that is fetched, so that none waits. */
  public static List<Listener> independentListeners(Bootstrap bootstrap) {
    Set<String> clusters =
        bootstrap.clusters().stream()
            .filter(cluster -> References.of(cluster).isEmpty())
            .map(Cluster::name)
            .collect(Collectors.toSet());
    return bootstrap.listeners().stream()
        .filter(listener ->
            References.of(listener).stream()
                .allMatch(reference ->
                    reference.type() == ResourceType.CLUSTER
                        && clusters.contains(reference.name())))
        .toList();
  }

  /**
   * Before {@link #start}.
   *
   * @param serves is told that the stream of ADS is open and its server is Weir's, and that the
   *     stream has ended
   */
  public void onWeir(Consumer<Boolean> serves) {
    weirServes = serves;
  }

  public void start() {
    store.start();
    refresh();
  }

  /** What kept the stream from opening may be over. */
  public void retryNow() {
    served.values().forEach(each -> each.client.retryNow());
  }

  public void close() {
    closed = true;
    served.values().forEach(Served::close);
    lastGood.close();
  }

  /** The application's ports that accept; none: not ready, or draining. */
  public void readyPorts(Collection<Integer> ports) {
    for (Served each : served.values()) {
      if (each.client instanceof StreamClient client && each.isAds()) {
        client.readyPorts(ports);
      }
    }
  }

  /** That the control plane of ADS is away, or refuses this sidecar, and why. Any thread. */
  public Optional<String> away() {
    return ads.flatMap(each -> each.outages().now());
  }

  /** As {@link #away}, some time between the two, with when that began and ended. Any thread. */
  public Optional<String> away(Instant begin, Instant end) {
    return ads.flatMap(each -> each.outages().between(begin, end));
  }

  /**
   * What is known of each resource that streams or is asked for, all at one moment. Any thread that
   * may wait, but the control thread.
   *
   * @throws TimeoutException the control thread is at something else, or has ended
   */
  public Map<ResourceType, List<ResourceFact>> facts()
      throws InterruptedException, TimeoutException {
    CompletableFuture<Map<ResourceType, List<ResourceFact>>> gathered = new CompletableFuture<>();
    control.execute(() -> {
      try {
        gathered.complete(gather());
      } catch (RuntimeException | Error mistake) {
        gathered.completeExceptionally(mistake);
        throw mistake;
      }
    });
    try {
      return gathered.get(LONGEST_GATHERING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private Map<ResourceType, List<ResourceFact>> gather() {
    Map<ResourceType, List<ResourceFact>> facts = new EnumMap<>(ResourceType.class);
    for (ResourceType type : ResourceType.values()) {
      facts.put(type, type == ResourceType.DESTINATION ? destinations.facts() : store.facts(type));
    }
    return facts;
  }

  /** After what is at work now: an answer is acked before it is asked for what it names. */
  private void refreshSoon() {
    if (!refreshing) {
      refreshing = true;
      control.execute(() -> {
        refreshing = false;
        refresh();
      });
    }
  }

  /** Asks each source for what is wanted of it, and leaves those of which nothing is. */
  private void refresh() {
    if (closed) {
      return;
    }
    Set<Key> wanted = wanted();
    for (Served each : new ArrayList<>(served.values())) {
      if (!wanted.contains(each.key)) {
        served.remove(each.key);
        each.close();
      }
    }
    for (Key key : wanted) {
      Served known = served.get(key);
      if (known == null) {
        Served begun = new Served(key);
        served.put(key, begun);
        begun.start();
      } else {
        known.client.wantedChanged();
        if (known.restored && !known.answered) {
          restoreWhatIsWanted(known);
        }
      }
    }
  }

  private Set<Key> wanted() {
    Set<Key> wanted = new LinkedHashSet<>();
    if (dynamic.ads().isPresent()) {
      wanted.add(key(new ConfigSource.Ads(), ResourceType.CLUSTER));
    }
    whole().forEach((type, fetch) -> wanted.add(key(fetch.source(), type)));
    store
        .sources()
        .forEach((type, sources) -> sources.forEach(each -> wanted.add(key(each, type))));
    return wanted;
  }

  private static Key key(ConfigSource source, ResourceType type) {
    return new Key(
        source, source instanceof ConfigSource.Ads ? Optional.empty() : Optional.of(type));
  }

  private void restoreUnlessAnswered(Served each) {
    if (!each.answered && served.containsValue(each)) {
      each.restore();
      each.reachability.ifPresent(Reachability::silent);
    }
  }

  /** Takes what the file has of what is to come from {@code from}, and is not there yet. */
  private void restoreWhatIsWanted(Served from) {
    List<Resource> restored = new ArrayList<>();
    for (ResourceType type : ResourceType.values()) {
      if (!from.serves(type)) {
        continue;
      }
      if (type == ResourceType.DESTINATION) {
        List<Resource> asked = lastGood.atStart(type, each -> !destinations.has(each));
        if (!asked.isEmpty()) {
          destinations.take(asked, Set.of());
          restored.addAll(asked);
        }
        continue;
      }
      SortedSet<String> names = store.wanted(type, from.key.source());
      boolean all = from.wholeTypes().contains(type);
      List<Resource> taken =
          lastGood.atStart(type, name -> (all || names.contains(name)) && !store.has(type, name));
      if (!taken.isEmpty()) {
        store
            .take(from.key.source(), type, taken, Set.of(), false)
            .forEach(refused -> log.accept("xds: not taken from the disk: " + refused));
        restored.addAll(taken);
      }
    }
    if (!restored.isEmpty()) {
      from.reachability.ifPresent(each -> each.restored(lastGood.writtenAt()));
      from.client.inForce(inForce().stream().filter(each -> from.serves(each.type())).toList());
    }
  }

  private List<Resource> inForce() {
    return Stream.concat(store.inForce().stream(), destinations.inForce()).toList();
  }

  private void writeSoon() {
    if (initialized && answered) {
      lastGood.writeSoon();
    }
  }

  private Optional<Reachability> reachability(ConfigSource source) {
    return switch (source) {
      case ConfigSource.Ads _ -> dynamic.ads().flatMap(this::reachability);
      case ConfigSource.Grpc grpc -> Optional.of(reachability(grpc.cluster()));
      case ConfigSource.Rest rest -> Optional.of(reachability(rest.cluster()));
      case ConfigSource.File _ -> Optional.empty();
    };
  }

  private Reachability reachability(String cluster) {
    return reachabilities.computeIfAbsent(cluster, name -> new Reachability(bootstrap, name, log));
  }

  /** What one source serves: the handler of its client. */
  private final class Served implements ResourceHandler {
    final Key key;
    final ResourceSource client;
    final Optional<Reachability> reachability;
    boolean answered;
    boolean restored;
    private boolean connected;

    Served(Key key) {
      this.key = key;
      this.reachability = reachability(key.source());
      this.client =
          key.type().isPresent()
              ? factory.of(key.type().get(), key.source(), this)
              : factory.ads(dynamic.ads().orElseThrow(), this);
    }

    boolean isAds() {
      return key.type().isEmpty();
    }

    boolean serves(ResourceType type) {
      return isAds() || key.type().equals(Optional.of(type));
    }

    /** Of those that it serves, the ones that are asked for whole. */
    Set<ResourceType> wholeTypes() {
      Set<ResourceType> types = new HashSet<>();
      whole()
          .forEach((type, fetch) -> {
            if (key(fetch.source(), type).equals(key)) {
              types.add(type);
            }
          });
      return types;
    }

    void start() {
      wholeTypes().forEach(client::subscribeToAll);
      client.start();
      control.schedule(RESTORE_AFTER, () -> restoreUnlessAnswered(this));
    }

    void close() {
      client.close();
    }

    void restore() {
      if (!answered && !restored) {
        restored = true;
        restoreWhatIsWanted(this);
      }
    }

    private void hasAnswered() {
      if (isAds() && !connected) {
        connected = true;
        stats.connected(true);
      }
      answered = true;
      DynamicConfig.this.answered = true;
      reachability.ifPresent(Reachability::answered);
    }

    @Override
    public List<Refused> onResources(
        ResourceType type, List<Resource> resources, Set<String> removed, boolean complete) {
      hasAnswered();
      if (type == ResourceType.DESTINATION) {
        destinations.take(resources, removed);
        writeSoon();
        return List.of();
      }
      List<Refused> refused = store.take(key.source(), type, resources, removed, complete);
      writeSoon();
      return refused;
    }

    @Override
    public SortedSet<String> wanted(ResourceType type) {
      return type == ResourceType.DESTINATION ? demands.wanted() : store.wanted(type, key.source());
    }

    @Override
    public void onAttempt(ResourceType type) {
      stats.attempt(type);
    }

    @Override
    public void onTaken(ResourceType type, boolean whole) {
      stats.taken(type, whole);
    }

    @Override
    public void onUnchanged() {
      hasAnswered();
    }

    private void hasFailed() {
      if (connected) {
        connected = false;
        stats.connected(false);
      }
      for (ResourceType type : ResourceType.values()) {
        if (wholeTypes().contains(type) || (serves(type) && !wanted(type).isEmpty())) {
          stats.failure(type);
        }
      }
      restore();
    }

    @Override
    public void onWeir() {
      if (isAds()) {
        weirServes.accept(true);
      }
    }

    @Override
    public void onDisconnected(int status, String message) {
      hasFailed();
      if (isAds()) {
        weirServes.accept(false);
      }
      reachability.ifPresent(each -> each.ended(status, message));
    }

    @Override
    public void onFetchFailed(String reason) {
      hasFailed();
      reachability.ifPresent(each -> each.failed(reason));
    }
  }

  /** The sink, and note of when the first state is complete: nothing is written before. */
  private final class Settled implements ConfigSink {
    private final ConfigSink sink;

    Settled(ConfigSink sink) {
      this.sink = sink;
    }

    @Override
    public List<Refused> config(StreamedConfig config) {
      List<Refused> undone = sink.config(config);
      writeSoon();
      return undone;
    }

    @Override
    public void endpoints(String cluster, ClusterLoadAssignment assignment) {
      sink.endpoints(cluster, assignment);
    }

    @Override
    public void secret(Secret secret) {
      sink.secret(secret);
    }

    @Override
    public void retainSecrets(Set<String> names) {
      sink.retainSecrets(names);
    }

    @Override
    public void initialized() {
      initialized = true;
      sink.initialized();
      writeSoon();
    }
  }
}
