/**
 * From configuration to what runs: references resolved, matchers and formats compiled, filters
 * made. Control thread.
 */
@NullMarked
package dev.weir.sidecar.snapshot;

import org.jspecify.annotations.NullMarked;
