package dev.weir.sidecar.http.h1;

import dev.weir.sidecar.http.Ascii;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.h1.HeadParser.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a head that speak of the connection or of where the message ends (RFC 9110 7.6.1,
 * RFC 9112 6): takes note of what they say, and says which of them go on with the message.
 */
final class ControlFields {
  private static final int MAX_NOMINATED = 16;

  private static final byte[] CHUNKED = "chunked".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] IDENTITY = "identity".getBytes(StandardCharsets.US_ASCII);
  private static final Pattern TE_TRAILERS =
      Pattern.compile("(?i)(?:^|,)[ \\t]*trailers[ \\t]*(?:$|[,;])");

  private final Kind kind;
  private final boolean ofServer;

  private boolean keepAlive;
  private boolean close;
  private long contentLength = -1;
  private boolean chunked;
  private boolean expectContinue;
  private boolean teTrailers;
  private String upgrade = "";
  private final List<String> nominated = new ArrayList<>();
  private @Nullable Malformed malformed;

  /**
   * @param ofServer a server sends it
   */
  ControlFields(Kind kind, boolean ofServer) {
    this.kind = kind;
    this.ofServer = ofServer;
  }

  /** Ready for the next message. */
  void reset() {
    keepAlive = false;
    close = false;
    contentLength = -1;
    chunked = false;
    expectContinue = false;
    teTrailers = false;
    upgrade = "";
    if (!nominated.isEmpty()) {
      nominated.clear();
    }
  }

  /**
   * Takes note of a well-known field. False: it ends here, or, with {@link #malformed}, everything
   * does.
   *
   * @param bytes its value is {@code size} of them from {@code start} on
   * @param status of a response, else 0
   */
  boolean travels(HeaderName name, byte[] bytes, int start, int size, int status) {
    if (kind == Kind.TRAILERS) {
      // RFC 9110 6.5.1: what frames, routes or controls a message has no place behind it.
      boolean control =
          name == HeaderName.HOST
              || name == HeaderName.TRAILER
              || name == HeaderName.CONTENT_LENGTH
              || name == HeaderName.EXPECT
              || name == HeaderName.TE;
      return !control && !hopByHop(name);
    }
    if (status > 0 && status < 200 && framing(name)) {
      return false; // a 1xx has no body, whatever it says: RFC 9112 6.3
    }
    if (name == HeaderName.CONTENT_LENGTH) {
      return length(bytes, start, size);
    }
    if (name == HeaderName.TRANSFER_ENCODING) {
      return coding(bytes, start, size);
    }
    if (name == HeaderName.CONNECTION) {
      return connection(bytes, start, size);
    }
    if (name == HeaderName.EXPECT && kind == Kind.REQUEST) {
      boolean ours = Ascii.text(bytes, start, size).equalsIgnoreCase("100-continue");
      expectContinue |= ours;
      return !ours; // what else is expected is for the app to meet, or to refuse
    }
    if (name == HeaderName.UPGRADE) {
      upgrade =
          upgrade.isEmpty()
              ? Ascii.text(bytes, start, size)
              : upgrade + ", " + Ascii.text(bytes, start, size);
      return false;
    }
    if (name == HeaderName.TE) {
      teTrailers |= TE_TRAILERS.matcher(Ascii.text(bytes, start, size)).find();
      return false;
    }
    return !hopByHop(name);
  }

  private boolean length(byte[] bytes, int start, int size) {
    long value = Ascii.parseLong(bytes, start, size);
    if (value >= 0 && value == contentLength && ofServer) {
      return false;
    }
    if (value < 0 || contentLength >= 0) {
      return deny(Malformed.CONTENT_LENGTH);
    }
    contentLength = value;
    return true;
  }

  private boolean coding(byte[] bytes, int start, int size) {
    if (chunked) {
      return deny(Malformed.CODING_TWICE);
    }
    if (!Ascii.equalsIgnoreCase(CHUNKED, bytes, start, size)) {
      if (ofServer && Ascii.equalsIgnoreCase(IDENTITY, bytes, start, size)) {
        return false;
      }
      return deny(
          Ascii.text(bytes, start, size).toLowerCase(Locale.ROOT).contains("chunked")
              ? Malformed.CODING_TWICE
              : Malformed.CODING);
    }
    chunked = true;
    return false;
  }

  private static boolean framing(HeaderName name) {
    return name == HeaderName.CONTENT_LENGTH || name == HeaderName.TRANSFER_ENCODING;
  }

  private static boolean hopByHop(HeaderName name) {
    return name == HeaderName.CONNECTION
        || name == HeaderName.KEEP_ALIVE
        || name == HeaderName.PROXY_CONNECTION
        || name == HeaderName.TRANSFER_ENCODING
        || name == HeaderName.UPGRADE
        || name == HeaderName.HTTP2_SETTINGS;
  }

  /** A list of equal lengths means its first member: how long that is. */
  static int oneLength(byte[] bytes, int start, int size) {
    String list = Ascii.text(bytes, start, size);
    int comma = list.indexOf(',');
    if (comma < 0) {
      return size;
    }
    String first = list.substring(0, comma).stripTrailing();
    for (String other : list.split(",", -1)) {
      if (!other.strip().equals(first)) {
        return size; // no number, and refused for that
      }
    }
    return first.length();
  }

  private boolean connection(byte[] bytes, int start, int size) {
    int i = start;
    int stop = start + size;
    while (i < stop) {
      while (i < stop && (Ascii.isBlank(bytes[i]) || bytes[i] == ',')) {
        i++;
      }
      int option = i;
      while (i < stop && Ascii.isToken(bytes[i])) {
        i++;
      }
      int optionLength = i - option;
      if (optionLength == 0) {
        return i < stop && deny(Malformed.FIELD_VALUE);
      }
      if (optionLength == 5 && Ascii.text(bytes, option, 5).equalsIgnoreCase("close")) {
        close = true;
        continue;
      }
      if (optionLength == 10 && Ascii.text(bytes, option, 10).equalsIgnoreCase("keep-alive")) {
        keepAlive = true;
        continue;
      }
      if (nominated.size() == MAX_NOMINATED) {
        return deny(Malformed.NOMINATED);
      }
      nominated.add(Ascii.text(bytes, option, optionLength).toLowerCase(Locale.ROOT));
    }
    return false;
  }

  /** Always false. */
  private boolean deny(Malformed why) {
    malformed = why;
    return false;
  }

  /** Why a field is refused; null for none is. */
  @Nullable Malformed malformed() {
    return malformed;
  }

  /** Why they do not say where the message ends; null for they do. */
  @Nullable Malformed misframed(boolean http10) {
    // A server of HTTP/1.0 that chunks is taken at its word once: RFC 9112 6.1.
    if (chunked && contentLength >= 0) {
      return Malformed.LENGTH_AND_CODING;
    }
    return chunked && http10 && !ofServer ? Malformed.CODING_OF_HTTP10 : null;
  }

  /** Brings into {@code headers} what they say of them. */
  void apply(Headers headers) {
    if (teTrailers && kind == Kind.REQUEST) {
      headers.add(HeaderName.TE, "trailers");
    }
    for (int i = 0; i < nominated.size(); i++) {
      String option = nominated.get(i);
      // RFC 9110 7.6.1; Content-Length is not the sender's to take away.
      if (!option.equals("te") && !option.equals("content-length")) {
        headers.remove(option);
      }
    }
  }

  /** -1 where there is none. */
  long contentLength() {
    return contentLength;
  }

  boolean chunked() {
    return chunked;
  }

  boolean expectContinue() {
    return expectContinue;
  }

  /**
   * What the connection is to become: {@code Upgrade}, where {@code Connection} names it; empty for
   * nothing. HTTP/2 in clear text is not, it is offered beside an ordinary request by who can do
   * without. RFC 9110 7.8, RFC 9113 3.1.
   */
  String upgrade(boolean http10) {
    return !http10 && nominated.contains("upgrade") && !upgrade.equalsIgnoreCase("h2c")
        ? upgrade
        : "";
  }

  /** The connection ends with this message. */
  boolean lastMessage(boolean http10) {
    return close || http10 && (chunked || !keepAlive);
  }
}
