/**
 * What Prometheus reads: the statistics by Envoy's names, the mesh's own family {@code weir_*} made
 * of the edges, and the app's own metrics behind them. Made when it is asked for, on a virtual
 * thread.
 */
@NullMarked
package dev.weir.sidecar.metrics;

import org.jspecify.annotations.NullMarked;
