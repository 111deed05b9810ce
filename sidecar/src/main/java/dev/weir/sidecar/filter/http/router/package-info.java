/**
 * The router, last filter of every chain: picks route and cluster, makes the attempts and retries,
 * and joins the response to the stream. Event loop of the downstream connection.
 */
@NullMarked
package dev.weir.sidecar.filter.http.router;

import org.jspecify.annotations.NullMarked;
