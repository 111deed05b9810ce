/** Envoy's local rate limit: one token bucket a configuration, shared by all event loops. */
@NullMarked
package dev.weir.sidecar.filter.http.localratelimit;

import org.jspecify.annotations.NullMarked;
