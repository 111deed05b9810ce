/**
 * Access logs of records that a collector takes. In come the facts of a stream that is over, on its
 * loop, where the texts of a record are written and put into a queue of {@code telemetry.otlp}; the
 * queue's thread makes records of them, and has OpenTelemetry's SDK send these.
 */
@NullMarked
package dev.weir.sidecar.accesslog.otlp;

import org.jspecify.annotations.NullMarked;
