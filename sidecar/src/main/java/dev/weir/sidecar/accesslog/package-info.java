/**
 * Access logs: a line is written into a buffer of its loop; full or old buffers go to one writer
 * thread. What the writer cannot keep up with is dropped and counted, never waited for.
 */
@NullMarked
package dev.weir.sidecar.accesslog;

import org.jspecify.annotations.NullMarked;
