package dev.weir.sidecar.telemetry.recent;

import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.route.RouteConfiguration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What has changed in the configuration in force, and when: endpoints, which come and go, are not
 * among it. The last {@link #MOST} are kept.
 */
public final class ConfigChanges {
  private static final int MOST = 32;

  /** Of one change, so many resources are named. */
  private static final int MOST_NAMED = 8;

  /**
   * One change.
   *
   * @param number from 1; 0 is what was there before any
   * @param resources as {@code routes inbound-8080 changed}; of many the first
   * @param count of all resources that it changed
   */
  record Change(long number, Instant at, List<String> resources, int count) {
    Change {
      resources = List.copyOf(resources);
    }
  }

  private final Deque<Change> changes = new ArrayDeque<>();
  private List<Listener> listeners = List.of();
  private Map<String, RouteConfiguration> routes = Map.of();
  private List<Cluster> clusters = List.of();
  private volatile Change last = new Change(0, Instant.now(), List.of(), 0);

  /** These are in force from now on. Control thread. */
  public void applied(
      List<Listener> newListeners,
      Map<String, RouteConfiguration> newRoutes,
      List<Cluster> newClusters) {
    List<String> resources = new ArrayList<>();
    compare(
        "listener ",
        byName(listeners, Listener::name),
        byName(newListeners, Listener::name),
        resources);
    compare("routes ", routes, newRoutes, resources);
    if (!same(clusters, newClusters)) {
      compare(
          "cluster ",
          byName(clusters, Cluster::name),
          byName(newClusters, Cluster::name),
          resources);
    }
    listeners = newListeners;
    routes = newRoutes;
    clusters = newClusters;
    if (resources.isEmpty()) {
      return;
    }
    resources.sort(null);
    Change change =
        new Change(
            last.number() + 1,
            Instant.now(),
            resources.subList(0, Math.min(MOST_NAMED, resources.size())),
            resources.size());
    synchronized (changes) {
      changes.addLast(change);
      if (changes.size() > MOST) {
        changes.removeFirst();
      }
    }
    last = change;
  }

  /** The same objects: what did not change is not made anew, and there may be thousands. */
  private static boolean same(List<?> one, List<?> other) {
    if (one.size() != other.size()) {
      return false;
    }
    Iterator<?> others = other.iterator();
    for (Object each : one) {
      if (each != others.next()) {
        return false;
      }
    }
    return true;
  }

  private static <T> Map<String, T> byName(List<T> resources, Function<T, String> name) {
    Map<String, T> byName = new HashMap<>();
    resources.forEach(resource -> byName.put(name.apply(resource), resource));
    return byName;
  }

  private static <T> void compare(
      String kind, Map<String, T> before, Map<String, T> now, List<String> resources) {
    now.forEach((name, resource) -> {
      T old = before.get(name);
      if (old != resource && !resource.equals(old)) {
        resources.add(kind + name + (old == null ? " added" : " changed"));
      }
    });
    before.keySet().stream()
        .filter(name -> !now.containsKey(name))
        .forEach(name -> resources.add(kind + name + " removed"));
  }

  /** The one in force. Any thread. */
  Change last() {
    return last;
  }

  /** Those after {@code number} that are still known, the oldest first. Any thread. */
  List<Change> since(long number) {
    synchronized (changes) {
      return changes.stream().filter(change -> change.number() > number).toList();
    }
  }
}
