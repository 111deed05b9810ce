/**
 * The most requests that an app works on at a time, with a bounded queue before it. Slots are
 * shared by all event loops; the rest is of the stream's.
 */
@NullMarked
package dev.weir.sidecar.filter.http.bulkhead;

import org.jspecify.annotations.NullMarked;
