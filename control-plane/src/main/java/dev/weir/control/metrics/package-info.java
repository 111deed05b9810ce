/** What a control plane counts of itself, as Prometheus reads it. */
@NullMarked
package dev.weir.control.metrics;

import org.jspecify.annotations.NullMarked;
