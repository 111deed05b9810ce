package dev.weir.sidecar.http.h1;

import dev.weir.sidecar.http.Ascii;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.HeadersBuilder;
import dev.weir.sidecar.http.h1.HeadParser.Kind;
import dev.weir.sidecar.http.h1.HeadParser.Progress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The first line of a head, RFC 9112 3 and 4, and the authority that is called, which the Host
 * field says where the line does not. The line is at the beginning of the bytes; what is kept of it
 * are places in them.
 */
final class StartLine {
  private static final byte[] VERSION = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HTTP = "http://".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HTTPS = "https://".getBytes(StandardCharsets.US_ASCII);

  private final boolean ofServer;

  private int methodLength;
  private int targetStart;
  private int targetLength;
  private int hostStart;
  private int hostLength;
  private int status;
  private int reasonStart;
  private int reasonLength;
  private boolean http10;
  private int end;
  private @Nullable Malformed malformed;

  /**
   * @param ofServer a server sends it
   */
  StartLine(boolean ofServer) {
    this.ofServer = ofServer;
  }

  /** Ready for the next message. */
  void reset() {
    methodLength = 0;
    hostLength = -1;
    status = 0;
    http10 = false;
  }

  /** Reads it from the first {@code n} of {@code b}; with DONE, {@link #end} is behind it. */
  Progress read(Kind kind, byte[] b, int n) {
    return kind == Kind.REQUEST ? requestLine(b, n) : statusLine(b, n);
  }

  private Progress requestLine(byte[] b, int n) {
    int i = 0;
    while (i < n && Ascii.isToken(b[i])) {
      i++;
    }
    if (i == n) {
      return Progress.MORE;
    }
    if (b[i] != ' ' || i == 0) {
      return refuse(Malformed.START_LINE);
    }
    int method = i;
    int target = ++i;
    while (i < n && Ascii.isTarget(b[i])) {
      i++;
    }
    if (i == n) {
      return Progress.MORE;
    }
    if (b[i] != ' ') {
      return refuse(b[i] == '\r' || b[i] == '\n' ? Malformed.START_LINE : Malformed.TARGET);
    }
    int targetEnd = i++;
    if (targetEnd == target) {
      return refuse(Malformed.TARGET);
    }
    Progress version = version(b, i, n);
    if (version != Progress.DONE) {
      return version;
    }
    i += VERSION.length + 1;
    if (i + 1 >= n) {
      return i < n && b[i] != '\r' ? refuse(Malformed.START_LINE) : Progress.MORE;
    }
    if (b[i] != '\r' || b[i + 1] != '\n') {
      return refuse(LineEnd.wrong(b[i], Malformed.START_LINE));
    }
    methodLength = method;
    targetStart = target;
    targetLength = targetEnd - target;
    end = i + 2;
    return Progress.DONE;
  }

  /** DONE: a version of HTTP/1 stands at {@code at}; a later one is read as 1.1, RFC 9110 2.5. */
  private Progress version(byte[] b, int at, int n) {
    int available = Math.min(VERSION.length, n - at);
    for (int i = 0; i < available; i++) {
      if (b[at + i] != VERSION[i]) {
        // HTTP/2.0 and HTTP/0.9 are versions, anything else is not.
        return refuse(
            i == 5 && b[at + i] >= '0' && b[at + i] <= '9'
                ? Malformed.VERSION
                : Malformed.START_LINE);
      }
    }
    if (n - at <= VERSION.length) {
      return Progress.MORE;
    }
    byte minor = b[at + VERSION.length];
    if (minor < '0' || minor > '9') {
      return refuse(Malformed.START_LINE);
    }
    http10 = minor == '0';
    return Progress.DONE;
  }

