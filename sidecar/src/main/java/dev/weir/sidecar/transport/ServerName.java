package dev.weir.sidecar.transport;

import org.jspecify.annotations.Nullable;

/**
 * Whom a connection calls, in place of what its transport socket is configured with.
 *
 * @param sent the server name that TLS sends; null for what is configured
 * @param required what the peer's certificate must be for, a name or an address; null for nothing
 *     beyond what is configured
 */
public record ServerName(@Nullable String sent, @Nullable String required) {}
