package dev.weir.sidecar.bootstrap;

import dev.weir.protos.FieldPath;
import dev.weir.protos.Nearest;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Whether a source can be asked from the start: the cluster that it names is among the static ones
 * and is not itself of type EDS, as in Envoy, and {@code ads: {}} has its stream.
 */
final class SourceCheck {
  private final Map<String, Cluster> clusters = new LinkedHashMap<>();
  private final Map<String, ConfigSource> named = new HashMap<>();
  private final boolean hasAds;
  private final BiConsumer<FieldPath, String> reject;

  /** {@code reject} is given the field and the reason. */
  SourceCheck(Bootstrap proto, BiConsumer<FieldPath, String> reject) {
    this.reject = reject;
    proto
        .getStaticResources()
        .getClustersList()
        .forEach(each -> clusters.put(each.getName(), each));
    hasAds = proto.getDynamicResources().hasAdsConfig();
  }

  /**
   * What is asked for by name is one resource, and comes from one source.
   *
   * @param kind {@code endpoints}, as in messages
   */
  void checkNamed(String kind, String name, ConfigSource source, FieldPath path) {
    check(source, path);
    ConfigSource untimed = source.toBuilder().clearInitialFetchTimeout().build();
    ConfigSource other = named.putIfAbsent(kind + " \"" + name + "\"", untimed);
    if (other != null && !other.equals(untimed)) {
      reject.accept(
          path,
          "names another source for %s \"%s\": one name has one source".formatted(kind, name));
    }
  }

  void check(ConfigSource source, FieldPath path) {
    switch (source.getConfigSourceSpecifierCase()) {
      case ADS, SELF -> {
        if (!hasAds) {
          reject.accept(path, "streams over dynamic_resources.ads_config, which is not set");
        }
      }
      case API_CONFIG_SOURCE -> check(source.getApiConfigSource(), path.field("api_config_source"));
      case PATH, PATH_CONFIG_SOURCE, CONFIGSOURCESPECIFIER_NOT_SET -> {}
    }
  }

  void check(ApiConfigSource source, FieldPath path) {
    for (int i = 0; i < source.getGrpcServicesCount(); i++) {
      cluster(
          source.getGrpcServices(i).getEnvoyGrpc().getClusterName(),
          path.field("grpc_services").index(i).field("envoy_grpc").field("cluster_name"));
    }
    for (int i = 0; i < source.getClusterNamesCount(); i++) {
      cluster(source.getClusterNames(i), path.field("cluster_names").index(i));
    }
  }

  private void cluster(String name, FieldPath path) {
    Cluster cluster = clusters.get(name);
    if (cluster == null) {
      reject.accept(
          path,
          "\""
              + name
              + "\" is not among static_resources.clusters"
              + Nearest.hint(name, clusters.keySet()));
    } else if (cluster.getType() == Cluster.DiscoveryType.EDS) {
      reject.accept(
          path,
          "\"" + name + "\" is of type EDS; configuration comes from a cluster of another type");
    }
  }
}
