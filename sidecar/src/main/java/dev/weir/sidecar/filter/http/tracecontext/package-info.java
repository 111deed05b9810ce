/** Takes over or begins a trace, and passes it on in the formats that were asked for. */
@NullMarked
package dev.weir.sidecar.filter.http.tracecontext;

import org.jspecify.annotations.NullMarked;
