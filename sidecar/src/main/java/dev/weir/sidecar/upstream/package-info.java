/**
 * One attempt at a request: host, connection, encoding, and the way back. Event loop of the
 * downstream connection.
 */
@NullMarked
package dev.weir.sidecar.upstream;

import org.jspecify.annotations.NullMarked;
