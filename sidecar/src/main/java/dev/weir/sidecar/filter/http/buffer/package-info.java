/**
 * Envoy's buffer filter: a request's body is collected whole, up to a limit, before its head goes
 * on. Event loop of the stream.
 */
@NullMarked
package dev.weir.sidecar.filter.http.buffer;

import org.jspecify.annotations.NullMarked;
