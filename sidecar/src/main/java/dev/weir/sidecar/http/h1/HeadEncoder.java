package dev.weir.sidecar.http.h1;

import dev.weir.sidecar.http.Headers;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes heads. Fields that lie side by side as they came are copied in one go. */
final class HeadEncoder {
  private static final byte[][] STATUS_LINES = new byte[600][];
  private static final byte[] HTTP_11 = ascii(" HTTP/1.1\r\nHost: ");
  private static final byte[] STATUS_11 = ascii("HTTP/1.1 ");
  private static final byte[] STATUS_10 = ascii("HTTP/1.0 ");
  static final byte[] CRLF = ascii("\r\n");
  static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
  static final byte[] CLOSE = ascii("Connection: close\r\n");
  static final byte[] KEEP_ALIVE = ascii("Connection: keep-alive\r\n");

  /** Goes with TE, which is a matter of one hop (RFC 9110, 10.1.4). */
  static final byte[] CONNECTION_UPGRADE = ascii("Connection: Upgrade\r\n");

  static final byte[] CONNECTION_TE = ascii("Connection: te\r\n");

  static {
    for (int status = 100; status < 600; status++) {
      STATUS_LINES[status] = ascii(status + " " + reason(status) + "\r\n");
    }
  }

  private HeadEncoder() {}

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** About how many bytes the head takes. */
  static int estimate(Headers headers) {
    return headers.byteCount() + 128;
  }

  static void requestLine(ByteBuf out, Headers headers) {
    out.writeCharSequence(headers.method(), StandardCharsets.US_ASCII);
    out.writeByte(' ');
    out.writeBytes(headers.bytes(), headers.pathStart(), headers.pathLength());
    // A request of HTTP/1.0 may have no host, one of HTTP/1.1 must say at least that: RFC 9112 3.2.
    out.writeBytes(HTTP_11);
    if (headers.authorityLength() > 0) {
      out.writeBytes(headers.bytes(), headers.authorityStart(), headers.authorityLength());
    }
    out.writeBytes(CRLF);
  }

  /** With the reason phrase as the app said it, if it did. */
  static void statusLine(ByteBuf out, Headers headers, boolean http10) {
    int length = headers.reasonLength();
    if (length < 0) {
      statusLine(out, headers.status(), http10);
      return;
    }
    out.writeBytes(http10 ? STATUS_10 : STATUS_11);
    int status = headers.status();
    out.writeByte('0' + status / 100);
    out.writeByte('0' + status / 10 % 10);
    out.writeByte('0' + status % 10);
    out.writeByte(' ');
    out.writeBytes(headers.bytes(), headers.reasonStart(), length);
    out.writeBytes(CRLF);
  }

  static void statusLine(ByteBuf out, int status, boolean http10) {
    out.writeBytes(http10 ? STATUS_10 : STATUS_11);
    byte @Nullable [] line = status < STATUS_LINES.length ? STATUS_LINES[status] : null;
    out.writeBytes(line != null ? line : ascii(status + " \r\n"));
  }

  /** All fields, each as a line. */
  static void fields(ByteBuf out, Headers headers) {
    byte[] bytes = headers.bytes();
    int runStart = 0;
    int runEnd = 0;
    for (int i = 0; i < headers.size(); i++) {
      if (!headers.isField(i)) {
        continue;
      }
      int nameStart = headers.nameStart(i);
      int nameEnd = nameStart + headers.nameLength(i);
      int valueStart = headers.valueStart(i);
      int valueEnd = valueStart + headers.valueLength(i);
      boolean plain = valueStart == nameEnd + 2 && bytes[valueEnd] == '\r';
      if (plain && nameStart == runEnd && runEnd > 0) {
        runEnd = valueEnd + 2;
        continue;
      }
      if (runEnd > runStart) {
        out.writeBytes(bytes, runStart, runEnd - runStart);
      }
      if (plain) {
        runStart = nameStart;
        runEnd = valueEnd + 2;
        continue;
      }
      runStart = 0;
      runEnd = 0;
      out.writeBytes(bytes, nameStart, nameEnd - nameStart);
      out.writeByte(':');
      out.writeByte(' ');
      out.writeBytes(bytes, valueStart, valueEnd - valueStart);
      out.writeBytes(CRLF);
    }
    if (runEnd > runStart) {
      out.writeBytes(bytes, runStart, runEnd - runStart);
    }
  }

  static String reason(int status) {
    return switch (status) {
      case 100 -> "Continue";
      case 101 -> "Switching Protocols";
      case 102 -> "Processing";
      case 103 -> "Early Hints";
      case 200 -> "OK";
      case 201 -> "Created";
      case 202 -> "Accepted";
      case 203 -> "Non-Authoritative Information";
      case 204 -> "No Content";
      case 205 -> "Reset Content";
      case 206 -> "Partial Content";
      case 207 -> "Multi-Status";
      case 208 -> "Already Reported";
      case 226 -> "IM Used";
      case 300 -> "Multiple Choices";
      case 301 -> "Moved Permanently";
      case 302 -> "Found";
      case 303 -> "See Other";
      case 304 -> "Not Modified";
      case 305 -> "Use Proxy";
      case 307 -> "Temporary Redirect";
      case 308 -> "Permanent Redirect";
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 402 -> "Payment Required";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 406 -> "Not Acceptable";
      case 407 -> "Proxy Authentication Required";
      case 408 -> "Request Timeout";
      case 409 -> "Conflict";
      case 410 -> "Gone";
      case 411 -> "Length Required";
      case 412 -> "Precondition Failed";
      case 413 -> "Content Too Large";
      case 414 -> "URI Too Long";
      case 415 -> "Unsupported Media Type";
      case 416 -> "Range Not Satisfiable";
      case 417 -> "Expectation Failed";
      case 421 -> "Misdirected Request";
      case 422 -> "Unprocessable Content";
      case 423 -> "Locked";
      case 424 -> "Failed Dependency";
      case 425 -> "Too Early";
      case 426 -> "Upgrade Required";
      case 428 -> "Precondition Required";
      case 429 -> "Too Many Requests";
      case 431 -> "Request Header Fields Too Large";
      case 451 -> "Unavailable For Legal Reasons";
      case 500 -> "Internal Server Error";
      case 501 -> "Not Implemented";
      case 502 -> "Bad Gateway";
      case 503 -> "Service Unavailable";
      case 504 -> "Gateway Timeout";
      case 505 -> "HTTP Version Not Supported";
      case 507 -> "Insufficient Storage";
      case 508 -> "Loop Detected";
      case 511 -> "Network Authentication Required";
      default -> "";
    };
  }
}
