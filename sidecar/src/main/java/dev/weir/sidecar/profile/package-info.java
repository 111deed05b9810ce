/**
 * What this process is at, for who looks for a mistake: threads, a histogram of the heap, a flight
 * recording. Of the JDK's flight recorder nothing is loaded until it is asked for. On threads that
 * may wait, never on an event loop.
 */
@NullMarked
package dev.weir.sidecar.profile;

import org.jspecify.annotations.NullMarked;
