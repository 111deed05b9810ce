/**
 * Threads, timers and the process-wide memory budget: what every part is given by its constructor.
 * A {@link dev.weir.sidecar.runtime.Loop} is one event loop with what belongs to it alone. Files
 * that may change are looked at by a {@link dev.weir.sidecar.runtime.WatchedFile}.
 */
@NullMarked
package dev.weir.sidecar.runtime;

import org.jspecify.annotations.NullMarked;
