package dev.weir.sidecar.filter;

import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.route.RouteEntry;
import dev.weir.sidecar.runtime.Loop;
import org.jspecify.annotations.Nullable;

/**
 * What a filter may ask of its stream. Event loop of the stream; after {@code destroy} every call
 * is a no-op.
 */
public interface FilterContext {
  /** Also of the clock and the random source. */
  Loop loop();

  ServerConnection connection();

  StreamInfo info();

  /** The route that matched the request as it came; null for none. */
  @Nullable RouteEntry route();

  /** What the route makes of this request; null without a route. */
  RouteEntry.@Nullable Choice choice();

  /** Shared between the filters of this stream by typed keys. */
  FilterState filterState();

  /** Bytes that may wait in this stream before reads pause. */
  int bufferLimit();

  /**
   * Continues a paused request behind the filter that paused it; a no-op if nothing is paused.
   * Called while that filter is still being asked, its pause is none.
   */
  void resumeRequest();

  /** Continues a paused response; otherwise as {@link #resumeRequest}. */
  void resumeResponse();

  /**
   * Answers from here. A response that is still on its way is replaced; one that has begun to leave
   * cannot be, and is reset.
   */
  void localReply(Verdict.LocalReply reply);

  /** A deadline of this stream, unset at first. {@code expired} runs on the event loop. */
  StreamTimer newTimer(Runnable expired);
}
