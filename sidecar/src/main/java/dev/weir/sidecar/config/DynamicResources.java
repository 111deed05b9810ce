package dev.weir.sidecar.config;

import java.time.Duration;
import java.util.Optional;

/** Where configuration streams from: one ADS stream over a static cluster. */
public record DynamicResources(
    Protocol protocol,
    String cluster,
    boolean listeners,
    boolean clusters,
    Duration initialFetchTimeout,
    Optional<String> authority) {
  /** {@code api_type} GRPC or DELTA_GRPC of {@code ads_config}. */
  public enum Protocol {
    SOTW,
    DELTA
  }
}
