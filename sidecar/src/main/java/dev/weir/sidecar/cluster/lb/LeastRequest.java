package dev.weir.sidecar.cluster.lb;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.HostSet;
import dev.weir.sidecar.cluster.LoadBalancer;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The least busy of a few chosen at random: the power of two choices. */
final class LeastRequest implements LoadBalancer {
  private final SplittableRandom random;
  private final int choices;

  LeastRequest(SplittableRandom random, int choices) {
    this.random = random;
    this.choices = choices;
  }

  @Override
  public @Nullable Host choose(HostSet hosts) {
    if (hosts.shares() == 0) {
      return null;
    }
    List<Host> schedule = hosts.schedule(hosts.share(random));
    if (schedule.size() == 1) {
      return schedule.getFirst();
    }
    Host best = schedule.get(random.nextInt(schedule.size()));
    for (int i = 1; i < choices; i++) {
      Host other = schedule.get(random.nextInt(schedule.size()));
      if (other.active().get() < best.active().get()) {
        best = other;
      }
    }
    return best;
  }
}
