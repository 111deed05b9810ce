package dev.weir.sidecar.bootstrap;

import dev.weir.protos.FieldPath;
import dev.weir.protos.Nearest;
import dev.weir.sidecar.config.bootstrap.DynamicResources;
import dev.weir.sidecar.config.bootstrap.DynamicResources.Protocol;
import dev.weir.sidecar.resource.ConfigSources;
import dev.weir.sidecar.resource.value.Invalid;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code Bootstrap.dynamic_resources}: one ADS stream over a static cluster. */
final class DynamicResourcesParser {
  private DynamicResourcesParser() {}

  static Optional<DynamicResources> parse(
      Bootstrap.DynamicResources proto, List<String> clusters, FieldPath path) throws Invalid {
    Optional<Duration> listeners =
        proto.hasLdsConfig()
            ? Optional.of(ConfigSources.ads(proto.getLdsConfig(), path.field("lds_config")))
            : Optional.empty();
    Optional<Duration> streamedClusters =
        proto.hasCdsConfig()
            ? Optional.of(ConfigSources.ads(proto.getCdsConfig(), path.field("cds_config")))
            : Optional.empty();
    FieldPath ads = path.field("ads_config");
    if (!proto.hasAdsConfig()) {
      if (proto.hasLdsConfig() || proto.hasCdsConfig()) {
        throw new Invalid(ads, "must be set: lds_config and cds_config stream over it");
      }
      return Optional.empty();
    }
    GrpcService.EnvoyGrpc grpc = grpc(proto.getAdsConfig(), clusters, ads);
    return Optional.of(
        new DynamicResources(
            protocol(proto.getAdsConfig(), ads),
            grpc.getClusterName(),
            listeners,
            streamedClusters,
            Optional.of(grpc.getAuthority()).filter(authority -> !authority.isEmpty())));
  }

  private static Protocol protocol(ApiConfigSource proto, FieldPath path) throws Invalid {
    if (proto.getTransportApiVersion() != ApiVersion.V3
        && proto.getTransportApiVersion() != ApiVersion.AUTO) {
      throw new Invalid(path.field("transport_api_version"), "must be V3");
    }
    return switch (proto.getApiType()) {
      case GRPC -> Protocol.SOTW;
      case DELTA_GRPC -> Protocol.DELTA;
      case REST,
          AGGREGATED_GRPC,
          AGGREGATED_DELTA_GRPC,
          DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE,
          UNRECOGNIZED ->
          throw new Invalid(path.field("api_type"), "must be GRPC or DELTA_GRPC");
    };
  }

  private static GrpcService.EnvoyGrpc grpc(
      ApiConfigSource proto, List<String> clusters, FieldPath path) throws Invalid {
    FieldPath at = path.field("grpc_services");
    if (proto.getGrpcServicesCount() != 1) {
      throw new Invalid(at, "must have one entry");
    }
    if (!proto.getGrpcServices(0).hasEnvoyGrpc()) {
      throw new Invalid(at.index(0), "must set envoy_grpc; nothing else is supported");
    }
    GrpcService.EnvoyGrpc grpc = proto.getGrpcServices(0).getEnvoyGrpc();
    if (!clusters.contains(grpc.getClusterName())) {
      throw new Invalid(
          at.index(0).field("envoy_grpc").field("cluster_name"),
          "\""
              + grpc.getClusterName()
              + "\" is not among static_resources.clusters"
              + Nearest.hint(grpc.getClusterName(), clusters));
    }
    return grpc;
  }
}
