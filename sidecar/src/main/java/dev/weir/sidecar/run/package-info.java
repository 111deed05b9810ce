/**
 * The command line of {@code weir run}: words and files of variables come in, a plan for the
 * launcher goes out, which makes the namespaces and becomes {@code member} in them. A short-lived
 * program on the main thread.
 */
@NullMarked
package dev.weir.sidecar.run;

import org.jspecify.annotations.NullMarked;
