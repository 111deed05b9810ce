/**
 * The requests of a moment ago, for who asks why one went as it did: all that failed, those that
 * were refused, the slow ones, and some of the rest. Bounded, in memory, and without secrets when
 * they are told.
 */
@NullMarked
package dev.weir.sidecar.telemetry.recent;

import org.jspecify.annotations.NullMarked;
