/**
 * A cluster, as the command line asks it: the API server, and through it the admin pages of control
 * planes and sidecars. The caller's thread; what takes long is bounded.
 */
@NullMarked
package dev.weir.control.cluster;

import org.jspecify.annotations.NullMarked;
