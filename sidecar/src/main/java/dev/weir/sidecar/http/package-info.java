/**
 * HTTP as both codecs and all filters see it: byte-backed headers, and the two halves of a stream.
 * No Netty handler lives here. Event loop of the stream's connection.
 */
@NullMarked
package dev.weir.sidecar.http;

import org.jspecify.annotations.NullMarked;
