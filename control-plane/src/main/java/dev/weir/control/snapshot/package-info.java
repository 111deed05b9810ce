/**
 * Compiled resources with their versions, a hash of their content, and a cache so that replicas
 * share one snapshot. Resources come in, snapshots go out. Control thread; snapshots are immutable.
 */
@NullMarked
package dev.weir.control.snapshot;

import org.jspecify.annotations.NullMarked;
