/** What the sidecar tells of the streams that went through it, when they are over. */
@NullMarked
package dev.weir.sidecar.telemetry;

import org.jspecify.annotations.NullMarked;
