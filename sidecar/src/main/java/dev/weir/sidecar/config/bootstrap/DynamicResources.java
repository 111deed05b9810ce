package dev.weir.sidecar.config.bootstrap;

import java.time.Duration;
import java.util.Optional;

/**
 * Where configuration streams from: one ADS stream over a static cluster.
 *
 * @param listeners the {@code initial_fetch_timeout} of listeners; empty: they do not stream
 * @param clusters the {@code initial_fetch_timeout} of clusters; empty: they do not stream
 */
public record DynamicResources(
    Protocol protocol,
    String cluster,
    Optional<Duration> listeners,
    Optional<Duration> clusters,
    Optional<String> authority) {
  /** {@code api_type} GRPC or DELTA_GRPC of {@code ads_config}. */
  public enum Protocol {
    SOTW,
    DELTA
  }
}
