package dev.weir.sidecar.telemetry.summary;

import dev.weir.protos.service.telemetry.v1alpha1.BreakerChange;
import dev.weir.protos.service.telemetry.v1alpha1.BreakerChange.State;
import dev.weir.protos.service.telemetry.v1alpha1.TrafficSummary;
import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.filter.BreakerReading;
import dev.weir.sidecar.telemetry.edge.Edges;
import java.util.HashMap;
import java.util.Map;

/**
 * Circuit breakers, and instances put out, whose state is another one than was told last. One that
 * has opened and closed again in between is told as both. Control thread.
 */
final class BreakerChanges {
  /** Of a summary; the others are told by the next. */
  private static final int MOST = 1000;

  private final ClusterManager clusters;
  private Map<Key, Seen> told = Map.of();

  BreakerChanges(ClusterManager clusters) {
    this.clusters = clusters;
  }

  /**
   * Which one.
   *
   * @param route empty: not one of a route
   * @param instance empty: not one of a host
   */
  record Key(String destination, String policy, String route, String instance) {}

  /**
   * How it is.
   *
   * @param opened how often it has opened
   */
  record Seen(State state, int opened) {
    static final Seen WELL = new Seen(State.CLOSED, 0);

    Seen with(Seen other) {
      // Several clusters of one service: as the one that is worst.
      State worse = isWell(state) ? other.state : state;
      return new Seen(worse, opened + other.opened);
    }
  }

  /** Adds what is new to {@code summary}; returns what is told with it. */
  Map<Key, Seen> addTo(TrafficSummary.Builder summary) {
    Map<Key, Seen> now = look();
    Map<Key, Seen> telling = new HashMap<>(told);
    now.forEach((key, seen) -> {
      Seen before = told.getOrDefault(key, Seen.WELL);
      if (seen.equals(before) || summary.getBreakersCount() >= MOST) {
        return;
      }
      telling.put(key, seen);
      boolean unseen = isWell(before.state) && seen.opened > before.opened;
      if (unseen && isWell(seen.state)) {
        add(summary, key, seen.state == State.BACK ? State.EJECTED : State.OPEN);
        add(summary, key, seen.state);
      } else if (seen.state != before.state && !(isWell(seen.state) && isWell(before.state))) {
        add(summary, key, seen.state);
      }
    });
    told.forEach((key, seen) -> {
      if (!now.containsKey(key) && summary.getBreakersCount() < MOST) {
        telling.remove(key);
        if (!isWell(seen.state)) {
          add(summary, key, seen.state == State.EJECTED ? State.BACK : State.CLOSED);
        }
      }
    });
    return telling;
  }

  private static boolean isWell(State state) {
    return state == State.CLOSED || state == State.BACK;
  }

  private static void add(TrafficSummary.Builder summary, Key key, State state) {
    summary.addBreakers(
        BreakerChange.newBuilder()
            .setPolicy(key.policy)
            .setDestination(key.destination)
            .setInstance(key.instance)
            .setState(state));
  }

  /** Those that are not closed, or have been open. */
  private Map<Key, Seen> look() {
    Map<Key, Seen> now = new HashMap<>();
    for (LiveCluster cluster : clusters.all().values()) {
      boolean ejects = cluster.config().outlierDetection().isPresent();
      if (cluster.upstreamFilters().slots().isEmpty() && !ejects) {
        continue;
      }
      String destination =
          EdgeMessages.name(Edges.target(cluster.name(), cluster.config().service().orElse(null)));
      cluster
          .upstreamFilters()
          .slots()
          .forEach(slot ->
              slot.factory()
                  .breakers(each ->
                      now.merge(
                          new Key(destination, each.policy(), each.route(), each.instance()),
                          new Seen(state(each.state()), each.opened()),
                          Seen::with)));
      if (ejects) {
        for (Host host : cluster.hosts().all()) {
          int times = host.ejections(); // before the state
          if (times > 0) {
            now.put(
                new Key(destination, "", "", host.toString()),
                new Seen(host.ejected() ? State.EJECTED : State.BACK, times));
          }
        }
      }
    }
    return now;
  }

  private static State state(BreakerReading.State state) {
    return switch (state) {
      case CLOSED -> State.CLOSED;
      case OPEN -> State.OPEN;
      case HALF_OPEN -> State.HALF_OPEN;
    };
  }

  /** What {@link #addTo} returned is told. */
  void told(Map<Key, Seen> telling) {
    told = telling;
  }
}
