/** Microbenchmarks of routing and rate limiting. */
@NullMarked
package dev.weir.bench;

import org.jspecify.annotations.NullMarked;
