package dev.weir.sidecar.config.bootstrap;

import dev.weir.sidecar.config.ConfigSource;
import dev.weir.sidecar.config.Fetch;
import java.util.Optional;

/**
 * What of the configuration is fetched from elsewhere.
 *
 * @param ads the stream that {@code ads: {}} means
 * @param listeners empty: all of them are static
 * @param clusters empty: all of them are static
 */
public record DynamicResources(
    Optional<ConfigSource.Grpc> ads, Optional<Fetch> listeners, Optional<Fetch> clusters) {}
