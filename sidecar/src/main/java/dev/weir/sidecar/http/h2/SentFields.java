package dev.weir.sidecar.http.h2;

import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;

/**
 * {@link Headers} as HPACK takes them: pseudo-headers first. One for each connection, each head
 * replaces the one before.
 */
final class SentFields extends FieldList {
  private static final AsciiString METHOD = Http2Headers.PseudoHeaderName.METHOD.value();
  private static final AsciiString SCHEME = Http2Headers.PseudoHeaderName.SCHEME.value();
  private static final AsciiString AUTHORITY = Http2Headers.PseudoHeaderName.AUTHORITY.value();
  private static final AsciiString PATH = Http2Headers.PseudoHeaderName.PATH.value();
  private static final AsciiString STATUS = Http2Headers.PseudoHeaderName.STATUS.value();
  private static final AsciiString PROTOCOL = Http2Headers.PseudoHeaderName.PROTOCOL.value();
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString HTTPS = AsciiString.cached("https");
  private static final AsciiString CONNECT = AsciiString.cached("CONNECT");
  private static final AsciiString GET = AsciiString.cached("GET");
  private static final AsciiString POST = AsciiString.cached("POST");
  private static final AsciiString TRAILERS = AsciiString.cached("trailers");
  private static final AsciiString[] STATUSES = new AsciiString[600];

  static {
    for (int status = 100; status < STATUSES.length; status++) {
      STATUSES[status] = AsciiString.cached(Integer.toString(status));
    }
  }

  private final SentValues values = new SentValues();

  /** RFC 8441 4: a request for an upgrade is an extended CONNECT. */
  SentFields request(Headers headers) {
    reset();
    String upgrade = headers.value(HeaderName.UPGRADE);
    append(METHOD, upgrade == null ? method(headers) : CONNECT);
    if (upgrade != null) {
      append(PROTOCOL, new AsciiString(upgrade));
    }
    append(SCHEME, headers.scheme().equals("https") ? HTTPS : HTTP);
    append(AUTHORITY, values.authority(headers));
    append(PATH, values.path(headers));
    fields(headers);
    return this;
  }

  private static AsciiString method(Headers headers) {
    return headers.methodIs("GET")
        ? GET
        : headers.methodIs("POST") ? POST : new AsciiString(headers.method());
  }

  /** A protocol that was switched to is, on a stream of HTTP/2, one that is spoken: RFC 8441 5. */
  SentFields response(Headers headers) {
    reset();
    int status = headers.status() == 101 ? 200 : headers.status();
    append(
        STATUS,
        status < STATUSES.length ? STATUSES[status] : new AsciiString(Integer.toString(status)));
    fields(headers);
    return this;
  }

  SentFields trailers(Headers headers) {
    reset();
    fields(headers);
    return this;
  }

  private void fields(Headers headers) {
    for (int i = 0; i < headers.size(); i++) {
      HeaderName known = headers.known(i);
      if (!headers.isField(i) || known == HeaderName.UPGRADE) {
        continue; // an upgrade is said by a pseudo-header, or is none
      }
      if (known == HeaderName.TE) {
        append(known.ascii(), TRAILERS);
      } else {
        values.add(headers, i, this);
      }
    }
  }
}
