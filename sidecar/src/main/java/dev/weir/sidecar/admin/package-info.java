/**
 * The admin server, over the sidecar's own HTTP/1.1: state for people and for Prometheus. Pages are
 * made on a virtual thread, never on an event loop.
 */
@NullMarked
package dev.weir.sidecar.admin;

import org.jspecify.annotations.NullMarked;
