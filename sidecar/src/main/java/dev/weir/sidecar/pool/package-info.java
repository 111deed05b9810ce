/**
 * Upstream connections: one set of pools for each event loop, a pool for each host and protocol, or
 * one where ALPN decides; a host is another one when how it is connected to changes. A request that
 * finds no connection waits, bounded by the cluster's circuit breaker thresholds. Event loop of the
 * pool.
 */
@NullMarked
package dev.weir.sidecar.pool;

import org.jspecify.annotations.NullMarked;
