/**
 * The small messages that many resources share (addresses, matchers, header mutations, durations),
 * read into configuration values. Protos come in; values go out, or an {@link
 * dev.weir.sidecar.resource.value.Invalid} that names the field. Control thread.
 */
@NullMarked
package dev.weir.sidecar.resource.value;

import org.jspecify.annotations.NullMarked;
