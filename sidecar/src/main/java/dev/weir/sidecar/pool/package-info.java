/**
 * Upstream connections. Event loop of the pool.
 *
 * <p><b>How pools play together.</b> Each event loop has its own ({@code Pools}): one for each host
 * and protocol, one where ALPN decides ({@code AlpnPool}); a request never changes thread for a
 * connection. A host is another one when how it is connected to changes, so that a pool has one
 * kind of connection.
 *
 * <ul>
 *   <li>A request that finds a connection has it at once: of HTTP/1.1 the one used last, so that
 *       idle ones age; of HTTP/2 one with room.
 *   <li>Else it waits ({@code Waiters}), at most {@code max_pending_requests} of the cluster's, and
 *       connections are opened for those that wait, bounded by {@code max_connections}; but a pool
 *       with waiters and without a connection may always open one.
 *   <li>A connection that cannot be made fails one that waits, of HTTP/1.1, and all where no other
 *       is there or on its way; what may be tried elsewhere is the router's to say.
 *   <li>A pool drains when its host leaves: idle connections close, the others when their last
 *       stream ends.
 * </ul>
 */
@NullMarked
package dev.weir.sidecar.pool;

import org.jspecify.annotations.NullMarked;
