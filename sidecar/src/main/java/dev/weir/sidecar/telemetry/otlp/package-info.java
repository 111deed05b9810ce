/**
 * The way of telemetry to a collector by OTLP, whatever it is. Records wait in a bounded queue that
 * loops put them into without a lock; a thread {@code otlp}, one for each place that they are sent
 * to, hands them to the SDK's exporter, which makes messages of them, and these go by the sidecar's
 * own client. What a queue cannot take, or a collector does not, is dropped and counted.
 */
@NullMarked
package dev.weir.sidecar.telemetry.otlp;

import org.jspecify.annotations.NullMarked;
