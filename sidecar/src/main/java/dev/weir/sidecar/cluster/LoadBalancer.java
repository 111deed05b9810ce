package dev.weir.sidecar.cluster;

import dev.weir.sidecar.config.cluster.Cluster;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Chooses hosts for one loop of one cluster. That loop only. */
public interface LoadBalancer {
  /** Null if there is nobody to choose. */
  @Nullable Host choose(HostSet hosts);

  /** Makes the load balancer of one loop of one cluster. Control thread. */
  interface Factory {
    /** {@code random} is the load balancer's own. */
    LoadBalancer make(Cluster.LoadBalancing config, SplittableRandom random);
  }
}
