/**
 * {@code weir intercept}: what an operator asks for comes in, one nftables transaction goes out,
 * and a network namespace sends its TCP connections through the sidecar, or no longer does. A
 * program of its own on the main thread; the serving sidecar loads none of it.
 */
@NullMarked
package dev.weir.sidecar.intercept;

import org.jspecify.annotations.NullMarked;
