/**
 * Metrics to collectors, by OpenTelemetry's protocol: what Prometheus would read, made into points
 * of the SDK's, on a thread for each collector, and sent by the sidecar's own client. Loaded where
 * a configuration has such a sink.
 */
@NullMarked
package dev.weir.sidecar.metrics.otlp;

import org.jspecify.annotations.NullMarked;
