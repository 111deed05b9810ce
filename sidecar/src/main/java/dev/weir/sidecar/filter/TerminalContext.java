package dev.weir.sidecar.filter;

import dev.weir.sidecar.http.Headers;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * How a terminal filter answers. What comes after the end, after a local reply or after {@code
 * destroy} is dropped.
 */
public interface TerminalContext extends FilterContext {
  /**
   * What the route says for the filter that ends its chain, as compiled; null for nothing. Of a
   * request whose route is known.
   */
  @Nullable Object routeConfig();

  /** A 1xx response. */
  void informational(Headers headers);

  void responseHeaders(Headers headers, boolean endStream);

  /** Takes {@code data} over. */
  void responseData(ByteBuf data, boolean endStream);

  void responseTrailers(Headers trailers);

  /** A response that has begun cannot be finished. */
  void resetResponse(String details);

  /** The program made a mistake in this stream: it ends, and the mistake is reported. */
  void incident(Throwable mistake);

  /** Pauses or resumes the reads of the request. */
  void requestReadDisable(boolean disable);

  boolean downstreamWritable();
}
