package dev.weir.sidecar.config;

import java.time.Duration;
import java.util.Optional;

/** {@code config.core.v3.ConfigSource}: where resources come from. Equal ones are one source. */
public sealed interface ConfigSource {
  /** The one stream of {@code dynamic_resources.ads_config}, for all types. */
  record Ads() implements ConfigSource {}

  /**
   * {@code api_config_source} of type GRPC or DELTA_GRPC: a stream for each type.
   *
   * @param cluster that is called
   * @param authority what it is called by; empty: the cluster's name
   */
  record Grpc(Protocol protocol, String cluster, Optional<String> authority)
      implements ConfigSource {}

  /**
   * {@code api_config_source} of type REST: asked again and again.
   *
   * @param refreshDelay between an answer and the next question, at least; twice of it at most
   */
  record Rest(String cluster, Duration refreshDelay, Duration requestTimeout)
      implements ConfigSource {}

  /**
   * {@code path_config_source}: a file that holds a DiscoveryResponse.
   *
   * @param watchedDirectory the file is read again when something is moved into it or out of it;
   *     empty: when another file is at {@code path}
   */
  record File(String path, Optional<String> watchedDirectory) implements ConfigSource {}

  /** {@code api_type} GRPC or DELTA_GRPC. */
  enum Protocol {
    SOTW,
    DELTA
  }
}
