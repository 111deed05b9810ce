package dev.weir.control.compile.xds;

import java.util.List;

/**
 * Where connections to a port go whose bytes pass as they are.
 *
 * @param own the cluster of the service itself, by which it is counted wherever it goes
 * @param plain what is no TLS
 * @param named TLS, by the name that the client gives
 * @param unnamed TLS with none of these names
 */
public record Streams(String own, List<Share> plain, List<Named> named, List<Share> unnamed) {
  public Streams {
    plain = List.copyOf(plain);
    named = List.copyOf(named);
    unnamed = List.copyOf(unnamed);
  }

  /** So much of the sum of all weights goes to a cluster. */
  public record Share(String cluster, int weight) {}

  public record Named(List<String> hostnames, List<Share> shares) {
    public Named {
      hostnames = List.copyOf(hostnames);
      shares = List.copyOf(shares);
    }
  }
}
