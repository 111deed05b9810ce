package dev.weir.sidecar.cluster;

import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Health;
import java.util.ArrayList;
import java.util.List;

/**
 * The hosts of a cluster at one moment, immutable.
 *
 * @param all in the order of discovery
 * @param healthy how many of {@code all} are fit for traffic
 * @param schedule the hosts to choose from, each as often as its weight says, spread out; empty if
 *     there is none
 * @param panic too few hosts are fit, so {@code schedule} holds the unfit as well
 */
public record HostSet(List<Host> all, int healthy, List<Host> schedule, boolean panic) {
  public static final HostSet EMPTY = new HostSet(List.of(), 0, List.of(), false);

  private static final int MOST_SLOTS = 1024;

  public HostSet {
    all = List.copyOf(all);
    schedule = List.copyOf(schedule);
  }

  /**
   * The first priority with a fit host is used. With fewer than {@code panicThreshold} percent of
   * its hosts fit, all of them are.
   */
  static HostSet of(List<Host> hosts, int panicThreshold) {
    int highest = hosts.stream().mapToInt(host -> host.endpoint().priority()).max().orElse(0);
    int fitOverall = (int) hosts.stream().filter(HostSet::fit).count();
    for (int priority = 0; priority <= highest; priority++) {
      int level = priority;
      List<Host> candidates =
          hosts.stream().filter(host -> host.endpoint().priority() == level).toList();
      List<Host> fit = candidates.stream().filter(HostSet::fit).toList();
      boolean last = priority == highest;
      boolean panic =
          !candidates.isEmpty() && fit.size() * 100 < panicThreshold * candidates.size();
      if (panic && (last || !fit.isEmpty())) {
        List<Host> usable =
            candidates.stream()
                .filter(host -> host.endpoint().health() != Health.DRAINING)
                .toList();
        return new HostSet(hosts, fitOverall, spread(usable), true);
      }
      if (!fit.isEmpty() || last) {
        return new HostSet(hosts, fitOverall, spread(fit), false);
      }
    }
    return EMPTY;
  }

  private static boolean fit(Host host) {
    Health health = host.endpoint().health();
    return (health == Health.HEALTHY || health == Health.DEGRADED) && !host.ejected();
  }

  /** Smooth weighted round robin, as nginx does it, laid out once. */
  private static List<Host> spread(List<Host> hosts) {
    long total = hosts.stream().mapToLong(host -> host.endpoint().weight()).sum();
    boolean equal =
        hosts.stream().mapToInt(host -> host.endpoint().weight()).distinct().count() <= 1;
    if (equal) {
      return hosts;
    }
    double scale = total > MOST_SLOTS ? (double) MOST_SLOTS / total : 1;
    int[] weights = new int[hosts.size()];
    int slots = 0;
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Math.max(1, (int) Math.round(hosts.get(i).endpoint().weight() * scale));
      slots += weights[i];
    }
    int[] current = new int[weights.length];
    List<Host> schedule = new ArrayList<>(slots);
    for (int slot = 0; slot < slots; slot++) {
      int best = 0;
      for (int i = 0; i < weights.length; i++) {
        current[i] += weights[i];
        if (current[i] > current[best]) {
          best = i;
        }
      }
      current[best] -= slots;
      schedule.add(hosts.get(best));
    }
    return schedule;
  }
}