  private Progress statusLine(byte[] b, int n) {
    Progress version = version(b, 0, n);
    if (version != Progress.DONE) {
      return version;
    }
    int i = VERSION.length + 1;
    if (i + 4 >= n) {
      return Progress.MORE;
    }
    if (b[i] != ' ') {
      return refuse(Malformed.START_LINE);
    }
    int code = 0;
    for (int d = 1; d <= 3; d++) {
      int digit = b[i + d] - '0';
      if (digit < 0 || digit > 9) {
        return refuse(Malformed.START_LINE);
      }
      code = code * 10 + digit;
    }
    i += 4;
    int statusEnd = i;
    // Some servers leave out the space before an empty reason.
    if (code < 100 || b[i] != ' ' && b[i] != '\r' && b[i] != '\n') {
      return refuse(Malformed.START_LINE);
    }
    while (i < n && Ascii.isValue(b[i])) {
      i++;
    }
    int next = LineEnd.behind(b, i, n, ofServer);
    if (next == LineEnd.MORE) {
      return Progress.MORE;
    }
    if (next == LineEnd.WRONG) {
      return refuse(LineEnd.wrong(b[i], Malformed.START_LINE));
    }
    status = code;
    reasonStart = Math.min(statusEnd + 1, i);
    reasonLength = i - reasonStart;
    end = next;
    return Progress.DONE;
  }

  /**
   * Takes the Host field of a request; false: {@link #malformed}. An empty one is said by who has
   * no authority to name, RFC 9112 3.2.
   */
  boolean host(byte[] b, int start, int size) {
    if (hostLength >= 0 || size > 0 && !Ascii.isAuthority(b, start, size)) {
      malformed = Malformed.HOST;
      return false;
    }
    hostStart = start;
    hostLength = size;
    return true;
  }

  /**
   * DONE: a request, all of which has come, says whom it calls and what for. RFC 9112 3.2: origin
   * form, absolute form, and {@code *} for OPTIONS.
   */
  Progress target(byte[] b) {
    if (hostLength < 0 && !http10) {
      return refuse(Malformed.NO_HOST);
    }
    if (methodIs(b, "CONNECT")) {
      return refuse(Malformed.CONNECT);
    }
    if (b[targetStart] == '/') {
      return Progress.DONE;
    }
    if (targetLength == 1 && b[targetStart] == '*') {
      return methodIs(b, "OPTIONS") ? Progress.DONE : refuse(Malformed.TARGET);
    }
    int scheme = startsWith(b, HTTP) ? HTTP.length : startsWith(b, HTTPS) ? HTTPS.length : 0;
    if (scheme == 0) {
      return refuse(Malformed.TARGET);
    }
    int authority = targetStart + scheme;
    int stop = targetStart + targetLength;
    int i = authority;
    while (i < stop && b[i] != '/' && b[i] != '?') {
      i++;
    }
    if (!Ascii.isAuthority(b, authority, i - authority)) {
      return refuse(Malformed.TARGET);
    }
    // RFC 9112 3.2.2: the target's host wins over the Host field.
    hostStart = authority;
    hostLength = i - authority;
    targetStart = i;
    targetLength = stop - i;
    return Progress.DONE;
  }

  private boolean startsWith(byte[] b, byte[] prefix) {
    return targetLength >= prefix.length
        && Ascii.equalsIgnoreCase(prefix, 0, b, targetStart, prefix.length);
  }

  private boolean methodIs(byte[] b, String method) {
    return methodLength == method.length() && Ascii.text(b, 0, methodLength).equals(method);
  }

  private Progress refuse(Malformed why) {
    malformed = why;
    return Progress.MALFORMED;
  }

  // ---- what was read

  /** After MALFORMED. */
  Malformed malformed() {
    return java.util.Objects.requireNonNull(malformed);
  }

  /** Where the next line begins. */
  int end() {
    return end;
  }

  boolean http10() {
    return http10;
  }

  /** Of a response; 0 for none, or not yet. */
  int status() {
    return status;
  }

  /** A request's headers, of a head of {@code size} bytes and with {@code room} for more. */
  Headers request(HeadersBuilder fields, byte[] b, int size, int room) {
    Headers headers =
        fields.request(
            b, size, room, methodLength, targetStart, targetLength, hostStart, hostLength);
    if (targetLength == 0 && methodIs(b, "OPTIONS")) {
      headers.path("*"); // RFC 9112 3.2.4
    } else if (targetLength == 0 || b[targetStart] == '?') {
      headers.path("/" + headers.path());
    }
    return headers;
  }

  /** A response's headers, of a head of {@code size} bytes and with {@code room} for more. */
  Headers response(HeadersBuilder fields, byte[] b, int size, int room) {
    return fields.response(b, size, room, status, reasonStart, reasonLength);
  }
}
