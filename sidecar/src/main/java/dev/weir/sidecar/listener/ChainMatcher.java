package dev.weir.sidecar.listener;

import dev.weir.sidecar.config.listener.FilterChain.FilterChainMatch;
import dev.weir.sidecar.config.listener.OnDemand;
import dev.weir.sidecar.runtime.IpRange;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntBiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Finds the filter chain of a connection in Envoy's order: destination port, destination IP, server
 * name, transport protocol, application protocols, directly connected source IP, source type,
 * source IP, source port. At each step the most specific criterion that matches wins, and only
 * chains that share it go on.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/api-v3/config/listener/v3/listener_components.proto
 */
final class ChainMatcher {
  /** One step of the order. */
  private interface Criterion extends ToIntBiFunction<ChainMatch, ConnectionFacts> {}

  private static final Criterion[] OF_DESTINATION = {
    ChainMatch::destinationPort, ChainMatch::destination
  };

  private static final Criterion[] OF_REST = {
    ChainMatch::serverName,
    ChainMatch::transport,
    ChainMatch::protocol,
    ChainMatch::directSource,
    ChainMatch::sourceType,
    ChainMatch::source,
    ChainMatch::sourcePort
  };

  private final List<LiveChain> chains;
  private final ChainMatch[] matches;
  private final Optional<LiveChain> otherwise;

  /** There is one chain, and it takes everything. */
  private final boolean takesAll;

  /** Where a connection may wait for a chain that is asked for. */
  private final IpRange[] onDemand;

  ChainMatcher(List<LiveChain> chains, Optional<LiveChain> otherwise, Optional<OnDemand> onDemand) {
    this.onDemand =
        onDemand.map(filter -> IpRange.of(filter.ranges())).orElseGet(() -> new IpRange[0]);
    this.chains = List.copyOf(chains);
    this.matches =
        chains.stream()
            .map(chain -> new ChainMatch(chain.compiled().match()))
            .toArray(ChainMatch[]::new);
    this.otherwise = otherwise;
    this.takesAll =
        chains.size() == 1 && chains.getFirst().compiled().match().equals(FilterChainMatch.ANY);
  }

  List<LiveChain> all() {
    List<LiveChain> all = new ArrayList<>(chains);
    otherwise.ifPresent(all::add);
    return all;
  }

  @Nullable LiveChain find(ConnectionFacts facts) {
    if (takesAll) {
      return chains.getFirst();
    }
    boolean[] out = new boolean[matches.length];
    narrow(OF_DESTINATION, facts, out);
    narrow(OF_REST, facts, out);
    for (int i = 0; i < out.length; i++) {
      if (!out[i]) {
        return chains.get(i);
      }
    }
    return otherwise.orElse(null);
  }

  /** Whether a connection to {@code destination} has no chain of its own, and one may be had. */
  boolean mayHaveChainLater(SocketAddress destination, SocketAddress source) {
    if (onDemand.length == 0 || !(destination instanceof InetSocketAddress inet)) {
      return false;
    }
    byte[] address = inet.getAddress().getAddress();
    for (IpRange range : onDemand) {
      if (range.holds(address)) {
        return !knows(destination, source);
      }
    }
    return false;
  }

  /** Whether a chain takes a connection by its destination. */
  boolean knows(SocketAddress destination, SocketAddress source) {
    boolean[] out = new boolean[matches.length];
    narrow(
        OF_DESTINATION, new ConnectionFacts(destination, source, "", "raw_buffer", List.of()), out);
    for (boolean each : out) {
      if (!each) {
        return true;
      }
    }
    return false;
  }

  /** Which chain it is cannot be said before the first bytes are seen. */
  boolean dependsOnBytes(SocketAddress destination, SocketAddress source) {
    boolean[] out = new boolean[matches.length];
    narrow(
        OF_DESTINATION, new ConnectionFacts(destination, source, "", "raw_buffer", List.of()), out);
    for (int i = 0; i < out.length; i++) {
      if (!out[i] && matches[i].looksAtBytes()) {
        return true;
      }
    }
    return false;
  }

  /** Whether a connection to {@code destination} may be one that TLS is taken off. */
  boolean mayBeSecured(SocketAddress destination, SocketAddress source) {
    boolean[] out = new boolean[matches.length];
    narrow(
        OF_DESTINATION, new ConnectionFacts(destination, source, "", "raw_buffer", List.of()), out);
    for (int i = 0; i < out.length; i++) {
      if (!out[i] && !chains.get(i).compiled().transport().plain()) {
        return true;
      }
    }
    return false;
  }

  /** After each criterion only the chains that meet it best are still in. */
  private void narrow(Criterion[] criteria, ConnectionFacts facts, boolean[] out) {
    for (Criterion criterion : criteria) {
      int best = ChainMatch.NO;
      for (int i = 0; i < out.length; i++) {
        if (!out[i]) {
          best = Math.max(best, criterion.applyAsInt(matches[i], facts));
        }
      }
      for (int i = 0; i < out.length; i++) {
        out[i] = out[i] || best == ChainMatch.NO || criterion.applyAsInt(matches[i], facts) != best;
      }
    }
  }
}
