package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.config.bootstrap.Bootstrap;
import dev.weir.sidecar.config.bootstrap.DynamicResources;
import dev.weir.sidecar.config.bootstrap.DynamicResources.Protocol;
import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.resource.ResourceParser;
import dev.weir.sidecar.xds.AdsClient;
import dev.weir.sidecar.xds.AdsTransport;
import dev.weir.sidecar.xds.Backoff;
import dev.weir.sidecar.xds.ControlThread;
import dev.weir.sidecar.xds.NodeMessage;
import dev.weir.sidecar.xds.Refused;
import dev.weir.sidecar.xds.Resource;
import dev.weir.sidecar.xds.ResourceHandler;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.sidecar.xds.disk.LastGoodFile;
import dev.weir.sidecar.xds.disk.LastGoodWriter;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Configuration that streams: joins the ADS client, the store and the file on disk. The file is
 * used once, when the control plane does not answer at the start; it is written when a change has
 * settled, whether what came or a timeout made it whole. Every method is called on the control
 * thread.
 */
public final class DynamicConfig {
  /** How long a control plane that neither answers nor refuses is waited for. */
  private static final Duration RESTORE_AFTER = Duration.ofSeconds(2);

  /** Changes within this are written together. */
  private static final Duration WRITE_AFTER = Duration.ofSeconds(1);

  private final AdsClient client;
  private final ConfigStore store;
  private final ControlThread control;
  private final Optional<LastGoodWriter> lastGood;
  private final Consumer<String> log;

  private final Reachability reachability;
  private final Demands demands;

  /** By name, the answers to what was asked for. */
  private final Map<String, Resource> destinations = new TreeMap<>();

  private boolean answered;
  private boolean restored;
  private boolean initialized;
  private boolean writing;

  /**
   * What it is made of.
   *
   * @param version of the sidecar, told to the control plane
   * @param demands what is asked for by name; not of a server that speaks SotW, which never says
   *     that something is not there
   * @param log told what happens, a line each
   */
  public record Parts(
      ResourceParser parser,
      Admission admission,
      AdsTransport transport,
      ControlThread control,
      Backoff backoff,
      Optional<LastGoodFile> lastGood,
      NameLookups names,
      Demands demands,
      ConfigSink sink,
      String version,
      Consumer<String> log) {}

  public DynamicConfig(Bootstrap bootstrap, DynamicResources dynamic, Parts parts) {
    Map<ResourceType, Duration> whole = new EnumMap<>(ResourceType.class);
    dynamic.clusters().ifPresent(timeout -> whole.put(ResourceType.CLUSTER, timeout));
    dynamic.listeners().ifPresent(timeout -> whole.put(ResourceType.LISTENER, timeout));
    control = parts.control();
    lastGood = parts.lastGood().map(LastGoodWriter::new);
    log = parts.log();
    reachability = new Reachability(bootstrap, dynamic.cluster(), log);
    store =
        new ConfigStore(
            parts.parser(),
            parts.admission(),
            bootstrap,
            whole,
            control,
            parts.names(),
            new Settled(parts.sink()));
    Node node = bootstrap.node();
    client =
        new AdsClient(
            parts.transport(),
            dynamic.protocol(),
            NodeMessage.of(node, parts.version(), dynamic.protocol() == Protocol.DELTA),
            control,
            parts.backoff(),
            new Handler(),
            log);
    whole.keySet().forEach(client::subscribeToAll);
    demands = parts.demands();
    demands.onChange(client::wantedChanged);
  }

  /** The listeners of {@code bootstrap} that need nothing that streams, so that none waits. */
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

  public void start() {
    store.start();
    client.start();
    control.schedule(RESTORE_AFTER, this::doWithout);
  }

  /** What kept the stream from opening may be over. */
  public void retryNow() {
    client.retryNow();
  }

  public void close() {
    client.close();
    write();
    lastGood.ifPresent(LastGoodWriter::close);
  }

  /** The application's ports that accept; none: not ready, or draining. */
  public void readyPorts(Collection<Integer> ports) {
    client.readyPorts(ports);
  }

  /** For {@code /config_dump}. */
  public List<ResourceFact> facts(ResourceType type) {
    return store.facts(type);
  }

  private void doWithout() {
    if (!answered) {
      restore();
      reachability.silent();
    }
  }

  private void restore() {
    if (answered || restored) {
      return;
    }
    restored = true;
    lastGood.flatMap(writer -> writer.file().read()).ifPresent(this::restore);
  }

  private void restore(List<Resource> resources) {
    Map<ResourceType, List<Resource>> byType =
        resources.stream()
            .collect(
                Collectors.groupingBy(
                    Resource::type, () -> new EnumMap<>(ResourceType.class), Collectors.toList()));
    List<Resource> asked = byType.remove(ResourceType.DESTINATION);
    if (asked != null) {
      answered(asked, Set.of());
    }
    byType.forEach((type, ofType) ->
        store
            .take(type, ofType, Set.of(), false)
            .forEach(refused -> log.accept("xds: not taken from the disk: " + refused)));
    reachability.restored(lastGood.flatMap(writer -> writer.file().writtenAt()));
    client.inForce(inForce());
  }

  private List<Resource> inForce() {
    return Stream.concat(store.inForce().stream(), destinations.values().stream()).toList();
  }

  private void answered(List<Resource> present, Set<String> absent) {
    present.forEach(resource -> destinations.put(resource.name(), resource));
    destinations.keySet().removeAll(absent);
    demands.answered(present.stream().map(Resource::name).toList(), absent);
    destinations.keySet().retainAll(demands.wanted());
  }

  private void writeSoon() {
    if (initialized && answered && !writing && lastGood.isPresent()) {
      writing = true;
      control.schedule(WRITE_AFTER, this::write);
    }
  }

  private void write() {
    if (writing) {
      writing = false;
      lastGood.ifPresent(writer -> writer.write(inForce()));
    }
  }

  private final class Handler implements ResourceHandler {
    @Override
    public List<Refused> onResources(
        ResourceType type, List<Resource> resources, Set<String> removed, boolean complete) {
      answered = true;
      reachability.answered();
      if (type == ResourceType.DESTINATION) {
        answered(resources, removed);
        writeSoon();
        return List.of();
      }
      List<Refused> refused = store.take(type, resources, removed, complete);
      writeSoon();
      return refused;
    }

    @Override
    public SortedSet<String> wanted(ResourceType type) {
      return type == ResourceType.DESTINATION ? demands.wanted() : store.wanted(type);
    }

    @Override
    public void onDisconnected(int status, String message) {
      restore();
      reachability.ended(status, message);
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
