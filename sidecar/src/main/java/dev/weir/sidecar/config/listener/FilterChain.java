package dev.weir.sidecar.config.listener;

import dev.weir.sidecar.config.CidrRange;
import dev.weir.sidecar.config.tls.DownstreamTls;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * {@code config.listener.v3.FilterChain}. {@code name} identifies it over updates; a chain without
 * one, or with one that was taken, is named by its place.
 *
 * @param access what stands before the last filter: who may connect
 * @param tls the transport socket; empty for plaintext
 * @param transportSocketConnectTimeout how long a handshake may take, default 10 s
 */
public record FilterChain(
    String name,
    FilterChainMatch match,
    List<NetworkRbac> access,
    NetworkFilter filter,
    Optional<DownstreamTls> tls,
    Duration transportSocketConnectTimeout) {
  public FilterChain {
    access = List.copyOf(access);
  }

  /** Where a connection comes from. */
  public enum SourceType {
    ANY,
    /** This machine. */
    SAME_IP_OR_LOOPBACK,
    EXTERNAL
  }

  public FilterChain named(String other) {
    return new FilterChain(other, match, access, filter, tls, transportSocketConnectTimeout);
  }

  /**
   * {@code config.listener.v3.FilterChainMatch}; an empty criterion matches everything. Matched in
   * Envoy's order: destination port, destination IP (longest prefix), server name, transport
   * protocol, application protocols, directly connected source IP, source type, source IP, source
   * port.
   *
   * @param destinationPort 0 for any
   * @param serverNames in lower case, {@code *.} in front for any first labels
   */
  public record FilterChainMatch(
      int destinationPort,
      List<CidrRange> prefixRanges,
      List<String> serverNames,
      String transportProtocol,
      List<String> applicationProtocols,
      List<CidrRange> directSourcePrefixRanges,
      SourceType sourceType,
      List<CidrRange> sourcePrefixRanges,
      List<Integer> sourcePorts) {
    public static final FilterChainMatch ANY =
        new FilterChainMatch(
            0,
            List.of(),
            List.of(),
            "",
            List.of(),
            List.of(),
            SourceType.ANY,
            List.of(),
            List.of());

    public FilterChainMatch {
      prefixRanges = List.copyOf(prefixRanges);
      serverNames = List.copyOf(serverNames);
      applicationProtocols = List.copyOf(applicationProtocols);
      directSourcePrefixRanges = List.copyOf(directSourcePrefixRanges);
      sourcePrefixRanges = List.copyOf(sourcePrefixRanges);
      sourcePorts = List.copyOf(sourcePorts);
    }

    private List<Object> criteria() {
      return List.of(
          destinationPort,
          prefixRanges,
          serverNames,
          transportProtocol,
          applicationProtocols,
          directSourcePrefixRanges,
          sourceType,
          sourcePrefixRanges,
          sourcePorts);
    }

    /** The JDK's own of a record are made when they are first asked for: 20 ms of each start. */
    @Override
    public boolean equals(Object other) {
      return other instanceof FilterChainMatch match && criteria().equals(match.criteria());
    }

    @Override
    public int hashCode() {
      return criteria().hashCode();
    }
  }
}
