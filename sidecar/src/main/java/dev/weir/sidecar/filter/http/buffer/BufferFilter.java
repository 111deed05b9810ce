package dev.weir.sidecar.filter.http.buffer;

import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;

/**
 * Lets a request go on when all of it is here, and refuses one whose body is too large with 413.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/http/http_filters/buffer_filter
 */
final class BufferFilter implements HttpFilter {
  private final Verdict whole;

  BufferFilter(long limit) {
    this.whole = new Verdict.Collect(limit);
  }

  @Override
  public Verdict requestHeaders(Headers headers, boolean endStream) {
    // What asks for an upgrade ends when its connection does.
    return endStream || headers.has(HeaderName.UPGRADE) ? Verdict.CONTINUE : whole;
  }
}
