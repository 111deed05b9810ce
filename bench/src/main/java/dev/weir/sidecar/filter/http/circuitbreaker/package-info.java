/** Microbenchmarks of the circuit breaker, beside it because it is package-private. */
@NullMarked
package dev.weir.sidecar.filter.http.circuitbreaker;

import org.jspecify.annotations.NullMarked;
