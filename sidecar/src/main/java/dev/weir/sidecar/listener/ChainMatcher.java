package dev.weir.sidecar.listener;

import dev.weir.sidecar.config.listener.CidrRange;
import dev.weir.sidecar.config.listener.FilterChain.FilterChainMatch;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Finds the filter chain of a connection in Envoy's order: destination port, destination IP, server
 * name, transport protocol, application protocols, source IP, source port. At each step the most
 * specific criterion that matches wins, and only chains that share it go on.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/api-v3/config/listener/v3/listener_components.proto
 */
final class ChainMatcher {
  /**
   * What is known of a connection.
   *
   * @param protocols what its first bytes say, {@code http/1.1} or {@code h2c}; empty if they say
   *     nothing or were not looked at
   */
  record Facts(
      SocketAddress destination,
      SocketAddress source,
      String serverName,
      String transportProtocol,
      List<String> protocols) {}

  private static final int NO_MATCH = -1;

  private final List<LiveChain> chains;
  private final Optional<LiveChain> otherwise;

  ChainMatcher(List<LiveChain> chains, Optional<LiveChain> otherwise) {
    this.chains = List.copyOf(chains);
    this.otherwise = otherwise;
  }

  List<LiveChain> all() {
    List<LiveChain> all = new ArrayList<>(chains);
    otherwise.ifPresent(all::add);
    return all;
  }

  @Nullable LiveChain find(Facts facts) {
    if (chains.size() == 1 && chains.getFirst().compiled().match().equals(FilterChainMatch.ANY)) {
      return chains.getFirst();
    }
    List<LiveChain> left =
        best(
            chains,
            match ->
                match.destinationPort() == 0
                    ? 0
                    : match.destinationPort() == port(facts.destination()) ? 1 : NO_MATCH);
    left = best(left, match -> prefix(match.prefixRanges(), facts.destination()));
    left = best(left, match -> serverName(match.serverNames(), facts.serverName()));
    left =
        best(
            left,
            match ->
                match.transportProtocol().isEmpty()
                    ? 0
                    : match.transportProtocol().equals(facts.transportProtocol()) ? 1 : NO_MATCH);
    left =
        best(
            left,
            match ->
                match.applicationProtocols().isEmpty()
                    ? 0
                    : match.applicationProtocols().stream().anyMatch(facts.protocols()::contains)
                        ? 1
                        : NO_MATCH);
    left = best(left, match -> prefix(match.sourcePrefixRanges(), facts.source()));
    left =
        best(
            left,
            match ->
                match.sourcePorts().isEmpty()
                    ? 0
                    : match.sourcePorts().contains(port(facts.source())) ? 1 : NO_MATCH);
    return left.isEmpty() ? otherwise.orElse(null) : left.getFirst();
  }

  /** Which chain it is cannot be said before the first bytes are seen. */
  boolean dependsOnProtocol(SocketAddress destination) {
    List<LiveChain> left =
        best(
            chains,
            match ->
                match.destinationPort() == 0
                    ? 0
                    : match.destinationPort() == port(destination) ? 1 : NO_MATCH);
    left = best(left, match -> prefix(match.prefixRanges(), destination));
    return left.stream()
        .map(chain -> chain.compiled().match())
        .anyMatch(match ->
            !match.applicationProtocols().isEmpty()
                || !match.transportProtocol().isEmpty()
                || !match.serverNames().isEmpty());
  }

  private static List<LiveChain> best(
      List<LiveChain> chains, ToIntFunction<FilterChainMatch> score) {
    Function<LiveChain, Integer> of = chain -> score.applyAsInt(chain.compiled().match());
    int best = chains.stream().map(of).max(Integer::compare).orElse(NO_MATCH);
    return best == NO_MATCH
        ? List.of()
        : chains.stream().filter(chain -> of.apply(chain) == best).toList();
  }

  private static int port(SocketAddress address) {
    return address instanceof InetSocketAddress inet ? inet.getPort() : 0;
  }

  /** The longest prefix that holds the address, plus one; 0 for no criterion. */
  private static int prefix(List<CidrRange> ranges, SocketAddress address) {
    if (ranges.isEmpty()) {
      return 0;
    }
    int best = NO_MATCH;
    if (address instanceof InetSocketAddress inet) {
      for (CidrRange range : ranges) {
        if (contains(range, inet.getAddress())) {
          best = Math.max(best, range.prefixLength() + 1);
        }
      }
    }
    return best;
  }

  static boolean contains(CidrRange range, InetAddress address) {
    byte[] network = NetUtil.createByteArrayFromIpAddressString(range.address());
    byte[] bytes = address.getAddress();
    if (network == null || network.length != bytes.length) {
      return false;
    }
    for (int bit = 0; bit < range.prefixLength(); bit += 8) {
      int bits = Math.min(8, range.prefixLength() - bit);
      int mask = 0xff << (8 - bits) & 0xff;
      if ((network[bit / 8] & mask) != (bytes[bit / 8] & mask)) {
        return false;
      }
    }
    return true;
  }

  /** Exact before the longest suffix wildcard. */
  private static int serverName(List<String> names, String actual) {
    if (names.isEmpty()) {
      return 0;
    }
    int best = NO_MATCH;
    for (String name : names) {
      if (name.equalsIgnoreCase(actual)) {
        return Integer.MAX_VALUE;
      }
      if (name.startsWith("*.")
          && actual.length() > name.length() - 1
          && actual.regionMatches(
              true, actual.length() - name.length() + 1, name, 1, name.length() - 1)) {
        best = Math.max(best, name.length());
      }
    }
    return best;
  }
}
