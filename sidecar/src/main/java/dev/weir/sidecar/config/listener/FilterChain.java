package dev.weir.sidecar.config.listener;

import java.util.List;

/**
 * {@code config.listener.v3.FilterChain}. {@code name} identifies it over updates; a chain without
 * one, or with one that was taken, is named by its place.
 */
public record FilterChain(String name, FilterChainMatch match, NetworkFilter filter) {
  public FilterChain named(String other) {
    return new FilterChain(other, match, filter);
  }

  /**
   * {@code config.listener.v3.FilterChainMatch}; an empty criterion matches everything. Matched in
   * Envoy's order: destination port, destination IP (longest prefix), server name, transport
   * protocol, application protocols, source IP, source port.
   *
   * @param destinationPort 0 for any
   */
  public record FilterChainMatch(
      int destinationPort,
      List<CidrRange> prefixRanges,
      List<String> serverNames,
      String transportProtocol,
      List<String> applicationProtocols,
      List<CidrRange> sourcePrefixRanges,
      List<Integer> sourcePorts) {
    public static final FilterChainMatch ANY =
        new FilterChainMatch(0, List.of(), List.of(), "", List.of(), List.of(), List.of());

    public FilterChainMatch {
      prefixRanges = List.copyOf(prefixRanges);
      serverNames = List.copyOf(serverNames);
      applicationProtocols = List.copyOf(applicationProtocols);
      sourcePrefixRanges = List.copyOf(sourcePrefixRanges);
      sourcePorts = List.copyOf(sourcePorts);
    }
  }
}
