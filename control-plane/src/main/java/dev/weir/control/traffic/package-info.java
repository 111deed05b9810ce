/**
 * What the mesh's sidecars have said of their traffic: who called whom, what came of it, how long
 * it took. Kept here for an hour in steps of five seconds and for a day in steps of a minute, in
 * memory, which is bounded.
 *
 * <p>A {@link TrafficStore} has a series for each {@link Edge} and {@link Reporter}. Of a step a
 * series keeps a {@link Cell}, which is written as a few bytes into a {@link CellLog} as soon as
 * the next step begins; what is asked for is read from there, one cell after the other, and added
 * up in {@link Totals}.
 */
@NullMarked
package dev.weir.control.traffic;

import org.jspecify.annotations.NullMarked;
