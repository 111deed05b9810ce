/**
 * Clusters as they live: hosts with their health and counters, load balancing, the bounds of
 * circuit breakers, outlier detection. Reconciled by the control thread when configuration changes;
 * read by every event loop.
 */
@NullMarked
package dev.weir.sidecar.cluster;

import org.jspecify.annotations.NullMarked;
