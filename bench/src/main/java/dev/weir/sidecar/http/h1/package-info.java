/** Microbenchmarks of the HTTP/1.1 codec, beside it because it is package-private. */
@NullMarked
package dev.weir.sidecar.http.h1;

import org.jspecify.annotations.NullMarked;
