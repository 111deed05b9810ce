/** Weir's limits by policy: several named limits, whole or by key, all of which must admit. */
@NullMarked
package dev.weir.sidecar.filter.http.ratelimit;

import org.jspecify.annotations.NullMarked;
