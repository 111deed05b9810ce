package dev.weir.sidecar.cluster.lb;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.HostSet;
import dev.weir.sidecar.cluster.LoadBalancer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Each in turn, from a random start, so that the loops of many sidecars do not march in step. */
final class RoundRobin implements LoadBalancer {
  private final SplittableRandom random;
  private final int start;

  /** Of each share of the set. */
  private int[] next = new int[0];

  RoundRobin(SplittableRandom random) {
    this.random = random;
    this.start = random.nextInt(1 << 16);
  }

  @Override
  public @Nullable Host choose(HostSet hosts) {
    if (hosts.shares() == 0) {
      return null;
    }
    int share = hosts.share(random);
    if (share >= next.length) {
      int known = next.length;
      next = Arrays.copyOf(next, hosts.shares());
      Arrays.fill(next, known, next.length, start);
    }
    List<Host> schedule = hosts.schedule(share);
    if (next[share] >= schedule.size()) {
      next[share] %= schedule.size();
    }
    return schedule.get(next[share]++);
  }
}
