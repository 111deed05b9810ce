/**
 * What is sent along with a report of a mistake: an archive of what a mesh says of itself, bounded,
 * and without what is secret. The caller's thread.
 */
@NullMarked
package dev.weir.control.report;

import org.jspecify.annotations.NullMarked;
