/**
 * Route tables as the request side uses them: compiled once a configuration, matched on bytes. Any
 * thread; immutable.
 */
@NullMarked
package dev.weir.sidecar.route;

import org.jspecify.annotations.NullMarked;
