/**
 * What compiling follows from, and what it says: the mesh with its addresses, the proxy that asks
 * and the extensions it takes, the names that resources refer to each other by, what of the
 * policies cannot be enforced. Knows no protobuf message of Envoy's; those are made in {@code
 * compile.xds}.
 */
@NullMarked
package dev.weir.control.compile;

import org.jspecify.annotations.NullMarked;
