/** TLS, of either side of a connection, as values. */
@NullMarked
package dev.weir.sidecar.config.tls;

import org.jspecify.annotations.NullMarked;
