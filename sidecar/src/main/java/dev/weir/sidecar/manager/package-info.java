/**
 * The HTTP connection manager: a stream for each request, its filter chain, timers, local replies,
 * statistics and access log. Event loop of the downstream connection.
 */
@NullMarked
package dev.weir.sidecar.manager;

import org.jspecify.annotations.NullMarked;
