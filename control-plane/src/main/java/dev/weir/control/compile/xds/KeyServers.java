package dev.weir.control.compile.xds;

import dev.weir.control.compile.KeyService;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.Slice;
import dev.weir.control.model.ConfigMapKey;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Service;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * Where keys of token issuers are: clusters of their hosts, those by which a service of the mesh is
 * called, or a ConfigMap.
 */
final class KeyServers {
  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  private final String namespace;
  private final Map<ObjectName, Service> services;
  private final Map<ConfigMapKey, String> texts;

  /**
   * @param slice of the service that asks for tokens
   */
  KeyServers(Slice slice) {
    this.namespace = slice.service().name().namespace();
    this.services = slice.mesh().model().services();
    this.texts = slice.mesh().model().texts();
  }

  /** What a ConfigMap has under a key that a policy in force names. */
  String text(ConfigMapKey key) {
    String text = texts.get(key);
    if (text == null) {
      throw new IllegalArgumentException("not of this mesh: " + key);
    }
    return text;
  }

  /** Whether it has a cluster of its own. */
  boolean isOutside(String uri) {
    return KeyService.of(uri, namespace, services).isEmpty();
  }

  /** The name of the cluster of {@code uri}. */
  String cluster(String uri) {
    return KeyService.of(uri, namespace, services)
        .map(Names::outbound)
        .orElseGet(() -> outside(uri));
  }

  private static int port(URI uri) {
    if (uri.getPort() > 0) {
      return uri.getPort();
    }
    return isSecure(uri) ? HTTPS : HTTP;
  }

  private static boolean isSecure(URI uri) {
    return "https".equals(uri.getScheme());
  }

  /** The name of the cluster of a host that is of no service of the mesh. */
  static String outside(String uri) {
    URI parsed = URI.create(uri);
    return "keys|" + parsed.getScheme() + "|" + port(parsed) + "|" + parsed.getHost();
  }

  @SuppressWarnings("deprecation") // what came in its place not all clients know
  static Cluster of(String uri, Cluster.Builder base) {
    URI parsed = URI.create(uri);
    Cluster.Builder cluster =
        base.setType(Cluster.DiscoveryType.STRICT_DNS)
            .setDnsLookupFamily(Cluster.DnsLookupFamily.V4_PREFERRED)
            .setRespectDnsTtl(true)
            .setLoadAssignment(
                EndpointCompiler.assignment(
                    base.getName(), List.of(new Endpoint(parsed.getHost(), port(parsed)))));
    if (isSecure(parsed)) {
      cluster.setTransportSocket(ServerTls.to(parsed.getHost()));
    }
    return cluster.build();
  }
}
