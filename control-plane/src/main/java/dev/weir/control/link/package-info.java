/**
 * From resources, each read by itself, to one model that holds together: references are followed,
 * policies attached to their targets, and what only one may have stays with who had it. The model
 * goes out, with what is wrong as findings. Pure; the thread of the source.
 */
@NullMarked
package dev.weir.control.link;

import org.jspecify.annotations.NullMarked;
