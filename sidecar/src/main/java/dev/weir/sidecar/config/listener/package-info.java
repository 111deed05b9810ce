/**
 * Listeners as configured: addresses, filter chains and their matches, network filters, access
 * logs. Immutable, any thread.
 */
@NullMarked
package dev.weir.sidecar.config.listener;

import org.jspecify.annotations.NullMarked;
