package dev.weir.sidecar.http.h2;

import dev.weir.sidecar.http.HeaderName;
import io.netty.handler.codec.http2.Http2HeadersEncoder.SensitivityDetector;

/**
 * Fields whose value is of one request. In HPACK's dynamic table each would put out one that comes
 * again, at the other side too; so they are written as literals that are never indexed, RFC 7541
 * 6.2.3.
 */
final class Unindexed implements SensitivityDetector {
  static final Unindexed FIELDS = new Unindexed();

  private Unindexed() {}

  /**
   * @param name that of a well-known field is its {@link HeaderName#ascii}
   */
  @Override
  public boolean isSensitive(CharSequence name, CharSequence value) {
    return switch (name.length()) {
      case 2 -> is(name, HeaderName.B3);
      case 10 -> is(name, HeaderName.TRACESTATE) || is(name, HeaderName.X_TRACE_ID);
      case 11 -> is(name, HeaderName.TRACEPARENT) || is(name, HeaderName.X_B3_SPAN_ID);
      case 12 ->
          is(name, HeaderName.X_REQUEST_ID)
              || is(name, HeaderName.X_B3_TRACE_ID)
              || is(name, HeaderName.GRPC_TIMEOUT);
      case 17 -> is(name, HeaderName.X_B3_PARENT_SPAN_ID);
      default -> false;
    };
  }

  @SuppressWarnings("ReferenceEquality") // what is well-known is written by this one object
  private static boolean is(CharSequence name, HeaderName known) {
    return name == known.ascii();
  }
}
