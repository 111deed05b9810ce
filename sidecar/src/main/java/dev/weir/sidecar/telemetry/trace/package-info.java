/**
 * Spans of streams that are over. In come the facts of a stream, on its loop, where they are copied
 * into a queue of {@code telemetry.otlp}; the queue's thread builds spans of them, and has
 * OpenTelemetry's SDK send these to a collector.
 */
@NullMarked
package dev.weir.sidecar.telemetry.trace;

import org.jspecify.annotations.NullMarked;
