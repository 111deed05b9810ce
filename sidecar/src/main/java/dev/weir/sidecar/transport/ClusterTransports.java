package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.cluster.Cluster;
import java.util.List;
import java.util.Map;

/** The transport sockets of a cluster. Immutable; any thread. */
public final class ClusterTransports {
  /** One of {@code transport_socket_matches}. */
  record Match(Cluster.SocketMatch config, TransportSocket socket) {}

  private final TransportSocket otherwise;
  private final List<Match> matches;

  ClusterTransports(TransportSocket otherwise, List<Match> matches) {
    this.otherwise = otherwise;
    this.matches = List.copyOf(matches);
  }

  /** Nothing but plain bytes. */
  public static ClusterTransports plain() {
    return new ClusterTransports(TransportSocket.PLAIN, List.of());
  }

  /**
   * The one for an endpoint.
   *
   * @param endpoint {@code envoy.transport_socket_match} of its metadata
   */
  public TransportSocket of(Map<String, String> endpoint) {
    for (Match match : matches) {
      if (match.config().fits(endpoint)) {
        return match.socket();
      }
    }
    return otherwise;
  }
}
