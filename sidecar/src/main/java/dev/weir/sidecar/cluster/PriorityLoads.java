package dev.weir.sidecar.cluster;

import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Health;
import java.util.ArrayList;
import java.util.List;

/**
 * Which part of the requests goes to which priority: Envoy's rule. A priority can take {@code
 * overprovisioning} percent of its fit share, at most all; what it cannot take goes on to the next.
 * Degraded hosts come after the healthy ones of all priorities. Panic is judged over all
 * priorities: while together they can take everything, none is in panic, however few hosts of one
 * are fit; else a priority with fewer fit hosts than the threshold uses all it has, and if every
 * one is in panic, requests are shared by the number of hosts. Envoy's
 * source/common/upstream/load_balancer_base.cc; {@code weighted_priority_health} and {@code
 * fail_traffic_on_panic} are left out.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/intro/arch_overview/upstream/load_balancing/priority
 *
 * @param panic some priority uses hosts that are unfit
 */
record PriorityLoads(List<Part> parts, boolean panic) {
  private static final int ALL = 100;

  /** {@code percent} of the requests go to these hosts. */
  record Part(int percent, List<Host> hosts) {}

  /** The hosts of one priority by their health. */
  private static final class Level {
    final List<Host> usable = new ArrayList<>();
    final List<Host> healthy = new ArrayList<>();
    final List<Host> degraded = new ArrayList<>();
    int total;
    int healthyLoad;
    int degradedLoad;
    boolean panic;

    int available(List<Host> of, int overprovisioning) {
      return total == 0 ? 0 : (int) Math.min(ALL, (long) overprovisioning * of.size() / total);
    }
  }

  static boolean fit(Host host) {
    Health health = host.endpoint().health();
    return (health == Health.HEALTHY || health == Health.DEGRADED) && !host.ejected();
  }

  static PriorityLoads of(List<Host> hosts, int panicThreshold, int overprovisioning) {
    List<Level> levels = levels(hosts);
    int available =
        Math.min(
            ALL,
            levels.stream()
                .mapToInt(level ->
                    level.available(level.healthy, overprovisioning)
                        + level.available(level.degraded, overprovisioning))
                .sum());
    share(levels, available, overprovisioning);
    judge(levels, available, panicThreshold);
    List<Part> parts = new ArrayList<>();
    boolean panic = false;
    for (Level level : levels) {
      if (level.panic) {
        panic |= level.healthyLoad + level.degradedLoad > 0;
        parts.add(new Part(level.healthyLoad + level.degradedLoad, level.usable));
      } else {
        parts.add(new Part(level.healthyLoad, level.healthy));
        parts.add(new Part(level.degradedLoad, level.degraded));
      }
    }
    return new PriorityLoads(parts, panic);
  }

  private static List<Level> levels(List<Host> hosts) {
    List<Level> levels = new ArrayList<>();
    for (Host host : hosts) {
      int priority = host.endpoint().priority();
      while (levels.size() <= priority) {
        levels.add(new Level());
      }
      Level level = levels.get(priority);
      level.total++;
      if (host.endpoint().health() != Health.DRAINING) {
        level.usable.add(host);
      }
      if (fit(host)) {
        (host.endpoint().health() == Health.DEGRADED ? level.degraded : level.healthy).add(host);
      }
    }
    return levels;
  }

  private static void share(List<Level> levels, int available, int overprovisioning) {
    if (levels.isEmpty()) {
      return;
    }
    if (available == 0) {
      levels.getFirst().healthyLoad = ALL; // everything is terrible: let the first one panic
      return;
    }
    int left = ALL;
    Level first = null;
    for (Level level : levels) {
      level.healthyLoad =
          Math.min(left, ALL * level.available(level.healthy, overprovisioning) / available);
      left -= level.healthyLoad;
      first = first == null && level.healthyLoad > 0 ? level : first;
    }
    Level firstDegraded = null;
    for (Level level : levels) {
      level.degradedLoad =
          Math.min(left, ALL * level.available(level.degraded, overprovisioning) / available);
      left -= level.degradedLoad;
      firstDegraded = firstDegraded == null && level.degradedLoad > 0 ? level : firstDegraded;
    }
    // What rounding has left over.
    if (first != null) {
      first.healthyLoad += left;
    } else if (firstDegraded != null) {
      firstDegraded.degradedLoad += left;
    }
  }

  private static void judge(List<Level> levels, int available, int panicThreshold) {
    if (available == ALL || panicThreshold == 0) {
      return;
    }
    boolean total = true;
    for (Level level : levels) {
      int fit = level.healthy.size() + level.degraded.size();
      level.panic = level.total == 0 || fit * ALL < panicThreshold * level.total;
      total &= level.panic;
    }
    if (total) {
      shareBySize(levels);
    }
  }

  private static void shareBySize(List<Level> levels) {
    int hosts = levels.stream().mapToInt(level -> level.usable.size()).sum();
    if (hosts == 0) {
      return;
    }
    int left = ALL;
    for (Level level : levels) {
      level.degradedLoad = 0;
      level.healthyLoad = ALL * level.usable.size() / hosts;
      left -= level.healthyLoad;
    }
    for (Level level : levels) {
      if (!level.usable.isEmpty()) {
        level.healthyLoad += left;
        return;
      }
    }
  }
}
