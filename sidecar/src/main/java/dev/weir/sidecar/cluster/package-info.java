/**
 * Clusters as they live: hosts with their health and counters, the bounds of circuit breakers,
 * outlier detection. Which host is next is the work of {@code cluster.lb}. Reconciled by the
 * control thread when configuration changes; read by every event loop.
 */
@NullMarked
package dev.weir.sidecar.cluster;

import org.jspecify.annotations.NullMarked;
