package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.config.ConfigSource;
import dev.weir.sidecar.config.Fetch;
import dev.weir.sidecar.config.Parsed;
import dev.weir.sidecar.config.bootstrap.Bootstrap;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.resource.ResourceParser;
import dev.weir.sidecar.xds.ControlThread;
import dev.weir.sidecar.xds.Refused;
import dev.weir.sidecar.xds.Resource;
import dev.weir.sidecar.xds.ResourceType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Takes resources as they come and decides what is in force. One is taken only if it can be put in
 * force: {@link Admission}. One that refers to another not yet here waits for it, and its previous
 * version serves on: a cluster waits for its endpoints or for its names to be looked up, routes for
 * their clusters, a listener for its routes; {@code initial_fetch_timeout} bounds each wait.
 * Level-triggered: whatever came, {@link #settle} looks at all that waits.
 */
public final class ConfigStore {
  private final ConfigSink sink;
  private final ControlThread control;
  private final Admission admission;
  private final NameLookups names;
  private final Runnable onWanted;

  private final Kind<Secret> secrets;
  private final Kind<Cluster> clusters;
  private final Kind<ClusterLoadAssignment> endpoints;
  private final Kind<Listener> listeners;
  private final Kind<RouteConfiguration> routes;

  /** In the order that they come into force in: what is referred to first. */
  private final List<Kind<?>> kinds;

  /** Of the types that are asked for whole: those that have not come at all, and their time. */
  private final Map<ResourceType, Duration> awaited;

  /** Clusters in force by the name of their endpoints. */
  private Map<String, List<String>> clustersByEndpoints = Map.of();

  /** Clusters or listeners came or went since what they refer to was last looked at. */
  private boolean referrersChanged = true;

  private boolean removed;
  private boolean initialized;

  /**
   * @param awaited the types that are fetched whole, and how long each is waited for; zero is no
   *     limit
   * @param onWanted run when other names are wanted, or of other sources
   * @param clock says when what came
   */
  public ConfigStore(
      ResourceParser parser,
      Admission admission,
      Bootstrap bootstrap,
      Map<ResourceType, Duration> awaited,
      ControlThread control,
      NameLookups names,
      Runnable onWanted,
      ConfigSink sink,
      InstantSource clock) {
    this.control = control;
    this.names = names;
    this.onWanted = onWanted;
    this.admission = admission;
    this.sink = sink;
    this.awaited = new EnumMap<>(ResourceType.class);
    this.awaited.putAll(awaited);
    KnownSources sources = new KnownSources(bootstrap);
    endpoints =
        new Kind<>(
            ResourceType.ENDPOINTS,
            Kind.reader(
                io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment.parser(),
                io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment::getClusterName,
                parser::endpoints),
            none -> List.of(),
            Parsed.Accepted::new,
            new FirstFetches(control, this::settleLater),
            clock);
    secrets =
        new Kind<>(
            ResourceType.SECRET,
            Kind.reader(
                io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret.parser(),
                io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret::getName,
                parser::secret),
            none -> List.of(),
            admission::secret,
            new FirstFetches(control, this::settleLater),
            clock);
    clusters =
        new Kind<>(
            ResourceType.CLUSTER,
            Kind.reader(
                io.envoyproxy.envoy.config.cluster.v3.Cluster.parser(),
                io.envoyproxy.envoy.config.cluster.v3.Cluster::getName,
                parser::cluster),
            References::of,
            cluster -> then(sources.cluster(cluster), admission::cluster),
            null,
            clock);
    routes =
        new Kind<>(
            ResourceType.ROUTE,
            Kind.reader(
                io.envoyproxy.envoy.config.route.v3.RouteConfiguration.parser(),
                io.envoyproxy.envoy.config.route.v3.RouteConfiguration::getName,
                parser::routeConfiguration),
            References::of,
            table -> admission.routes(table, referrers(table.name()), clusters.table()::newestOf),
            new FirstFetches(control, this::settleLater),
            clock);
    listeners =
        new Kind<>(
            ResourceType.LISTENER,
            Kind.reader(
                io.envoyproxy.envoy.config.listener.v3.Listener.parser(),
                io.envoyproxy.envoy.config.listener.v3.Listener::getName,
                parser::listener),
            References::of,
            listener ->
                then(
                    sources.listener(listener),
                    known -> admission.listener(known, clusters.table()::newestOf)),
            null,
            clock);
    kinds = List.of(secrets, endpoints, clusters, routes, listeners);
    names.onReady(this::settleLater);
    bootstrap.secrets().forEach(secret -> secrets.table().putStatic(secret.name(), secret));
    bootstrap.clusters().forEach(cluster -> clusters.table().putStatic(cluster.name(), cluster));
    bootstrap
        .listeners()
        .forEach(listener -> listeners.table().putStatic(listener.name(), listener));
  }

  private static <T> Parsed<T> then(Parsed<T> parsed, Function<T, Parsed<T>> next) {
    return switch (parsed) {
      case Parsed.Accepted<T>(T value) -> next.apply(value);
      case Parsed.Rejected<T> rejected -> rejected;
    };
  }

  private Kind<?> kind(ResourceType type) {
    for (Kind<?> kind : kinds) {
      if (kind.type() == type) {
        return kind;
      }
    }
    throw new IllegalArgumentException(type.toString());
  }

  private List<Listener> referrers(String routes) {
    return listeners.table().newest().stream()
        .filter(listener ->
            References.of(listener).stream()
                .anyMatch(each -> each.type() == ResourceType.ROUTE && each.name().equals(routes)))
        .toList();
  }

  /** Puts in force what needs no stream, and begins to wait for the rest. */
  public void start() {
    awaited.forEach((type, timeout) -> {
      if (!timeout.isZero()) {
        control.schedule(timeout, () -> giveUp(type));
      }
    });
    settle();
  }

  private void giveUp(ResourceType type) {
    awaited.remove(type);
    settle();
  }

  /** The names of {@code type} that are referred to, and are to come from {@code source}. */
  public SortedSet<String> wanted(ResourceType type, ConfigSource source) {
    FirstFetches fetches = kind(type).fetches();
    return fetches == null ? Collections.emptySortedSet() : fetches.wanted(source);
  }

  /** The sources of what is asked for by name. */
  public Map<ResourceType, Set<ConfigSource>> sources() {
    Map<ResourceType, Set<ConfigSource>> sources = new EnumMap<>(ResourceType.class);
    for (Kind<?> kind : kinds) {
      FirstFetches fetches = kind.fetches();
      if (fetches != null) {
        sources.put(kind.type(), fetches.sources());
      }
    }
    return sources;
  }

  /** Whether there is one of that name, in force or waiting. */
  public boolean has(ResourceType type, String name) {
    return kind(type).table().isActive(name) || kind(type).table().isWarming(name);
  }

  /** As {@code ResourceHandler.onResources}, of {@code source}. */
  public List<Refused> take(
      ConfigSource source,
      ResourceType type,
      List<Resource> resources,
      Set<String> gone,
      boolean complete) {
    List<Refused> refused = new ArrayList<>();
    Kind<?> kind = kind(type);
    take(kind, source, resources, gone, complete, refused);
    awaited.remove(type);
    referrersChanged |= kind.fetches() == null;
    Map<String, Resource> came =
        resources.stream().collect(Collectors.toMap(Resource::name, each -> each, (a, b) -> b));
    for (Refused undone : settle()) {
      Resource resource = came.get(undone.name());
      if (undone.type() == type && resource != null) {
        refused.add(
            kind.refuse(undone.name(), Optional.of(resource), undone.field(), undone.reason()));
      }
    }
    return refused;
  }

  private <T> void take(
      Kind<T> kind,
      ConfigSource source,
      List<Resource> resources,
      Set<String> gone,
      boolean complete,
      List<Refused> refused) {
    Map<String, T> taken = kind.take(source, resources, refused);
    removed |= kind.drop(resources, gone, complete);
    refuseSecondSources(kind, taken, refused);
  }

  /**
   * What is asked for by name is one resource, and comes from one source: who names another than
   * others do is refused. They may all change it at once.
   */
  private <T> void refuseSecondSources(Kind<T> kind, Map<String, T> taken, List<Refused> refused) {
    Set<ConfigSource> all = new HashSet<>();
    sources().values().forEach(all::addAll);
    taken
        .values()
        .forEach(value ->
            kind.references(value)
                .forEach(each -> each.fetch().ifPresent(by -> all.add(by.source()))));
    if (taken.isEmpty() || all.size() < 2) {
      return;
    }
    SecondSources others = new SecondSources();
    kind.table().newestByName().forEach((name, value) -> others.add(name, kind.references(value)));
    taken.forEach((name, value) ->
        others
            .conflict(kind.references(value))
            .ifPresent(reason -> {
              Optional<Resource> resource = kind.table().newestResource(name);
              kind.table().withdraw(name);
              refused.add(kind.refuse(name, resource, "", reason));
            }));
  }

  private void settleLater() {
    settle();
  }

  /**
   * Puts in force what no longer waits, and publishes what changed by it. It looks at what waits
   * and at what came; at everything only when clusters or listeners changed.
   *
   * @return what could not be put in force all the same
   */
  private List<Refused> settle() {
    List<Refused> undone = List.of();
    boolean changed = removed;
    removed = false;
    changed |= lookAtReferrers();
    for (String name : secrets.table().promote(secret -> true)) {
      secrets.table().active(name).ifPresent(sink::secret);
    }
    List<String> newEndpoints = endpoints.table().promote(assignment -> true);
    boolean newClusters =
        !clusters.table().promote(each -> isReady(clusters, each) && names.isReady(each)).isEmpty();
    boolean newRoutes = promote(routes);
    boolean newListeners =
        !listeners.table().promote(each -> isReady(listeners, each) && fits(each)).isEmpty();
    if (newClusters || newListeners) {
      // What took the place of another may have been the last to refer to something.
      referrersChanged = true;
      changed |= lookAtReferrers();
    }
    if (changed || newClusters || newRoutes || newListeners) {
      undone = sink.config(config());
    } else {
      newEndpoints.forEach(this::publishEndpoints);
    }
    if (!initialized
        && awaited.isEmpty()
        && !clusters.table().hasWarming()
        && !listeners.table().hasWarming()) {
      initialized = true;
      sink.initialized();
    }
    return undone;
  }

  private <T> boolean promote(Kind<T> kind) {
    return !kind.table().promote(value -> isReady(kind, value)).isEmpty();
  }

  private <T> boolean isReady(Kind<T> kind, T value) {
    return kind.references(value).stream().allMatch(this::isThere);
  }

  /**
   * What is asked for by name is waited for until its time is over. What is asked for whole, and
   * nothing has, is waited for until the whole has come; nobody says that it ever will.
   */
  private boolean isThere(Reference reference) {
    Kind<?> kind = kind(reference.type());
    if (kind.table().isActive(reference.name())) {
      return true;
    }
    FirstFetches fetches = kind.fetches();
    return fetches != null
        ? fetches.isOverdue(reference.name())
        : !kind.table().isWarming(reference.name()) && !awaited.containsKey(kind.type());
  }

  /** A listener whose filters are others than its routes were written for waits for their next. */
  private boolean fits(Listener listener) {
    return References.of(listener).stream()
        .filter(reference -> reference.type() == ResourceType.ROUTE)
        .flatMap(reference -> routes.table().active(reference.name()).stream())
        .allMatch(table -> admission.fits(listener, table));
  }

  /** Follows what is referred to; returns whether something in force is gone by it. */
  private boolean lookAtReferrers() {
    if (!referrersChanged) {
      return false;
    }
    referrersChanged = false;
    names.want(clusters.table().all());
    clustersByEndpoints = new HashMap<>();
    for (Cluster cluster : clusters.table().active()) {
      for (Reference reference : References.of(cluster)) {
        if (reference.type() != ResourceType.ENDPOINTS) {
          continue;
        }
        clustersByEndpoints
            .computeIfAbsent(reference.name(), name -> new ArrayList<>())
            .add(cluster.name());
      }
    }
    Map<ResourceType, Map<String, Fetch>> wanted = new EnumMap<>(ResourceType.class);
    kinds.forEach(kind -> collect(kind, wanted));
    boolean gone = false;
    boolean others = false;
    for (Kind<?> kind : kinds) {
      FirstFetches fetches = kind.fetches();
      if (fetches != null && fetches.want(wanted.getOrDefault(kind.type(), Map.of()))) {
        gone |= kind.table().retain(fetches.names());
        others = true;
        if (kind == secrets) {
          sink.retainSecrets(kind.table().names());
        }
      }
    }
    if (others) {
      onWanted.run();
    }
    return gone;
  }

  private static <T> void collect(Kind<T> kind, Map<ResourceType, Map<String, Fetch>> wanted) {
    for (T value : kind.table().all()) {
      for (Reference reference : kind.references(value)) {
        reference
            .fetch()
            .ifPresent(fetch ->
                wanted
                    .computeIfAbsent(reference.type(), type -> new HashMap<>())
                    .merge(reference.name(), fetch, FirstFetches::sooner));
      }
    }
  }

  private void publishEndpoints(String name) {
    endpoints
        .table()
        .active(name)
        .ifPresent(assignment ->
            clustersByEndpoints
                .getOrDefault(name, List.of())
                .forEach(cluster -> sink.endpoints(cluster, assignment)));
  }

  private StreamedConfig config() {
    Map<String, ClusterLoadAssignment> byCluster = new HashMap<>();
    clustersByEndpoints.forEach((name, clusterNames) ->
        endpoints
            .table()
            .active(name)
            .ifPresent(
                assignment -> clusterNames.forEach(cluster -> byCluster.put(cluster, assignment))));
    return new StreamedConfig(
        listeners.table().active(),
        routes.table().activeByName(),
        clusters.table().active(),
        byCluster);
  }

  /**
   * What has streamed and is in force, in an order that can be taken again. Not secrets: nobody
   * keeps these but for their use.
   */
  public List<Resource> inForce() {
    List<Resource> all = new ArrayList<>();
    // Endpoints and routes are looked into once something refers to them.
    for (Kind<?> kind : List.of(clusters, endpoints, listeners, routes)) {
      all.addAll(kind.table().resources());
    }
    return all;
  }

  /** What is known of what streams of {@code type}, by name. */
  public List<ResourceFact> facts(ResourceType type) {
    return kind(type).facts();
  }
}
