package dev.weir.sidecar.filter;

import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.route.RouteEntry;
import dev.weir.sidecar.runtime.Loop;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What a filter may ask of its stream. Event loop of the stream; after {@code destroy} every call
 * is a no-op.
 */
public interface StreamContext {
  Loop loop();

  ServerConnection connection();

  StreamInfo info();

  /** The route that matched the request as it came; null for none. */
  @Nullable RouteEntry route();

  /** Shared between the filters of this stream by typed keys. */
  FilterState filterState();

  /** Bytes that may wait in this stream before reads pause. */
  int bufferLimit();

  /** Continues a paused request behind the filter that paused it; a no-op if nothing is paused. */
  void resumeRequest();

  /** Continues a paused response behind the filter that paused it; a no-op if nothing is paused. */
  void resumeResponse();

  /** Answers from here; a no-op if a response has begun. */
  void localReply(Verdict.LocalReply reply);

  /** A deadline of this stream, unset at first. {@code expired} runs on the event loop. */
  StreamTimer newTimer(Runnable expired);

  // ---- for the terminal filter

  void informational(Headers headers);

  void responseHeaders(Headers headers, boolean endStream);

  /** Takes {@code data} over. */
  void responseData(ByteBuf data, boolean endStream);

  void responseTrailers(Headers trailers);

  /** A response that has begun cannot be finished. */
  void resetResponse(String details);

  /** Pauses or resumes the reads of the request. */
  void requestReadDisable(boolean disable);

  boolean downstreamWritable();
}
