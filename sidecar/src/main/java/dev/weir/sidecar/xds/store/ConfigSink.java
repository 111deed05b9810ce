package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.xds.Refused;
import java.util.List;
import java.util.Set;

/** Where configuration goes. Control thread. */
public interface ConfigSink {
  /**
   * The state that is in force from now on, whole.
   *
   * @return what of it could not be: a listener whose address cannot be had, say
   */
  List<Refused> config(StreamedConfig config);

  /** New endpoints of a cluster that is in force, where nothing else changed. */
  void endpoints(String cluster, ClusterLoadAssignment assignment);

  /** A secret that is in force from now on; before any state that names it. */
  void secret(Secret secret);

  /** Nothing refers to any other secret than {@code names} any more. */
  void retainSecrets(Set<String> names);

  /** Once: all that was to be fetched at start has come, or has had its time. */
  void initialized();
}
