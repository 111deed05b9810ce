/**
 * The CA of the mesh: signing requests and who asks come in, certificates go out. What it signs
 * with is read from a folder, and read again when it changes. Any thread.
 */
@NullMarked
package dev.weir.control.ca;

import org.jspecify.annotations.NullMarked;
