/**
 * The story of one request over all hops, told by those sidecars that kept it, and requests as they
 * end: {@code weir explain} and {@code weir tap}, of a mesh on this machine and of a cluster.
 */
@NullMarked
package dev.weir.cli.story;

import org.jspecify.annotations.NullMarked;
