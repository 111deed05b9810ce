/**
 * The bootstrap file: Envoy's YAML or JSON comes in, a {@link
 * dev.weir.sidecar.config.bootstrap.Bootstrap} with warnings goes out, or every problem with file,
 * line and field. Main thread, before anything runs.
 */
@NullMarked
package dev.weir.sidecar.bootstrap;

import org.jspecify.annotations.NullMarked;
