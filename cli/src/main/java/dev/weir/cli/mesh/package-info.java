/**
 * The mesh of a folder on this machine, seen from outside: its runtime folder, its members, and the
 * pages of their sidecars and of their control plane.
 */
@NullMarked
package dev.weir.cli.mesh;

import org.jspecify.annotations.NullMarked;
