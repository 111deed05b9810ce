/**
 * xDS resources to configuration values: a parser for each kind, and {@link
 * dev.weir.sidecar.resource.ResourceParser} in front of them. An Any or a message comes in, {@code
 * Accepted} or {@code Rejected} with field path and reason goes out. Control thread.
 */
@NullMarked
package dev.weir.sidecar.resource;

import org.jspecify.annotations.NullMarked;
