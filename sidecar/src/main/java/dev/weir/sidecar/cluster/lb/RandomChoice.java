package dev.weir.sidecar.cluster.lb;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.HostSet;
import dev.weir.sidecar.cluster.LoadBalancer;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Any. */
final class RandomChoice implements LoadBalancer {
  private final SplittableRandom random;

  RandomChoice(SplittableRandom random) {
    this.random = random;
  }

  @Override
  public @Nullable Host choose(HostSet hosts) {
    if (hosts.shares() == 0) {
      return null;
    }
    List<Host> schedule = hosts.schedule(hosts.share(random));
    return schedule.get(random.nextInt(schedule.size()));
  }
}
