/**
 * HTTP/1.1 on the wire, strict by RFC 9112: the head parser, the body decoder, the encoder, and one
 * Netty handler for each side of a connection. Bytes come in, {@link
 * dev.weir.sidecar.http.StreamDecoder} events go out. Event loop of the connection.
 */
@NullMarked
package dev.weir.sidecar.http.h1;

import org.jspecify.annotations.NullMarked;
