package dev.weir.sidecar.bootstrap;

import dev.weir.sidecar.config.Parsed;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.tls.Secret;
import java.util.Optional;
import java.util.function.Function;

/**
 * Says of a resource that has been parsed whether it can be put in force. It changes nothing.
 * Control thread, or before there is one.
 */
public interface ResourceCheck {
  /**
   * @param clusters the newest of a name, of those that are known
   */
  Parsed<Listener> listener(Listener listener, Function<String, Optional<Cluster>> clusters);

  Parsed<Cluster> cluster(Cluster cluster);

  Parsed<Secret> secret(Secret secret);
}
