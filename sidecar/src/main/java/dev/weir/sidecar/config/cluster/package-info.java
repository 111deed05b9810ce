/** Clusters as configured, and their endpoints. Immutable, any thread. */
@NullMarked
package dev.weir.sidecar.config.cluster;

import org.jspecify.annotations.NullMarked;
