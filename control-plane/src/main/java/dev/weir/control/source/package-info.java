/**
 * Where the mesh's description comes from. A source reads resources as people write them, links
 * them, and hands on a consistent model with what it found wrong. Control thread of the source.
 */
@NullMarked
package dev.weir.control.source;

import org.jspecify.annotations.NullMarked;
