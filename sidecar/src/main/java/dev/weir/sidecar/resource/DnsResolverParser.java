package dev.weir.sidecar.resource;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.config.cluster.DnsDiscovery.Resolver;
import dev.weir.sidecar.resource.value.Addresses;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.TypedConfigs;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.DnsResolutionConfig;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig;
import io.envoyproxy.envoy.extensions.network.dns_resolver.getaddrinfo.v3.GetAddrInfoDnsResolverConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Which name servers a cluster asks, in whichever of three places it says so, with Envoy's
 * defaults.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/api-v3/extensions/network/dns_resolver/cares/v3/cares_dns_resolver.proto
 */
final class DnsResolverParser {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(1);
  private static final int DEFAULT_TRIES = 4;
  private static final int MOST_TRIES = 100;
  private static final int DNS_PORT = 53;

  private final TypedConfigs typedConfigs;

  DnsResolverParser(TypedConfigs typedConfigs) {
    this.typedConfigs = typedConfigs;
  }

  /** The newest place counts, as in Envoy. */
  @SuppressWarnings("deprecation") // The older fields are still written.
  Resolver of(Cluster proto, FieldPath path) throws Invalid {
    if (proto.hasTypedDnsResolverConfig()) {
      return typed(proto.getTypedDnsResolverConfig(), path.field("typed_dns_resolver_config"));
    }
    if (proto.hasDnsResolutionConfig()) {
      DnsResolutionConfig config = proto.getDnsResolutionConfig();
      return resolver(
          config.getResolversList(),
          path.field("dns_resolution_config").field("resolvers"),
          !config.getDnsResolverOptions().getNoDefaultSearchDomain());
    }
    return resolver(proto.getDnsResolversList(), path.field("dns_resolvers"), true);
  }

  /** Of type GetAddrInfoDnsResolverConfig: the system's. */
  Resolver typed(TypedExtensionConfig proto, FieldPath path) throws Invalid {
    FieldPath at = path.field("typed_config");
    return switch (typedConfigs.open(proto.getTypedConfig(), at)) {
      case CaresDnsResolverConfig config -> {
        Resolver resolver =
            resolver(
                config.getResolversList(),
                at.field("resolvers"),
                !config.getDnsResolverOptions().getNoDefaultSearchDomain());
        yield new Resolver(
            resolver.servers(),
            resolver.searchDomains(),
            config.hasQueryTimeoutSeconds()
                ? timeout(config.getQueryTimeoutSeconds().getValue())
                : DEFAULT_TIMEOUT,
            config.hasQueryTries()
                ? (int)
                    Math.min(MOST_TRIES, Integer.toUnsignedLong(config.getQueryTries().getValue()))
                : DEFAULT_TRIES);
      }
      case GetAddrInfoDnsResolverConfig _ -> resolver(List.of(), at, true);
      case Message other ->
          throw new Invalid(
              at,
              "a "
                  + TypedConfigs.nameOf(other)
                  + " is not supported here; only CaresDnsResolverConfig and"
                  + " GetAddrInfoDnsResolverConfig are");
    };
  }

  private static Duration timeout(long seconds) {
    return Long.compareUnsigned(seconds, LONGEST_TIMEOUT.toSeconds()) > 0
        ? LONGEST_TIMEOUT
        : Duration.ofSeconds(seconds);
  }

  private static Resolver resolver(List<Address> protos, FieldPath path, boolean searchDomains)
      throws Invalid {
    List<SocketAddress.Ip> servers = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      if (!(udp(protos.get(i), path.index(i)) instanceof SocketAddress.Ip ip)) {
        throw new Invalid(path.index(i), "must set socket_address");
      }
      servers.add(ip.port() == 0 ? new SocketAddress.Ip(ip.host(), DNS_PORT) : ip);
    }
    return new Resolver(servers, searchDomains, DEFAULT_TIMEOUT, DEFAULT_TRIES);
  }

  /** Envoy asks by UDP whatever {@code protocol} says; it is often written, and right. */
  private static SocketAddress udp(Address proto, FieldPath path) throws Invalid {
    Address.Builder same = proto.toBuilder();
    if (same.hasSocketAddress()) {
      same.getSocketAddressBuilder().clearProtocol();
    }
    return Addresses.literal(same.build(), path);
  }
}
