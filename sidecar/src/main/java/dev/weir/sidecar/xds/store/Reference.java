package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.config.Fetch;
import dev.weir.sidecar.xds.ResourceType;
import java.util.Optional;

/**
 * One resource's mention of another.
 *
 * @param fetch where the other is asked for by its name; empty for a type that is asked for whole
 */
record Reference(ResourceType type, String name, Optional<Fetch> fetch) {}
