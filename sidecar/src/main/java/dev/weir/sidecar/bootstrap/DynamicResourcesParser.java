package dev.weir.sidecar.bootstrap;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.ConfigSource;
import dev.weir.sidecar.config.Fetch;
import dev.weir.sidecar.config.bootstrap.DynamicResources;
import dev.weir.sidecar.resource.ConfigSources;
import dev.weir.sidecar.resource.value.Invalid;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import java.util.Optional;

/** {@code Bootstrap.dynamic_resources}: the ADS stream, and where listeners and clusters are. */
final class DynamicResourcesParser {
  private DynamicResourcesParser() {}

  static DynamicResources parse(
      Bootstrap.DynamicResources proto, SourceCheck sources, FieldPath path) throws Invalid {
    Optional<Fetch> listeners =
        proto.hasLdsConfig()
            ? Optional.of(fetch(proto.getLdsConfig(), sources, path.field("lds_config")))
            : Optional.empty();
    Optional<Fetch> clusters =
        proto.hasCdsConfig()
            ? Optional.of(fetch(proto.getCdsConfig(), sources, path.field("cds_config")))
            : Optional.empty();
    Optional<ConfigSource.Grpc> ads = Optional.empty();
    if (proto.hasAdsConfig()) {
      FieldPath at = path.field("ads_config");
      ads = Optional.of(ConfigSources.grpc(proto.getAdsConfig(), at));
      sources.check(proto.getAdsConfig(), at);
    }
    return new DynamicResources(ads, listeners, clusters);
  }

  private static Fetch fetch(
      io.envoyproxy.envoy.config.core.v3.ConfigSource proto, SourceCheck sources, FieldPath path)
      throws Invalid {
    Fetch fetch = ConfigSources.fetch(proto, path);
    sources.check(proto, path);
    return fetch;
  }
}
