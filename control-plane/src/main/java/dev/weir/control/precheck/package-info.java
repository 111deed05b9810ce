/**
 * Whether Weir can be installed in a cluster, and does well there: what is looked at goes in, lines
 * with what to do come out. The caller's thread.
 */
@NullMarked
package dev.weir.control.precheck;

import org.jspecify.annotations.NullMarked;
