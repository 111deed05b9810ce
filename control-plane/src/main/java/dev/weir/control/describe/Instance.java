package dev.weir.control.describe;

import java.util.Optional;

/**
 * An instance of a service.
 *
 * @param name of its pod; empty: it has none
 * @param address empty: it has none yet
 * @param sidecar whether one stands beside its app
 * @param ready empty: nobody says; it counts as ready
 * @param account that it runs as; empty: not known
 */
public record Instance(
    String name, String address, boolean sidecar, Optional<Boolean> ready, String account) {}
