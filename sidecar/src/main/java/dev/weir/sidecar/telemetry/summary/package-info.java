/**
 * What the sidecar tells its control plane of its traffic, if that is one of Weir's and wants it:
 * each interval, on a stream of its own, what was counted by {@code telemetry.edge} since the
 * summary before. What it costs goes with the number of edges, and not with that of requests.
 * Control thread; loops are only handed messages.
 */
@NullMarked
package dev.weir.sidecar.telemetry.summary;

import org.jspecify.annotations.NullMarked;
