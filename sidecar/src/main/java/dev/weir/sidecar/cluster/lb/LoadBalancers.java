package dev.weir.sidecar.cluster.lb;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.HostSet;
import dev.weir.sidecar.cluster.LoadBalancer;
import dev.weir.sidecar.config.cluster.Cluster;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The load balancers there are, by their policy. */
public final class LoadBalancers {
  private LoadBalancers() {}

  /** The load balancer of one loop of one cluster; {@code random} is its own. */
  public static LoadBalancer of(Cluster.LoadBalancing config, SplittableRandom random) {
    return switch (config.policy()) {
      case ROUND_ROBIN -> new RoundRobin(random);
      case LEAST_REQUEST -> new LeastRequest(random, config.leastRequestChoices());
      case RANDOM, CLUSTER_PROVIDED -> new Random(random);
    };
  }

  /** Each in turn, from a random start, so that the loops of many sidecars do not march in step. */
  private static final class RoundRobin implements LoadBalancer {
    private int next;

    RoundRobin(SplittableRandom random) {
      next = random.nextInt(1 << 16);
    }

    @Override
    public @Nullable Host choose(HostSet hosts) {
      List<Host> schedule = hosts.schedule();
      if (schedule.isEmpty()) {
        return null;
      }
      if (next >= schedule.size()) {
        next %= schedule.size();
      }
      return schedule.get(next++);
    }
  }

  /** The least busy of a few chosen at random: the power of two choices. */
  private static final class LeastRequest implements LoadBalancer {
    private final SplittableRandom random;
    private final int choices;

    LeastRequest(SplittableRandom random, int choices) {
      this.random = random;
      this.choices = choices;
    }

    @Override
    public @Nullable Host choose(HostSet hosts) {
      List<Host> schedule = hosts.schedule();
      if (schedule.isEmpty()) {
        return null;
      }
      Host best = schedule.get(schedule.size() == 1 ? 0 : random.nextInt(schedule.size()));
      for (int i = 1; i < choices && schedule.size() > 1; i++) {
        Host other = schedule.get(random.nextInt(schedule.size()));
        if (other.active().get() < best.active().get()) {
          best = other;
        }
      }
      return best;
    }
  }

  private static final class Random implements LoadBalancer {
    private final SplittableRandom random;

    Random(SplittableRandom random) {
      this.random = random;
    }

    @Override
    public @Nullable Host choose(HostSet hosts) {
      List<Host> schedule = hosts.schedule();
      return schedule.isEmpty() ? null : schedule.get(random.nextInt(schedule.size()));
    }
  }
}
