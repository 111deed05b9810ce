package dev.weir.sidecar.bootstrap;

import dev.weir.sidecar.config.Parsed;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.tls.Secret;

/**
 * Says of a resource that has been parsed whether it can be put in force by itself. It changes
 * nothing. Control thread, or before there is one.
 */
public interface ResourceCheck {
  Parsed<Listener> listener(Listener listener);

  Parsed<Cluster> cluster(Cluster cluster);

  Parsed<Secret> secret(Secret secret);
}
