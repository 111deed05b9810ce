package dev.weir.sidecar.cluster.lb;

import dev.weir.sidecar.cluster.LoadBalancer;
import dev.weir.sidecar.config.cluster.Cluster;
import java.util.SplittableRandom;

/** The load balancers there are, a class each, by their policy. */
public final class LoadBalancers {
  private LoadBalancers() {}

  /** The load balancer of one loop of one cluster; {@code random} is its own. */
  public static LoadBalancer of(Cluster.LoadBalancing config, SplittableRandom random) {
    return switch (config.policy()) {
      case ROUND_ROBIN -> new RoundRobin(random);
      case LEAST_REQUEST -> new LeastRequest(random, config.leastRequestChoices());
      case RANDOM, CLUSTER_PROVIDED -> new RandomChoice(random);
    };
  }
}
