/**
 * The model and a proxy come in, the proxy's xDS resources and what of the policies it cannot
 * enforce go out. Pure: the same in, the same out, no state, no clock. Any thread.
 */
@NullMarked
package dev.weir.control.compile;

import org.jspecify.annotations.NullMarked;
