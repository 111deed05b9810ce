/**
 * The load balancing policies. The hosts of a cluster at one moment come in, one of them goes out.
 * Event loop of the request.
 */
@NullMarked
package dev.weir.sidecar.cluster.lb;

import org.jspecify.annotations.NullMarked;
