/**
 * Weir's circuit breaker, an upstream filter: it sees every attempt, and refuses those that an open
 * breaker forbids.
 */
@NullMarked
package dev.weir.sidecar.filter.http.circuitbreaker;

import org.jspecify.annotations.NullMarked;
