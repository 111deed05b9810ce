package dev.weir.sidecar.telemetry.edge;

/**
 * A stream to look at, by its trace.
 *
 * @param spanId empty: it is not known
 * @param nanos how long it took
 * @param atMillis when it ended, since 1970
 */
public record Exemplar(String traceId, String spanId, long nanos, long atMillis) {}
