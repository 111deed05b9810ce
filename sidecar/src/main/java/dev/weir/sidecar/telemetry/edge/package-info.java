/**
 * The edges of the mesh that this sidecar sees: who calls whom, and what came of it. Each stream
 * that is over is counted by the loop that had it, in counts of its own; whoever reads has the sums
 * over all loops. How many edges there are is bounded.
 */
@NullMarked
package dev.weir.sidecar.telemetry.edge;

import org.jspecify.annotations.NullMarked;
