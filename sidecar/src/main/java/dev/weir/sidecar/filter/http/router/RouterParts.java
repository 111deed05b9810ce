package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.pool.Pools;
import dev.weir.sidecar.upstream.ReplayBudget;

/**
 * What all routers of one loop share.
 *
 * @param budget for the bodies of all requests that may be tried again
 * @param stops of all loops
 * @param mirrors of this loop
 */
record RouterParts(
    RouterConfig config,
    ClusterManager clusters,
    Pools pools,
    ReplayBudget budget,
    RetryStops stops,
    MirrorCount mirrors) {}
