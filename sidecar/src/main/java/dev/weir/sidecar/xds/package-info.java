/**
 * The ADS client: one stream to the control plane in Envoy's SotW or Delta dialect, its
 * subscriptions, acks and nacks, and reconnecting. It knows names, versions and bytes, not
 * contents: responses go to a {@link dev.weir.sidecar.xds.ResourceHandler}, which says what it
 * refuses and why. Everything here runs on the control thread; a transport's callbacks hop onto it.
 */
@NullMarked
package dev.weir.sidecar.xds;

import org.jspecify.annotations.NullMarked;
