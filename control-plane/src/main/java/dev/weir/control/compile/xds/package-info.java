/**
 * The mesh and a proxy come in, the proxy's xDS resources and what of the policies it cannot
 * enforce go out; one compiler a kind of resource. Pure: the same in, the same out, no state, no
 * clock. Any thread.
 */
@NullMarked
package dev.weir.control.compile.xds;

import org.jspecify.annotations.NullMarked;
