package dev.weir.sidecar.listener;

import dev.weir.sidecar.config.listener.FilterChain.FilterChainMatch;
import dev.weir.sidecar.config.listener.FilterChain.SourceType;
import dev.weir.sidecar.runtime.IpRange;

/**
 * The criteria of one chain, made ready: nothing is parsed for a connection. Each says how well a
 * connection meets it: {@link #NO} not at all, 0 there is none, else the more the more specific.
 * Immutable.
 */
final class ChainMatch {
  static final int NO = -1;

  /** More than a connection offers protocols, or a name has bytes. */
  private static final int BEST = 1 << 16;

  private final FilterChainMatch config;
  private final IpRange[] destinations;
  private final IpRange[] directSources;
  private final IpRange[] sources;

  ChainMatch(FilterChainMatch config) {
    this.config = config;
    this.destinations = IpRange.of(config.prefixRanges());
    this.directSources = IpRange.of(config.directSourcePrefixRanges());
    this.sources = IpRange.of(config.sourcePrefixRanges());
  }

  /** It asks what the first bytes say. */
  boolean looksAtBytes() {
    return !config.applicationProtocols().isEmpty()
        || !config.transportProtocol().isEmpty()
        || !config.serverNames().isEmpty();
  }

  int destinationPort(ConnectionFacts facts) {
    return config.destinationPort() == 0
        ? 0
        : config.destinationPort() == facts.destinationPort() ? 1 : NO;
  }

  int destination(ConnectionFacts facts) {
    return longest(destinations, facts.destinationIp());
  }

  /** The whole name before the longest wildcard. */
  int serverName(ConnectionFacts facts) {
    String actual = facts.serverName();
    int best = config.serverNames().isEmpty() ? 0 : NO;
    for (String name : config.serverNames()) {
      if (name.equals(actual)) {
        return BEST;
      }
      if (name.startsWith("*.")
          && actual.length() > name.length() - 1
          && actual.endsWith(name.substring(1))) {
        best = Math.max(best, name.length());
      }
    }
    return best;
  }

  int transport(ConnectionFacts facts) {
    return config.transportProtocol().isEmpty()
        ? 0
        : config.transportProtocol().equals(facts.transportProtocol()) ? 1 : NO;
  }

  /** The client's first choice before its second. */
  int protocol(ConnectionFacts facts) {
    if (config.applicationProtocols().isEmpty()) {
      return 0;
    }
    for (int i = 0; i < facts.protocols().size(); i++) {
      if (config.applicationProtocols().contains(facts.protocols().get(i))) {
        return BEST - i;
      }
    }
    return NO;
  }

  int directSource(ConnectionFacts facts) {
    return longest(directSources, facts.sourceIp());
  }

  int sourceType(ConnectionFacts facts) {
    return switch (config.sourceType()) {
      case ANY -> 0;
      case SAME_IP_OR_LOOPBACK, EXTERNAL ->
          facts.local() == (config.sourceType() == SourceType.SAME_IP_OR_LOOPBACK) ? 1 : NO;
    };
  }

  int source(ConnectionFacts facts) {
    return longest(sources, facts.sourceIp());
  }

  int sourcePort(ConnectionFacts facts) {
    return config.sourcePorts().isEmpty()
        ? 0
        : config.sourcePorts().contains(facts.sourcePort()) ? 1 : NO;
  }

  private static int longest(IpRange[] ranges, byte[] address) {
    int best = ranges.length == 0 ? 0 : NO;
    for (IpRange range : ranges) {
      if (range.holds(address)) {
        best = Math.max(best, range.length() + 1);
      }
    }
    return best;
  }
}
