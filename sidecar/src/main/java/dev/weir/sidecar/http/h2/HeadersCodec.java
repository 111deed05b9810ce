package dev.weir.sidecar.http.h2;

import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;

/** Makes of {@link Headers} what HPACK takes. */
final class HeadersCodec {
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString HTTPS = AsciiString.cached("https");
  private static final AsciiString[] STATUSES = new AsciiString[600];
  private static final AsciiString PROTOCOL = AsciiString.cached(":protocol");
  private static final AsciiString TRAILERS = AsciiString.cached("trailers");

  static {
    for (int status = 100; status < STATUSES.length; status++) {
      STATUSES[status] = AsciiString.cached(Integer.toString(status));
    }
  }

  private HeadersCodec() {}

  static Http2Headers encodeRequest(Headers headers) {
    String upgrade = headers.value(HeaderName.UPGRADE);
    if (upgrade != null) {
      return encodeConnect(headers, upgrade);
    }
    AsciiString path =
        new AsciiString(headers.bytes(), headers.pathStart(), headers.pathLength(), true);
    return ReadOnlyHttp2Headers.clientHeaders(
        false,
        AsciiString.of(headers.method()),
        path,
        headers.scheme().equals("https") ? HTTPS : HTTP,
        new AsciiString(headers.authority()),
        pairs(headers));
  }

  /** RFC 8441 4: a request for an upgrade, as an extended CONNECT. */
  private static Http2Headers encodeConnect(Headers headers, String protocol) {
    headers.remove(HeaderName.UPGRADE);
    Http2Headers connect =
        new DefaultHttp2Headers(false)
            .method("CONNECT")
            .scheme(headers.scheme())
            .path(headers.path())
            .authority(headers.authority());
    connect.set(PROTOCOL, protocol);
    AsciiString[] pairs = pairs(headers);
    for (int i = 0; i < pairs.length; i += 2) {
      connect.add(pairs[i], pairs[i + 1]);
    }
    headers.add(HeaderName.UPGRADE, protocol); // for another attempt
    return connect;
  }

  /** A protocol that was switched to is, on a stream of HTTP/2, one that is spoken: RFC 8441 5. */
  static Http2Headers encodeResponse(Headers headers) {
    if (headers.status() == 101) {
      headers.remove(HeaderName.UPGRADE);
      return ReadOnlyHttp2Headers.serverHeaders(false, STATUSES[200], pairs(headers));
    }
    int status = headers.status();
    AsciiString text =
        status < STATUSES.length ? STATUSES[status] : new AsciiString(Integer.toString(status));
    return ReadOnlyHttp2Headers.serverHeaders(false, text, pairs(headers));
  }

  static Http2Headers encodeTrailers(Headers headers) {
    return ReadOnlyHttp2Headers.trailers(false, pairs(headers));
  }

  private static AsciiString[] pairs(Headers headers) {
    AsciiString[] pairs = new AsciiString[2 * headers.fieldCount()];
    int next = 0;
    // The encoder may index what it is given, and these bytes change: one copy for all of them.
    byte[] bytes = java.util.Arrays.copyOf(headers.bytes(), headers.byteCount());
    for (int i = 0; i < headers.size(); i++) {
      if (!headers.isField(i)) {
        continue;
      }
      HeaderName known = headers.known(i);
      pairs[next++] =
          known != null
              ? known.ascii()
              : new AsciiString(bytes, headers.nameStart(i), headers.nameLength(i), false)
                  .toLowerCase();
      pairs[next++] =
          known == HeaderName.TE
              ? TRAILERS
              : new AsciiString(bytes, headers.valueStart(i), headers.valueLength(i), false);
    }
    return pairs;
  }
}
