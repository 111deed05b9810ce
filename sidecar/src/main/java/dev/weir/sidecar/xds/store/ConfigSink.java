package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;

/** Where configuration goes. Control thread. */
public interface ConfigSink {
  /** The state that is in force from now on, whole. */
  void config(StreamedConfig config);

  /** New endpoints of a cluster that is in force, where nothing else changed. */
  void endpoints(String cluster, ClusterLoadAssignment assignment);

  /** Once: all that was to be fetched at start has come, or has had its time. */
  void initialized();
}
