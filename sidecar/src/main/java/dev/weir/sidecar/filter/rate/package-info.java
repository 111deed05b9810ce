/** What filters that limit rates have in common. Any thread. */
@NullMarked
package dev.weir.sidecar.filter.rate;

import org.jspecify.annotations.NullMarked;
