package dev.weir.sidecar.filter;

import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResponseFlag;
import org.jspecify.annotations.Nullable;

/** What the chain does after a filter has looked at a part of the stream. */
public sealed interface Verdict {
  Verdict CONTINUE = new Continue();

  record Continue() implements Verdict {}

  /**
   * The filter calls {@link FilterContext#resumeRequest} or {@link FilterContext#resumeResponse}
   * later, on the same event loop. This part and all that follow wait before the next filter; what
   * waits is bounded by the watermark: reads stop there.
   */
  record Pause() implements Verdict {}

  /**
   * This part and all that follow wait before the next filter until the message has ended, and go
   * on then by themselves, framed by {@code content-length}. A body over {@code limit} bytes is
   * answered with 413 in a request, with 500 in a response.
   */
  record Collect(long limit) implements Verdict {}

  /**
   * This head and all that follow wait before the next filter until the filter that says so has
   * seen the body, in {@link HttpFilter#requestGathered}, and says what then. Of a request's head
   * alone. With {@code partial} it is shown what there is when {@code most} bytes are there;
   * without, a body over that is answered with 413.
   */
  record Gather(long most, boolean partial) implements Verdict {}

  /**
   * The answer comes from here.
   *
   * @param body plain text; for gRPC the status message
   * @param details for {@code %RESPONSE_CODE_DETAILS%}
   * @param headers added to the response
   */
  record LocalReply(
      int status,
      String body,
      String details,
      @Nullable ResponseFlag flag,
      @Nullable Cause cause,
      @Nullable Headers headers)
      implements Verdict {
    public static LocalReply of(int status, String body, String details, @Nullable Cause cause) {
      return new LocalReply(status, body, details, null, cause, null);
    }
  }
}
