package dev.weir.sidecar.http.h2;

import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;

/**
 * Netty's HPACK, which reads every head of a connection into the same {@link ReceivedFields}: they
 * are good until the frame's listener has returned.
 */
final class HeadersDecoder extends DefaultHttp2HeadersDecoder {
  private final ReceivedFields fields = new ReceivedFields();

  /**
   * @param maxHeadBytes as RFC 9113 6.5.2 counts them
   */
  HeadersDecoder(long maxHeadBytes) {
    super(true, maxHeadBytes);
  }

  @Override
  protected Http2Headers newHeaders() {
    fields.reset();
    return fields;
  }
}
