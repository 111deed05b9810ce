/**
 * The last good configuration on disk: the raw resources that were in force, with their names and
 * versions, so that a sidecar starts without its control plane. Control thread.
 */
@NullMarked
package dev.weir.sidecar.xds.disk;

import org.jspecify.annotations.NullMarked;
