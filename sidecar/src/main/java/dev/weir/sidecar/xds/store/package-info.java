/**
 * The configuration in force, static and streamed: resources come in as bytes, are parsed, refused
 * or taken, wait for what they refer to, and go out as one consistent state. Control thread.
 */
@NullMarked
package dev.weir.sidecar.xds.store;

import org.jspecify.annotations.NullMarked;
