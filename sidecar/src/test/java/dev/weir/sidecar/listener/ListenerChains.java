package dev.weir.sidecar.listener;

import dev.weir.sidecar.config.listener.FilterChain;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.transport.TransportSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The chains of a listener as what finds a connection's, in plain text. */
final class ListenerChains {
  private ListenerChains() {}

  static ChainMatcher of(Listener listener) {
    Stats stats = new Stats(1);
    return new ChainMatcher(
        listener.filterChains().stream().map(chain -> live(chain, stats)).toList(),
        listener.defaultFilterChain().map(chain -> live(chain, stats)),
        Optional.empty());
  }

  private static LiveChain live(FilterChain chain, Stats stats) {
    return new LiveChain(
        new CompiledListener.Chain(
            chain.name(),
            chain.match(),
            chain.access(),
            chain.filter(),
            TransportSocket.PLAIN,
            Duration.ZERO,
            List.of(),
            Optional.empty()),
        stats);
  }
}
