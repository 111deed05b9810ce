package dev.weir.sidecar.filter;

import dev.weir.sidecar.http.Headers;
import io.netty.buffer.ByteBuf;

/**
 * The last filter of a chain: it takes the request, and answers through its {@link
 * TerminalContext}.
 */
public interface TerminalFilter {
  void requestHeaders(Headers headers, boolean endStream);

  /** Takes {@code data} over. */
  void requestData(ByteBuf data, boolean endStream);

  void requestTrailers(Headers trailers);

  /** The way to the client is full (false) or free again (true). */
  void downstreamWritable(boolean writable);

  /** The stream is over, however it ended; called once. */
  void destroy();
}
