/**
 * The TCP connection manager: relays bytes between a downstream connection and an upstream one,
 * half-closes included. Event loop of the downstream connection; the upstream one shares it.
 */
@NullMarked
package dev.weir.sidecar.tcp;

import org.jspecify.annotations.NullMarked;
