package dev.weir.sidecar.listener;

import dev.weir.sidecar.config.listener.FilterChain.FilterChainMatch;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.listener.NetworkFilter;
import dev.weir.sidecar.config.listener.NetworkRbac;
import dev.weir.sidecar.manager.HttpChain;
import dev.weir.sidecar.telemetry.StreamObserver;
import dev.weir.sidecar.transport.TransportSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A listener's configuration with its chains made ready to run. Immutable. */
public record CompiledListener(Listener config, List<Chain> chains, Optional<Chain> defaultChain) {
  public CompiledListener {
    chains = List.copyOf(chains);
  }

  /**
   * @param handshakeLimit how long {@code transport} may take to be ready
   * @param relayObservers of connections, for a chain that ends in a TCP proxy
   * @param http what new streams are made with, for a chain that ends in an HTTP connection manager
   */
  public record Chain(
      String name,
      FilterChainMatch match,
      List<NetworkRbac> access,
      NetworkFilter filter,
      TransportSocket transport,
      Duration handshakeLimit,
      List<StreamObserver> relayObservers,
      Optional<HttpChain> http) {
    public Chain {
      access = List.copyOf(access);
      relayObservers = List.copyOf(relayObservers);
    }
  }
}
