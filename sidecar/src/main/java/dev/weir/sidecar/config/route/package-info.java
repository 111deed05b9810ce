/**
 * Routes as configured: virtual hosts, matches, what a match does, header rules, retry policies.
 * Immutable, any thread.
 */
@NullMarked
package dev.weir.sidecar.config.route;

import org.jspecify.annotations.NullMarked;
