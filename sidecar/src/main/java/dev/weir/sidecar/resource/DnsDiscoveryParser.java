package dev.weir.sidecar.resource;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.cluster.DnsDiscovery;
import dev.weir.sidecar.config.cluster.DnsDiscovery.Backoff;
import dev.weir.sidecar.config.cluster.DnsDiscovery.Family;
import dev.weir.sidecar.config.cluster.DnsDiscovery.Name;
import dev.weir.sidecar.config.cluster.DnsDiscovery.Refresh;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import dev.weir.sidecar.resource.value.TypedConfigs;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.extensions.clusters.common.dns.v3.DnsLookupFamily;
import io.envoyproxy.envoy.extensions.clusters.dns.v3.DnsCluster;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Clusters of type STRICT_DNS and LOGICAL_DNS, and of {@code cluster_type} DnsCluster, which says
 * the same in a message of its own: the former are read as the latter.
 */
final class DnsDiscoveryParser {
  private static final Duration DEFAULT_REFRESH_RATE = Duration.ofSeconds(5);

  /** Of {@code max_interval}, in base intervals. */
  private static final int DEFAULT_MAX = 10;

  private final TypedConfigs typedConfigs;
  private final DnsResolverParser resolvers;

  DnsDiscoveryParser(TypedConfigs typedConfigs) {
    this.typedConfigs = typedConfigs;
    this.resolvers = new DnsResolverParser(typedConfigs);
  }

  DnsDiscovery ofClusterType(Cluster proto, FieldPath path) throws Invalid {
    FieldPath at = path.field("cluster_type").field("typed_config");
    Message config = typedConfigs.open(proto.getClusterType().getTypedConfig(), at);
    if (!(config instanceof DnsCluster dns)) {
      throw new Invalid(
          at, "a " + TypedConfigs.nameOf(config) + " is not supported here; only DnsCluster is");
    }
    DnsDiscovery.Resolver resolver =
        dns.hasTypedDnsResolverConfig()
            ? resolvers.typed(
                dns.getTypedDnsResolverConfig(), at.field("typed_dns_resolver_config"))
            : resolvers.of(proto, path);
    return parse(proto, path, dns, at, resolver);
  }

  @SuppressWarnings("deprecation") // Clusters are still written so, by istiod above all.
  DnsDiscovery ofType(Cluster proto, FieldPath path) throws Invalid {
    DnsCluster.Builder dns =
        DnsCluster.newBuilder()
            .setRespectDnsTtl(proto.getRespectDnsTtl())
            .setDnsLookupFamily(DnsLookupFamily.valueOf(proto.getDnsLookupFamily().name()))
            .setAllAddressesInSingleEndpoint(proto.getType() == Cluster.DiscoveryType.LOGICAL_DNS);
    if (proto.hasDnsRefreshRate()) {
      dns.setDnsRefreshRate(proto.getDnsRefreshRate());
    }
    if (proto.hasDnsJitter()) {
      dns.setDnsJitter(proto.getDnsJitter());
    }
    if (proto.hasDnsFailureRefreshRate()) {
      Cluster.RefreshRate rate = proto.getDnsFailureRefreshRate();
      DnsCluster.RefreshRate.Builder same = dns.getDnsFailureRefreshRateBuilder();
      same.setBaseInterval(rate.getBaseInterval());
      if (rate.hasMaxInterval()) {
        same.setMaxInterval(rate.getMaxInterval());
      }
    }
    return parse(proto, path, dns.build(), path, resolvers.of(proto, path));
  }

  /**
   * @param at of {@code dns}, whose fields have the same names in both places
   */
  private static DnsDiscovery parse(
      Cluster proto, FieldPath path, DnsCluster dns, FieldPath at, DnsDiscovery.Resolver resolver)
      throws Invalid {
    DnsDiscovery.Type type =
        dns.getAllAddressesInSingleEndpoint()
            ? DnsDiscovery.Type.LOGICAL
            : DnsDiscovery.Type.STRICT;
    return new DnsDiscovery(
        type,
        names(proto, path.field("load_assignment"), type),
        EndpointParser.overprovisioning(proto.getLoadAssignment()),
        family(dns, at.field("dns_lookup_family")),
        refresh(dns, at),
        resolver,
        !proto.hasWaitForWarmOnInit() || proto.getWaitForWarmOnInit().getValue());
  }

  private static List<Name> names(Cluster proto, FieldPath path, DnsDiscovery.Type type)
      throws Invalid {
    List<Name> names = new EndpointParser().names(proto.getLoadAssignment(), path);
    return switch (type) {
      case STRICT -> names;
      case LOGICAL -> {
        if (names.size() != 1 || proto.getLoadAssignment().getEndpointsCount() != 1) {
          throw new Invalid(
              path.field("endpoints"),
              "must have one locality with one endpoint in a cluster of type LOGICAL_DNS");
        }
        Name only = names.getFirst();
        // One host is of no lower priority than others.
        yield List.of(
            new Name(only.host(), only.port(), only.weight(), only.health(), 0, only.zone()));
      }
    };
  }

  private static Family family(DnsCluster dns, FieldPath path) throws Invalid {
    return switch (dns.getDnsLookupFamily()) {
      case UNSPECIFIED, AUTO -> Family.AUTO;
      case V4_ONLY -> Family.V4_ONLY;
      case V6_ONLY -> Family.V6_ONLY;
      case V4_PREFERRED -> Family.V4_PREFERRED;
      case ALL -> Family.ALL;
      case UNRECOGNIZED -> throw new Invalid(path, "has no value " + dns.getDnsLookupFamilyValue());
    };
  }

  private static Refresh refresh(DnsCluster dns, FieldPath at) throws Invalid {
    return new Refresh(
        Scalars.duration(
            dns.hasDnsRefreshRate(),
            dns.getDnsRefreshRate(),
            DEFAULT_REFRESH_RATE,
            at.field("dns_refresh_rate")),
        dns.hasDnsFailureRefreshRate()
            ? Optional.of(
                backoff(dns.getDnsFailureRefreshRate(), at.field("dns_failure_refresh_rate")))
            : Optional.empty(),
        dns.getRespectDnsTtl(),
        Scalars.duration(dns.getDnsJitter(), at.field("dns_jitter")));
  }

  private static Backoff backoff(DnsCluster.RefreshRate rate, FieldPath path) throws Invalid {
    Duration base = Scalars.duration(rate.getBaseInterval(), path.field("base_interval"));
    Duration max =
        Scalars.duration(
            rate.hasMaxInterval(),
            rate.getMaxInterval(),
            base.multipliedBy(DEFAULT_MAX),
            path.field("max_interval"));
    if (max.compareTo(base) < 0) {
      throw new Invalid(path.field("max_interval"), "must not be below base_interval");
    }
    return new Backoff(base, max);
  }
}
