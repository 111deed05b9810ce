/**
 * {@code weir up} and what belongs to it: a folder's {@code weir.yaml} comes in, a {@code weir run}
 * for each instance goes out, in the order of what depends on what. The program stays as long as
 * one of them; the other commands ask it by a Unix socket, and read the log that it keeps.
 */
@NullMarked
package dev.weir.sidecar.up;

import org.jspecify.annotations.NullMarked;
