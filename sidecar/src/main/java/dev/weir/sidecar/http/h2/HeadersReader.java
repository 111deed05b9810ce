package dev.weir.sidecar.http.h2;

import dev.weir.sidecar.http.Ascii;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.HeadersWriter;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Makes {@link Headers} of what HPACK has read. What RFC 9113 8.2 and 8.3 forbid, and Netty lets
 * through, is refused here: incomplete or malformed pseudo-headers, names and values with bytes
 * that may not stand in them, a Host that is not the authority. One for each connection.
 */
final class HeadersReader {
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString HTTPS = AsciiString.cached("https");
  private static final AsciiString CONNECT = AsciiString.cached("CONNECT");
  private static final AsciiString GET = AsciiString.cached("GET");
  private static final AsciiString OPTIONS = AsciiString.cached("OPTIONS");

  /** For what the sidecar adds to a response: the time that the app took, and a little more. */
  private static final int RESPONSE_ROOM = 96;

  private final HeadersWriter writer = new HeadersWriter();
  private final int maxFields;

  HeadersReader(int maxFields) {
    this.maxFields = maxFields;
  }

  /**
   * A request's head; null if it is malformed. An extended CONNECT (RFC 8441) becomes what it is in
   * HTTP/1.1: a GET that asks for an upgrade.
   */
  @Nullable Headers request(ReceivedFields from) {
    AsciiString asked = from.method();
    AsciiString protocol = from.protocol();
    boolean upgrade = protocol != null;
    if (asked == null || upgrade != asked.equals(CONNECT) || protocol != null && !token(protocol)) {
      return null;
    }
    AsciiString method = upgrade ? GET : asked;
    AsciiString path = from.path();
    AsciiString scheme = from.scheme();
    if (path == null || scheme == null || !token(method) || !target(path, method)) {
      return null;
    }
    boolean https = scheme.equals(HTTPS);
    AsciiString authority = from.authority();
    int pseudo = (authority == null ? 3 : 4) + (upgrade ? 1 : 0);
    if (!https && !scheme.equals(HTTP) || !fields(from, pseudo)) {
      return null;
    }
    if (writer.has(HeaderName.HOST)) {
      authority = host(authority);
    }
    if (authority == null
        || !Ascii.isAuthority(authority.array(), authority.arrayOffset(), authority.length())) {
      return null;
    }
    Headers request = writer.request(method, path, authority, https);
    if (!oneLength(request)) {
      return null;
    }
    request.remove(HeaderName.HOST);
    joinCookies(request);
    if (protocol != null) {
      request.add(HeaderName.UPGRADE, protocol.toString());
      request.extendedConnect(true);
    }
    return request;
  }

  /** The one Host; null if there are more, or it is not the authority: RFC 9113 8.3.1. */
  private @Nullable AsciiString host(@Nullable AsciiString authority) {
    Headers fields = writer.build(0);
    int first = fields.find(HeaderName.HOST);
    AsciiString host = new AsciiString(fields.value(first));
    boolean other = authority != null && !authority.contentEqualsIgnoreCase(host);
    return other || fields.next(HeaderName.HOST, first) >= 0 ? null : host;
  }

  private static boolean token(AsciiString text) {
    for (int i = 0; i < text.length(); i++) {
      if (!Ascii.isToken(text.byteAt(i))) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static boolean target(AsciiString path, AsciiString method) {
    if (path.isEmpty()
        || path.byteAt(0) != '/'
            && !(path.length() == 1 && path.byteAt(0) == '*' && method.equals(OPTIONS))) {
      return false;
    }
    for (int i = 0; i < path.length(); i++) {
      if (!Ascii.isTarget(path.byteAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** A response's head; null if it is malformed. */
  @Nullable Headers response(ReceivedFields from) {
    AsciiString status = from.status();
    if (status == null || status.length() != 3 || !fields(from, 1)) {
      return null;
    }
    int code = 0;
    for (int i = 0; i < 3; i++) {
      int digit = status.byteAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return null;
      }
      code = code * 10 + digit;
    }
    if (code < 100) {
      return null;
    }
    Headers response = writer.build(RESPONSE_ROOM);
    response.status(code);
    if (code < 200) {
      response.remove(HeaderName.CONTENT_LENGTH); // it has no body, whatever it says
    }
    return oneLength(response) ? response : null;
  }

  /** Trailers, without what RFC 9110 6.5.1 gives no place there; null if they are malformed. */
  @Nullable Headers trailers(ReceivedFields from) {
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
   * Takes the fields over; false if there are not {@code pseudo} pseudo-headers, or a field may not
   * stand in HTTP/2.
   */
  private boolean fields(ReceivedFields from, int pseudo) {
    writer.clear();
    if (from.pseudoCount() != pseudo || from.size() > maxFields) {
      return false;
    }
    for (int i = 0; i < from.size(); i++) {
      AsciiString name = from.name(i);
      AsciiString value = from.value(i);
      boolean fits =
          writer.add(
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
    return !writer.has(HeaderName.CONNECTION)
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
}
