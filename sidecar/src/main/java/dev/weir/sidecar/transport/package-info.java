/**
 * What stands between a codec and its socket: bytes as they are, or TLS. A {@link
 * dev.weir.sidecar.transport.TransportSocket} is compiled from configuration by the control thread
 * and put into the pipelines of connections by their event loops; what comes out of it, and goes
 * into it, is the same for either: {@link dev.weir.sidecar.transport.Wire} ends it. The work of
 * handshakes is done by threads of its own.
 */
@NullMarked
package dev.weir.sidecar.transport;

import org.jspecify.annotations.NullMarked;
