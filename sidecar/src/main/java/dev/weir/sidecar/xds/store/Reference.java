package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.xds.ResourceType;
import java.time.Duration;

/**
 * One resource's mention of another.
 *
 * @param timeout {@code initial_fetch_timeout}, how long the other may take at first; zero is no
 *     limit. Without a meaning for types that are asked for whole
 */
record Reference(ResourceType type, String name, Duration timeout) {}
