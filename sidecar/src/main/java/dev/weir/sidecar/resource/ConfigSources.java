package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.ConfigSource;
import dev.weir.sidecar.config.ConfigSource.Protocol;
import dev.weir.sidecar.config.Fetch;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import dev.weir.sidecar.resource.value.WireTexts;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.PathConfigSource;
import java.time.Duration;
import java.util.Optional;

/**
 * {@code config.core.v3.ConfigSource}. Whether the clusters that one names are there is not looked
 * at here.
 */
public final class ConfigSources {
  private static final Duration DEFAULT_INITIAL_FETCH_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(1);

  private ConfigSources() {}

  public static Fetch fetch(io.envoyproxy.envoy.config.core.v3.ConfigSource proto, FieldPath path)
      throws Invalid {
    checkVersion(proto.getResourceApiVersion(), path.field("resource_api_version"));
    return new Fetch(
        source(proto, path),
        Scalars.duration(
            proto.hasInitialFetchTimeout(),
            proto.getInitialFetchTimeout(),
            DEFAULT_INITIAL_FETCH_TIMEOUT,
            path.field("initial_fetch_timeout")));
  }

  @SuppressWarnings("deprecation") // The older path is still written.
  private static ConfigSource source(
      io.envoyproxy.envoy.config.core.v3.ConfigSource proto, FieldPath path) throws Invalid {
    return switch (proto.getConfigSourceSpecifierCase()) {
      case ADS, SELF -> new ConfigSource.Ads();
      case PATH -> file(proto.getPath(), Optional.empty(), path.field("path"));
      case PATH_CONFIG_SOURCE -> {
        PathConfigSource file = proto.getPathConfigSource();
        FieldPath at = path.field("path_config_source");
        Optional<String> watched =
            file.hasWatchedDirectory()
                ? Optional.of(file.getWatchedDirectory().getPath())
                : Optional.empty();
        if (watched.isPresent() && watched.get().isEmpty()) {
          throw new Invalid(at.field("watched_directory").field("path"), "must not be empty");
        }
        yield file(file.getPath(), watched, at.field("path"));
      }
      case API_CONFIG_SOURCE -> api(proto.getApiConfigSource(), path.field("api_config_source"));
      case CONFIGSOURCESPECIFIER_NOT_SET ->
          throw new Invalid(
              path, "must set ads, api_config_source or path_config_source: where it comes from");
    };
  }

  private static ConfigSource file(String file, Optional<String> watched, FieldPath path)
      throws Invalid {
    if (file.isEmpty()) {
      throw new Invalid(path, "must not be empty");
    }
    return new ConfigSource.File(file, watched);
  }

  private static ConfigSource api(ApiConfigSource proto, FieldPath path) throws Invalid {
    return switch (proto.getApiType()) {
      case GRPC, DELTA_GRPC -> grpc(proto, path);
      case REST -> rest(proto, path);
      case AGGREGATED_GRPC,
          AGGREGATED_DELTA_GRPC,
          DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE,
          UNRECOGNIZED ->
          throw new Invalid(path.field("api_type"), "must be GRPC, DELTA_GRPC or REST");
    };
  }

  /** One that streams; {@code ads_config} is such a one, too. */
  public static ConfigSource.Grpc grpc(ApiConfigSource proto, FieldPath path) throws Invalid {
    checkVersion(proto.getTransportApiVersion(), path.field("transport_api_version"));
    Protocol protocol =
        switch (proto.getApiType()) {
          case GRPC -> Protocol.SOTW;
          case DELTA_GRPC -> Protocol.DELTA;
          case REST,
              AGGREGATED_GRPC,
              AGGREGATED_DELTA_GRPC,
              DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE,
              UNRECOGNIZED ->
              throw new Invalid(path.field("api_type"), "must be GRPC or DELTA_GRPC");
        };
    if (proto.getClusterNamesCount() > 0) {
      throw new Invalid(path.field("cluster_names"), "is for REST; gRPC has grpc_services");
    }
    FieldPath at = path.field("grpc_services");
    if (proto.getGrpcServicesCount() != 1) {
      throw new Invalid(at, "must have one entry");
    }
    if (!proto.getGrpcServices(0).hasEnvoyGrpc()) {
      throw new Invalid(at.index(0), "must set envoy_grpc; nothing else is supported");
    }
    if (proto.getGrpcServices(0).hasTimeout()) {
      throw new Invalid(at.index(0).field("timeout"), "is not for a stream, which has no end");
    }
    if (proto.getGrpcServices(0).getInitialMetadataCount() > 0) {
      throw new Invalid(
          at.index(0).field("initial_metadata"), "is not supported for configuration that streams");
    }
    GrpcService.EnvoyGrpc service = proto.getGrpcServices(0).getEnvoyGrpc();
    WireTexts.grpcAuthority(
        service.getAuthority(), service.getClusterName(), at.index(0).field("envoy_grpc"));
    return new ConfigSource.Grpc(
        protocol,
        service.getClusterName(),
        Optional.of(service.getAuthority()).filter(authority -> !authority.isEmpty()));
  }

  private static ConfigSource rest(ApiConfigSource proto, FieldPath path) throws Invalid {
    checkVersion(proto.getTransportApiVersion(), path.field("transport_api_version"));
    if (proto.getGrpcServicesCount() > 0) {
      throw new Invalid(path.field("grpc_services"), "is for gRPC; REST has cluster_names");
    }
    if (proto.getClusterNamesCount() != 1) {
      throw new Invalid(path.field("cluster_names"), "must have one entry");
    }
    FieldPath delay = path.field("refresh_delay");
    if (!proto.hasRefreshDelay()) {
      throw new Invalid(delay, "must be set: how long after an answer it is asked again");
    }
    Duration refreshDelay = Scalars.duration(true, proto.getRefreshDelay(), Duration.ZERO, delay);
    if (refreshDelay.toMillis() < 1) {
      throw new Invalid(delay, "must be 1 ms or more");
    }
    Duration requestTimeout =
        Scalars.duration(
            proto.hasRequestTimeout(),
            proto.getRequestTimeout(),
            DEFAULT_REQUEST_TIMEOUT,
            path.field("request_timeout"));
    return new ConfigSource.Rest(proto.getClusterNames(0), refreshDelay, requestTimeout);
  }

  private static void checkVersion(ApiVersion version, FieldPath path) throws Invalid {
    if (version != ApiVersion.V3 && version != ApiVersion.AUTO) {
      throw new Invalid(path, "must be V3");
    }
  }
}
