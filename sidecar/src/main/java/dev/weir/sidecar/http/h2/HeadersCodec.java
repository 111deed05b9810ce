package dev.weir.sidecar.http.h2;

import dev.weir.sidecar.http.Ascii;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.HeadersWriter;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Between HPACK's fields and {@link Headers}. What RFC 9113 8.2 and 8.3 forbid, and Netty lets
 * through, is refused here: incomplete or malformed pseudo-headers, control bytes, a Host that is
 * not the authority. One for each connection.
 */
final class HeadersCodec {
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString HTTPS = AsciiString.cached("https");
  private static final AsciiString[] STATUSES = new AsciiString[600];
  private static final AsciiString GET = AsciiString.cached("GET");
  private static final AsciiString PROTOCOL = AsciiString.cached(":protocol");
  private static final AsciiString TRAILERS = AsciiString.cached("trailers");

  static {
    for (int status = 100; status < STATUSES.length; status++) {
      STATUSES[status] = AsciiString.cached(Integer.toString(status));
    }
  }

  private final HeadersWriter writer = new HeadersWriter();
  private final int maxFields;

  HeadersCodec(int maxFields) {
    this.maxFields = maxFields;
  }

  /**
   * A request's head; null if it is malformed. An extended CONNECT (RFC 8441) becomes what it is in
   * HTTP/1.1: a GET that asks for an upgrade.
   */
  @Nullable Headers request(Http2Headers from) {
    CharSequence protocol = from.get(PROTOCOL);
    boolean upgrade = protocol != null;
    if (upgrade
        && (!token(protocol)
            || from.method() == null
            || !AsciiString.contentEquals("CONNECT", from.method()))) {
      return null;
    }
    CharSequence method = upgrade ? GET : from.method();
    CharSequence path = from.path();
    CharSequence scheme = from.scheme();
    if (method == null
        || path == null
        || scheme == null
        || !token(method)
        || AsciiString.contentEquals("CONNECT", method)) {
      return null;
    }
    AsciiString target = AsciiString.of(path);
    boolean https = AsciiString.contentEquals(HTTPS, scheme);
    if (!https && !AsciiString.contentEquals(HTTP, scheme) || !target(target, method)) {
      return null;
    }
    CharSequence given = from.authority();
    if (!fields(from, (given == null ? 3 : 4) + (upgrade ? 1 : 0))) {
      return null;
    }
    String authority = given == null ? null : given.toString();
    if (writer.has(HeaderName.HOST)) {
      Headers fields = writer.build(0);
      int first = fields.find(HeaderName.HOST);
      String host = fields.value(first);
      if (authority != null && !authority.equalsIgnoreCase(host)
          || fields.next(HeaderName.HOST, first) >= 0) {
        return null; // RFC 9113 8.3.1
      }
      authority = host;
    }
    if (authority == null || !validAuthority(authority)) {
      return null;
    }
    Headers request = writer.request(method.toString(), target.toByteArray(), authority, https);
    if (!oneLength(request)) {
      return null;
    }
    request.remove(HeaderName.HOST);
    joinCookies(request);
    if (upgrade) {
      request.add(HeaderName.UPGRADE, protocol.toString());
      request.extendedConnect(true);
    }
    return request;
  }

  private static boolean token(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > 0x7f || !Ascii.isToken((byte) c)) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static boolean target(AsciiString path, CharSequence method) {
    if (path.isEmpty()
        || path.byteAt(0) != '/'
            && !(path.length() == 1
                && path.byteAt(0) == '*'
                && AsciiString.contentEquals("OPTIONS", method))) {
      return false;
    }
    for (int i = 0; i < path.length(); i++) {
      if (!Ascii.isTarget(path.byteAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean validAuthority(String authority) {
    byte[] bytes = authority.getBytes(StandardCharsets.ISO_8859_1);
    return Ascii.isAuthority(bytes, 0, bytes.length);
  }

  /** A response's head; null if it is malformed. */
  @Nullable Headers response(Http2Headers from) {
    CharSequence status = from.status();
    if (status == null || status.length() != 3 || !fields(from, 1)) {
      return null;
    }
    int code = 0;
    for (int i = 0; i < 3; i++) {
      int digit = status.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return null;
      }
      code = code * 10 + digit;
    }
    if (code < 100) {
      return null;
    }
    Headers response = writer.build(192);
    response.status(code);
    if (code < 200) {
      response.remove(HeaderName.CONTENT_LENGTH); // it has no body, whatever it says
    }
    return oneLength(response) ? response : null;
  }

  /** Trailers, without what RFC 9110 6.5.1 gives no place there; null if they are malformed. */
  @Nullable Headers trailers(Http2Headers from) {
    if (!fields(from, 0)) {
      return null;
    }
    Headers trailers = writer.build(0);
    trailers.remove(HeaderName.HOST);
    trailers.remove(HeaderName.CONTENT_LENGTH);
    trailers.remove(HeaderName.EXPECT);
    trailers.remove(HeaderName.TE);
    trailers.remove(HeaderName.TRAILER);
    return trailers;
  }

  /** No Content-Length, or one that HTTP/1.1 on the other side can be framed by. */
  private static boolean oneLength(Headers headers) {
    int field = headers.find(HeaderName.CONTENT_LENGTH);
    return field < 0
        || headers.next(HeaderName.CONTENT_LENGTH, field) < 0 && headers.contentLength() >= 0;
  }

  /**
   * Takes the fields over; false if there are others than {@code pseudo} pseudo-headers (Netty sees
   * to it that none comes twice), or one may not stand in HTTP/2.
   */
  private boolean fields(Http2Headers from, int pseudo) {
    writer.clear();
    int others = -pseudo;
    for (Map.Entry<CharSequence, CharSequence> entry : from) {
      AsciiString name = AsciiString.of(entry.getKey());
      if (!name.isEmpty() && name.byteAt(0) == ':') {
        others++;
        continue;
      }
      AsciiString value = AsciiString.of(entry.getValue());
      boolean fits =
          writer.count() < maxFields
              && writer.add(
                  name.array(),
                  name.arrayOffset(),
                  name.length(),
                  value.array(),
                  value.arrayOffset(),
                  value.length());
      if (!fits) {
        return false;
      }
    }
    return others == 0
        && !writer.has(HeaderName.CONNECTION)
        && !writer.has(HeaderName.KEEP_ALIVE)
        && !writer.has(HeaderName.PROXY_CONNECTION)
        && !writer.has(HeaderName.TRANSFER_ENCODING)
        && !writer.has(HeaderName.UPGRADE);
  }

  /** HTTP/1.1 wants one Cookie field, RFC 9113 8.2.3. */
  private static void joinCookies(Headers request) {
    int first = request.find(HeaderName.COOKIE);
    if (first < 0 || request.next(HeaderName.COOKIE, first) < 0) {
      return;
    }
    StringBuilder joined = new StringBuilder();
    for (int i = first; i >= 0; i = request.next(HeaderName.COOKIE, i)) {
      joined.append(joined.isEmpty() ? "" : "; ").append(request.value(i));
    }
    request.set(HeaderName.COOKIE, joined.toString());
  }

  // ---- out

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
