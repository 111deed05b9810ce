/** The sidecar's entry point and its one assembly file. */
@NullMarked
package dev.weir.sidecar;

import org.jspecify.annotations.NullMarked;
