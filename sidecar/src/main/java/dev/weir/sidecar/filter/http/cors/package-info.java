/**
 * Envoy's CORS filter: preflights are answered here, and answers to an allowed origin say so. What
 * a route allows is its {@code CorsPolicy}; without one the filter does nothing. Event loop of the
 * stream.
 */
@NullMarked
package dev.weir.sidecar.filter.http.cors;

import org.jspecify.annotations.NullMarked;
