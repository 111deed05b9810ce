/**
 * Counters, gauges and histograms: an index into a per-loop slab written by its loop alone, summed
 * by whoever reads. Names are structured when they are made, never parsed. What belongs to a part
 * of the configuration is held by a {@link dev.weir.sidecar.stats.StatScope}, and ends with that.
 */
@NullMarked
package dev.weir.sidecar.stats;

import org.jspecify.annotations.NullMarked;
