/**
 * The HTTP filter interface, for the downstream chain and, per attempt, upstream. Filters do not
 * know each other. Event loop of the stream.
 */
@NullMarked
package dev.weir.sidecar.filter;

import org.jspecify.annotations.NullMarked;
