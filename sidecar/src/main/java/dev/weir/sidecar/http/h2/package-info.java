/**
 * HTTP/2 on the wire: Netty's framing, HPACK and flow control behind the same {@link
 * dev.weir.sidecar.http.StreamDecoder} and {@link dev.weir.sidecar.http.StreamEncoder} as HTTP/1.1,
 * without a channel for each stream. Event loop of the connection.
 */
@NullMarked
package dev.weir.sidecar.http.h2;

import org.jspecify.annotations.NullMarked;
