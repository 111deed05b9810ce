/**
 * HTTP/2 on the wire: Netty's framing, HPACK and flow control behind the same {@link
 * dev.weir.sidecar.http.StreamDecoder} and {@link dev.weir.sidecar.http.StreamEncoder} as HTTP/1.1,
 * without a channel for each stream. Event loop of the connection.
 *
 * <p><b>How flow control plays together.</b> The connection's window refills by itself, so that a
 * stream that nobody reads cannot stop the others. A stream's window opens by what was passed on:
 * while its other side is full ({@code readDisable}) bytes are counted and not given back, and the
 * peer stops within a window. The other way, what Netty's remote flow controller still holds for a
 * stream makes it unwritable; its sender is told, stops the reads of its own side, and goes on when
 * it has drained. A response that is complete, and that the client opens no window for, is given up
 * after {@code stream_idle_timeout}. Streams get what they can take in turn.
 *
 * <p>Flushes are the loop's: at the end of a turn in which something was written, one for all
 * streams.
 */
@NullMarked
package dev.weir.sidecar.http.h2;

import org.jspecify.annotations.NullMarked;
