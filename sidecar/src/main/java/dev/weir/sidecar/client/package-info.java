/**
 * The sidecar's own requests, over its own clusters and pools: configuration streams today. Calls
 * come from any thread and go on the event loop the request was given.
 */
@NullMarked
package dev.weir.sidecar.client;

import org.jspecify.annotations.NullMarked;
