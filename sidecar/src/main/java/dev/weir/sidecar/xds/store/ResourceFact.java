package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.xds.Resource;
import java.util.Optional;

/**
 * What is known of one streamed resource, for {@code /config_dump}.
 *
 * @param inForce the newest that is in force
 * @param warming a newer one that waits for what it refers to
 * @param refused why the last one that came was refused
 */
public record ResourceFact(
    String name,
    Optional<Resource> inForce,
    Optional<Resource> warming,
    Optional<String> refused) {}
