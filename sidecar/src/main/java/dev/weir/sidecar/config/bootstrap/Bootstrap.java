package dev.weir.sidecar.config.bootstrap;

import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.tls.Secret;
import java.util.List;
import java.util.Optional;

/** An Envoy v3 bootstrap as far as it is honoured. */
public record Bootstrap(
    Node node,
    Optional<Admin> admin,
    List<Listener> listeners,
    List<Cluster> clusters,
    List<Secret> secrets,
    Optional<DynamicResources> dynamicResources,
    Optional<WorkloadIdentity> identity,
    List<MetricsSink> metricsSinks) {
  public Bootstrap {
    listeners = List.copyOf(listeners);
    clusters = List.copyOf(clusters);
    secrets = List.copyOf(secrets);
    metricsSinks = List.copyOf(metricsSinks);
  }

  public record Admin(SocketAddress address) {}
}
