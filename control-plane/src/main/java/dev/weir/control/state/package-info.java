/**
 * What a control plane keeps on disk for its next start: the files that are in force, and the
 * instances it knows. Texts by name come in and go out; nothing else is known of them here. What
 * cannot be kept is told once, and costs nothing but itself.
 */
@NullMarked
package dev.weir.control.state;

import org.jspecify.annotations.NullMarked;
