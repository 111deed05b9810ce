/**
 * Connections that are joined to others: a Unix socket or a port is where they come in, and where
 * each goes is said by whoever has them relayed. Virtual threads, two a connection. What {@code
 * weir run} uses where a network namespace ends; the serving sidecar loads none of it.
 */
@NullMarked
package dev.weir.sidecar.relay;

import org.jspecify.annotations.NullMarked;
