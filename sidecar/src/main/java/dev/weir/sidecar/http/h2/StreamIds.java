package dev.weir.sidecar.http.h2;

import io.netty.handler.codec.http2.Http2Error;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the identifiers of a client's streams that are no more: enough to tell a frame
 * that may come late, on a stream that was reset, from one that no client may send. What is not
 * remembered is taken for late. RFC 9113 5.1 and 5.1.1.
 */
final class StreamIds {
  private static final int REMEMBERED = 16;

  private final int[] ended = new int[REMEMBERED];
  private final int[] skippedFrom = new int[REMEMBERED];
  private final int[] skippedTo = new int[REMEMBERED];
  private int nextEnded;
  private int nextSkipped;
  private int last = -1;

  /** The client opens stream {@code id}: those between it and the one before never will be. */
  void opened(int id) {
    if (id > last + 2) {
      skippedFrom[nextSkipped] = last + 2;
      skippedTo[nextSkipped] = id - 2;
      nextSkipped = (nextSkipped + 1) % REMEMBERED;
    }
    last = Math.max(last, id);
  }

  /** Stream {@code id} is closed, and the client had said its end. */
  void ended(int id) {
    ended[nextEnded] = id;
    nextEnded = (nextEnded + 1) % REMEMBERED;
  }

  /** How bad HEADERS or DATA on {@code id}, which is not open, are; null if they may be late. */
  @Nullable Http2Error error(int id) {
    for (int i = 0; i < REMEMBERED; i++) {
      if (ended[i] == id) {
        return Http2Error.STREAM_CLOSED;
      }
      if (id >= skippedFrom[i] && id <= skippedTo[i]) {
        return Http2Error.PROTOCOL_ERROR;
      }
    }
    return null;
  }
}
