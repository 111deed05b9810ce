package dev.weir.sidecar.filter;

import dev.weir.sidecar.http.BodyParts;
import dev.weir.sidecar.http.Headers;
import io.netty.buffer.ByteBuf;

/**
 * One filter's work on one stream. Requests pass the chain forwards, responses backwards. A part is
 * shown once; headers may be changed in place. {@code data} is the chain's: a filter that keeps it
 * retains it.
 */
public interface HttpFilter {
  default Verdict requestHeaders(Headers headers, boolean endStream) {
    return Verdict.CONTINUE;
  }

  default Verdict requestData(ByteBuf data, boolean endStream) {
    return Verdict.CONTINUE;
  }

  default Verdict requestTrailers(Headers trailers) {
    return Verdict.CONTINUE;
  }

  /**
   * The body that {@link Verdict.Gather} waits for is here. It stays the chain's, and is not to be
   * changed.
   *
   * @param whole the request has ended; else there is more than was asked for
   * @return {@code Continue}, {@code Pause} or {@code LocalReply}
   */
  default Verdict requestGathered(BodyParts body, boolean whole) {
    return Verdict.CONTINUE;
  }

  /** A 1xx response; it is passed on whatever the filter makes of it. */
  default void informational(Headers headers) {}

  /** A local reply replaces the response: of an upstream's nothing was sent yet. */
  default Verdict responseHeaders(Headers headers, boolean endStream) {
    return Verdict.CONTINUE;
  }

  default Verdict responseData(ByteBuf data, boolean endStream) {
    return Verdict.CONTINUE;
  }

  default Verdict responseTrailers(Headers trailers) {
    return Verdict.CONTINUE;
  }

  /**
   * The stream is over, however it ended; called once, whether or not a part was ever shown. Calls
   * that are still out are cancelled here.
   */
  default void destroy() {}
}
