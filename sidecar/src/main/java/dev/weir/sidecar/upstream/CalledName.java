package dev.weir.sidecar.upstream;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.config.cluster.Cluster.RequestedName;
import dev.weir.sidecar.http.Authority;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.transport.ServerName;
import io.netty.util.NetUtil;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The host that a request is for, where a cluster's connections call it by that: {@code auto_sni},
 * {@code auto_san_validation}.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/api-v3/config/core/v3/protocol.proto
 */
final class CalledName {
  /** RFC 1035, section 2.3.4. */
  private static final int LONGEST = 255;

  private CalledName() {}

  /**
   * Null where the transport socket alone says whom to call.
   *
   * @param request as it goes upstream
   */
  static @Nullable ServerName of(LiveCluster cluster, Host host, Headers request) {
    Optional<RequestedName> config = cluster.config().requestedName();
    if (config.isEmpty() || cluster.transport(host).plain()) {
      return null;
    }
    return of(config.get(), request);
  }

  private static @Nullable ServerName of(RequestedName config, Headers request) {
    String header = config.header().isEmpty() ? null : request.value(config.header());
    String authority = header == null || header.isEmpty() ? request.authority() : header;
    String name = Authority.host(authority).toLowerCase(Locale.ROOT);
    // An address is no server name, RFC 6066.
    boolean sendable =
        !name.isEmpty()
            && name.length() <= LONGEST
            && !NetUtil.isValidIpV4Address(name)
            && !NetUtil.isValidIpV6Address(name);
    String sent = config.sni() && sendable ? name : null;
    String required = config.sanValidation() ? name : null;
    return sent == null && required == null ? null : new ServerName(sent, required);
  }
}
