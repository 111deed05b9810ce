package dev.weir.sidecar.testkit;

import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.xds.store.NameLookups;
import java.util.Collection;

/** For a store whose clusters have no names to look up. */
public final class NoNames implements NameLookups {
  @Override
  public void want(Collection<Cluster> clusters) {}

  @Override
  public boolean isReady(Cluster cluster) {
    return true;
  }

  @Override
  public void onReady(Runnable task) {}
}
