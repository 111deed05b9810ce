/**
 * Spans of streams that are over, by OpenTelemetry's SDK to a collector. In come the facts of a
 * stream, on its loop, where they are copied into a bounded queue; a thread {@code otlp}, one for
 * each place that spans are sent to, builds spans of them, and sends these by the sidecar's own
 * client. What a queue cannot take, or a collector does not, is dropped and counted.
 */
@NullMarked
package dev.weir.sidecar.telemetry.trace;

import org.jspecify.annotations.NullMarked;
