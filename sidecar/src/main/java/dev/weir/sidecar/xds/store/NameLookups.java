package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.config.cluster.Cluster;
import java.util.Collection;

/** Looks up the names of clusters of type STRICT_DNS and LOGICAL_DNS. Control thread. */
public interface NameLookups {
  /**
   * These clusters are in force or wait to be: their names are looked up from now on, and no
   * others.
   */
  void want(Collection<Cluster> clusters);

  /**
   * Its names have been looked up once, well or not, or have had their time; it is of another type,
   * or does not wait for them.
   */
  boolean isReady(Cluster cluster);

  /** Runs {@code task} when {@link #isReady} may say something else. */
  void onReady(Runnable task);
}
