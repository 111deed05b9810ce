package dev.weir.sidecar.http;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * A service of which an instance was called by its own address.
 *
 * @param address the service's own
 * @param clusters those whose hosts its instances are
 */
public record CalledService(InetSocketAddress address, List<String> clusters) {
  public CalledService {
    clusters = List.copyOf(clusters);
  }
}
