package dev.weir.sidecar.xds.store;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.weir.sidecar.config.Parsed;
import dev.weir.sidecar.config.bootstrap.Bootstrap;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.resource.ResourceParser;
import dev.weir.sidecar.xds.ControlThread;
import dev.weir.sidecar.xds.Refused;
import dev.weir.sidecar.xds.Resource;
import dev.weir.sidecar.xds.ResourceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Takes resources as they come and decides what is in force. A resource that refers to one not yet
 * here waits for it, and its previous version serves on: a cluster waits for its endpoints, routes
 * for their clusters, a listener for its routes; {@code initial_fetch_timeout} bounds each wait.
 * Level-triggered: whatever came, {@link #settle} looks at all that waits.
 */
public final class ConfigStore {
  private final ResourceParser parser;
  private final ControlThread control;
  private final ConfigSink sink;

  private final Table<Cluster> clusters = new Table<>();
  private final Table<ClusterLoadAssignment> endpoints = new Table<>();
  private final Table<Listener> listeners = new Table<>();
  private final Table<RouteConfiguration> routes = new Table<>();
  private final FirstFetches firstEndpoints;
  private final FirstFetches firstRoutes;

  /** Of the types that are asked for whole: those that have not come at all, and their time. */
  private final Map<ResourceType, Duration> awaited;

  /** Clusters in force by the name of their endpoints. */
  private Map<String, List<String>> clustersByEndpoints = Map.of();

  /** Clusters or listeners came or went since what they refer to was last looked at. */
  private boolean referrersChanged = true;

  private boolean removed;
  private boolean initialized;

  /**
   * @param awaited the types that are streamed whole, and how long each is waited for; zero is no
   *     limit
   */
  public ConfigStore(
      ResourceParser parser,
      Bootstrap bootstrap,
      Map<ResourceType, Duration> awaited,
      ControlThread control,
      ConfigSink sink) {
    this.parser = parser;
    this.control = control;
    this.sink = sink;
    this.firstEndpoints = new FirstFetches(control, this::settle);
    this.firstRoutes = new FirstFetches(control, this::settle);
    this.awaited = new EnumMap<>(ResourceType.class);
    this.awaited.putAll(awaited);
    bootstrap.clusters().forEach(cluster -> clusters.putStatic(cluster.name(), cluster));
    bootstrap.listeners().forEach(listener -> listeners.putStatic(listener.name(), listener));
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

  /** The names of {@code type} that are referred to. */
  public SortedSet<String> wanted(ResourceType type) {
    return switch (type) {
      case ENDPOINTS -> firstEndpoints.wanted();
      case ROUTE -> firstRoutes.wanted();
      case CLUSTER, LISTENER -> Collections.emptySortedSet();
    };
  }

  /** As {@code ResourceHandler.onResources}. */
  public List<Refused> take(
      ResourceType type, List<Resource> resources, Set<String> gone, boolean complete) {
    List<Refused> refused = new ArrayList<>();
    switch (type) {
      case CLUSTER ->
          take(
              clusters,
              resources,
              refused,
              io.envoyproxy.envoy.config.cluster.v3.Cluster.parser(),
              io.envoyproxy.envoy.config.cluster.v3.Cluster::getName,
              parser::cluster);
      case ENDPOINTS ->
          take(
              endpoints,
              wantedOf(resources, firstEndpoints),
              refused,
              io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment.parser(),
              io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment::getClusterName,
              parser::endpoints);
      case LISTENER ->
          take(
              listeners,
              resources,
              refused,
              io.envoyproxy.envoy.config.listener.v3.Listener.parser(),
              io.envoyproxy.envoy.config.listener.v3.Listener::getName,
              parser::listener);
      case ROUTE ->
          take(
              routes,
              wantedOf(resources, firstRoutes),
              refused,
              io.envoyproxy.envoy.config.route.v3.RouteConfiguration.parser(),
              io.envoyproxy.envoy.config.route.v3.RouteConfiguration::getName,
              parser::routeConfiguration);
    }
    // Routes and endpoints live as long as something refers to them, as in Envoy: to be without is
    // never better than to have the last ones. Who has none need not wait for them.
    switch (type) {
      case CLUSTER -> removed |= drop(clusters, resources, gone, complete);
      case ENDPOINTS -> firstEndpoints.absent(gone);
      case LISTENER -> removed |= drop(listeners, resources, gone, complete);
      case ROUTE -> firstRoutes.absent(gone);
    }
    awaited.remove(type);
    referrersChanged |= type == ResourceType.CLUSTER || type == ResourceType.LISTENER;
    settle();
    return refused;
  }

  /** What nothing refers to, or no longer, is not looked into. */
  private static List<Resource> wantedOf(List<Resource> resources, FirstFetches fetches) {
    return resources.stream()
        .filter(resource -> fetches.wanted().contains(resource.name()))
        .toList();
  }

  private static boolean drop(
      Table<?> table, List<Resource> resources, Set<String> gone, boolean complete) {
    boolean dropped = table.remove(gone);
    if (complete) {
      Set<String> present = resources.stream().map(Resource::name).collect(Collectors.toSet());
      dropped |= table.retain(present);
    }
    return dropped;
  }

  private static <P extends Message, T> void take(
      Table<T> table,
      List<Resource> resources,
      List<Refused> refused,
      Parser<P> protos,
      Function<P, String> nameOf,
      Function<P, Parsed<T>> parser) {
    for (Resource resource : resources) {
      if (!table.isFree(resource.name())) {
        refuse(table, resource, "", "a static one of the bootstrap has this name", refused);
      } else if (table.has(resource)) {
        table.touch(resource);
      } else {
        take(table, resource, refused, protos, nameOf, parser);
      }
    }
  }

  private static <P extends Message, T> void take(
      Table<T> table,
      Resource resource,
      List<Refused> refused,
      Parser<P> protos,
      Function<P, String> nameOf,
      Function<P, Parsed<T>> parser) {
    P proto;
    try {
      proto = protos.parseFrom(resource.body().getValue());
    } catch (InvalidProtocolBufferException e) {
      refuse(table, resource, "", "its bytes are no message: " + e.getMessage(), refused);
      return;
    }
    if (!nameOf.apply(proto).equals(resource.name())) {
      String reason = "calls itself \"" + nameOf.apply(proto) + "\"";
      refuse(table, resource, "", reason, refused);
      return;
    }
    switch (parsed(parser, proto)) {
      case Parsed.Accepted<T>(T value) -> table.put(resource, value);
      case Parsed.Rejected<T>(String field, String reason) ->
          refuse(table, resource, field, reason, refused);
    }
  }

  /** A parser that fails is our mistake, and costs this one resource. */
  private static <P, T> Parsed<T> parsed(Function<P, Parsed<T>> parser, P proto) {
    try {
      return parser.apply(proto);
    } catch (RuntimeException e) {
      return new Parsed.Rejected<>("", "an internal error: " + e);
    }
  }

  private static void refuse(
      Table<?> table, Resource resource, String field, String reason, List<Refused> refused) {
    Refused refusal = new Refused(resource.type(), resource.name(), field, reason);
    table.refuse(resource.name(), refusal.toString());
    refused.add(refusal);
  }

  /**
   * Puts in force what no longer waits, and publishes what changed by it. It looks at what waits
   * and at what came; at everything only when clusters or listeners changed.
   */
  private void settle() {
    boolean changed = removed;
    removed = false;
    changed |= lookAtReferrers();
    List<String> newEndpoints = endpoints.promote(assignment -> true);
    boolean newClusters = !clusters.promote(this::isReady).isEmpty();
    boolean newRoutes = !routes.promote(this::isReady).isEmpty();
    boolean newListeners = !listeners.promote(this::isReady).isEmpty();
    if (newClusters || newListeners) {
      // What took the place of another may have been the last to refer to something.
      referrersChanged = true;
      changed |= lookAtReferrers();
    }
    if (changed || newClusters || newRoutes || newListeners) {
      sink.config(config());
    } else {
      newEndpoints.forEach(this::publishEndpoints);
    }
    if (!initialized && awaited.isEmpty() && !clusters.hasWarming() && !listeners.hasWarming()) {
      initialized = true;
      sink.initialized();
    }
  }

  /** Follows what is referred to; returns whether something in force is gone by it. */
  private boolean lookAtReferrers() {
    if (!referrersChanged) {
      return false;
    }
    referrersChanged = false;
    clustersByEndpoints =
        clusters.active().stream()
            .filter(cluster -> cluster.discovery() instanceof Cluster.Discovery.Eds)
            .collect(
                Collectors.groupingBy(
                    cluster -> References.endpoints(cluster).keySet().iterator().next(),
                    Collectors.mapping(Cluster::name, Collectors.toList())));
    boolean gone = false;
    if (firstEndpoints.want(union(clusters.all(), References::endpoints))) {
      gone = endpoints.retain(firstEndpoints.wanted());
    }
    if (firstRoutes.want(union(listeners.all(), References::routes))) {
      gone |= routes.retain(firstRoutes.wanted());
    }
    return gone;
  }

  private static <T> Map<String, Duration> union(
      List<T> resources, Function<T, Map<String, Duration>> references) {
    Map<String, Duration> names = new HashMap<>();
    resources.forEach(resource ->
        references
            .apply(resource)
            .forEach((name, timeout) -> names.merge(name, timeout, FirstFetches::sooner)));
    return names;
  }

  private boolean isReady(Cluster cluster) {
    return References.endpoints(cluster).keySet().stream()
        .allMatch(name -> endpoints.isActive(name) || firstEndpoints.isOverdue(name));
  }

  private boolean isReady(RouteConfiguration table) {
    return clustersAreThere(References.clusters(table));
  }

  private boolean isReady(Listener listener) {
    return clustersAreThere(References.clusters(listener))
        && References.routes(listener).keySet().stream()
            .allMatch(name -> routes.isActive(name) || firstRoutes.isOverdue(name));
  }

  /** What nothing has is waited for until the clusters have come; nobody says that it ever will. */
  private boolean clustersAreThere(Set<String> names) {
    return names.stream()
        .allMatch(name ->
            clusters.isActive(name)
                || (!clusters.isWarming(name) && !awaited.containsKey(ResourceType.CLUSTER)));
  }

  private void publishEndpoints(String name) {
    endpoints
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
            .active(name)
            .ifPresent(
                assignment -> clusterNames.forEach(cluster -> byCluster.put(cluster, assignment))));
    return new StreamedConfig(
        listeners.active(), routes.activeByName(), clusters.active(), byCluster);
  }

  /** What has streamed and is in force, in an order that can be taken again. */
  public List<Resource> inForce() {
    List<Resource> all = new ArrayList<>();
    all.addAll(clusters.resources());
    all.addAll(endpoints.resources());
    all.addAll(listeners.resources());
    all.addAll(routes.resources());
    return all;
  }

  /** For {@code /config_dump}: what has streamed of {@code type}, by name. */
  public List<ResourceFact> facts(ResourceType type) {
    return switch (type) {
      case CLUSTER -> clusters.facts();
      case ENDPOINTS -> endpoints.facts();
      case LISTENER -> listeners.facts();
      case ROUTE -> routes.facts();
    };
  }
}
