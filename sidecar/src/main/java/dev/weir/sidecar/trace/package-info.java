/**
 * How a trace travels in the heads of requests: it is taken over or begun, and passed on with the
 * span that its next part is caused by. Heads in, heads out; nothing here tells anybody of a span.
 * Event loop of the stream.
 */
@NullMarked
package dev.weir.sidecar.trace;

import org.jspecify.annotations.NullMarked;
