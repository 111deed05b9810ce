package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.config.ConfigSource;
import dev.weir.sidecar.config.Parsed;
import dev.weir.sidecar.config.bootstrap.Bootstrap;
import dev.weir.sidecar.config.bootstrap.DynamicResources;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.listener.FilterChain;
import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.route.RouteSource;
import dev.weir.sidecar.config.tls.SecretRef;
import dev.weir.sidecar.config.tls.UpstreamTls;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The sources that a resource may name: as in Envoy, a cluster of the bootstrap that is not of type
 * EDS; and {@code ads: {}} where there is such a stream.
 */
final class KnownSources {
  private final Set<String> clusters;
  private final boolean hasAds;

  KnownSources(Bootstrap bootstrap) {
    clusters =
        bootstrap.clusters().stream()
            .filter(each -> !(each.discovery() instanceof Cluster.Discovery.Eds))
            .map(Cluster::name)
            .collect(Collectors.toUnmodifiableSet());
    hasAds = bootstrap.dynamicResources().flatMap(DynamicResources::ads).isPresent();
  }

  Parsed<Cluster> cluster(Cluster cluster) {
    if (cluster.discovery() instanceof Cluster.Discovery.Eds eds) {
      Optional<String> problem = problem(eds.fetch().source());
      if (problem.isPresent()) {
        return new Parsed.Rejected<>("eds_cluster_config.eds_config", problem.get());
      }
    }
    for (UpstreamTls tls : cluster.allTls()) {
      Optional<String> problem = problem(tls.secrets());
      if (problem.isPresent()) {
        return new Parsed.Rejected<>("transport_socket.typed_config", problem.get());
      }
    }
    return new Parsed.Accepted<>(cluster);
  }

  private Optional<String> problem(List<SecretRef> secrets) {
    return secrets.stream()
        .flatMap(secret ->
            secret.fetch().flatMap(fetch -> problem(fetch.source())).stream()
                .map(problem -> "the secret \"" + secret.name() + "\": " + problem))
        .findFirst();
  }

  Parsed<Listener> listener(Listener listener) {
    List<FilterChain> chains = listener.filterChains();
    for (int i = 0; i < chains.size(); i++) {
      Optional<Parsed<Listener>> refusal = refusal("filter_chains[" + i + "]", chains.get(i));
      if (refusal.isPresent()) {
        return refusal.get();
      }
    }
    return listener
        .defaultFilterChain()
        .flatMap(chain -> refusal("default_filter_chain", chain))
        .orElse(new Parsed.Accepted<>(listener));
  }

  private Optional<Parsed<Listener>> refusal(String field, FilterChain chain) {
    Optional<Parsed<Listener>> ofRoutes =
        problem(chain)
            .map(problem ->
                new Parsed.Rejected<>(
                    field + ".filters[0].typed_config.rds.config_source", problem));
    return ofRoutes.or(() ->
        chain
            .tls()
            .flatMap(tls -> problem(tls.secrets()))
            .map(problem ->
                new Parsed.Rejected<>(field + ".transport_socket.typed_config", problem)));
  }

  private Optional<String> problem(FilterChain chain) {
    return chain.filter() instanceof HttpConnectionManager manager
            && manager.routes() instanceof RouteSource.Rds rds
        ? problem(rds.fetch().source())
        : Optional.empty();
  }

  private Optional<String> problem(ConfigSource source) {
    return switch (source) {
      case ConfigSource.Ads _ ->
          hasAds
              ? Optional.empty()
              : Optional.of("streams over the bootstrap's ads_config, which is not set");
      case ConfigSource.Grpc grpc -> problem(grpc.cluster());
      case ConfigSource.Rest rest -> problem(rest.cluster());
      case ConfigSource.File _ -> Optional.empty();
    };
  }

  private Optional<String> problem(String cluster) {
    return clusters.contains(cluster)
        ? Optional.empty()
        : Optional.of(
            "\"%s\" must be a cluster of the bootstrap that is not of type EDS".formatted(cluster));
  }
}
