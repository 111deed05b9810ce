package dev.weir.sidecar.config;

import java.time.Duration;

/**
 * How a resource is come by.
 *
 * @param timeout {@code initial_fetch_timeout}, how long it is waited for at first; zero is no
 *     limit
 */
public record Fetch(ConfigSource source, Duration timeout) {}
