package dev.weir.sidecar.http.h1;

import dev.weir.sidecar.http.Ascii;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.HeadersBuilder;
import dev.weir.sidecar.runtime.Loop;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses the head of a request or response, or a trailer section, from bytes that may arrive in any
 * pieces. A head that arrives whole is parsed in the loop's scratch space and copied once; one in
 * pieces is collected, and every line is parsed when it is complete, so that the cost stays linear.
 *
 * <p>Strict by RFC 9112 and RFC 9110: CRLF only, no obs-fold, tokens as names, no control bytes in
 * values or targets, exactly one valid Host, Content-Length once and not beside Transfer-Encoding,
 * Transfer-Encoding {@code chunked} and nothing else. Hop-by-hop fields (RFC 9110 7.6.1) are taken
 * out.
 *
 * <p>What a server sends is mended where the RFC lets a proxy mend it, since nobody can smuggle by
 * it and clients take it: white space before a colon (5.1), folded values (5.2), lines that end in
 * LF (2.2), Content-Length said twice alike (6.3), {@code Transfer-Encoding: identity}.
 */
final class HeadParser {
  enum Kind {
    REQUEST,
    RESPONSE,
    TRAILERS
  }

  enum Progress {
    MORE,
    DONE,
    /** {@link #malformed()} says why; the parser is of no further use. */
    MALFORMED
  }

  /** Bytes kept free in a head for the fields that a proxy adds. */
  private static final int ROOM = 192;

  private static final int FIRST_TAKE = 4096;
  private static final int MAX_NOMINATED = 16;

  /** Clients that end a body with one too many send one or two. */
  private static final int MOST_EMPTY_LINES = 8;

  private static final byte[] VERSION = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CHUNKED = "chunked".getBytes(StandardCharsets.US_ASCII);
  private static final Pattern TE_TRAILERS =
      Pattern.compile("(?i)(?:^|,)[ \\t]*trailers[ \\t]*(?:$|[,;])");
  private static final byte[] IDENTITY = "identity".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HTTP = "http://".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HTTPS = "https://".getBytes(StandardCharsets.US_ASCII);

  private final Loop loop;
  private final Kind kind;
  private final int maxBytes;
  private final int maxFields;
  private final boolean ofServer;
  private final HeadersBuilder fields = new HeadersBuilder();

  private byte @Nullable [] collected;
  private byte[] bytes = new byte[0];
  private int length;
  private int position;
  private int unscanned;
  private int fieldLines;
  private int folds;
  private boolean inFields;
  private int emptyBytes;
  private boolean malformedStart;
  private @Nullable Malformed malformed;

  private int methodLength;
  private int targetStart;
  private int targetLength;
  private int hostStart;
  private int hostLength;
  private int status;
  private int reasonStart;
  private int reasonLength;
  private boolean http10;
  private boolean keepAlive;
  private boolean close;
  private long contentLength;
  private boolean chunked;
  private boolean expectContinue;
  private boolean teTrailers;
  private String upgrade = "";
  private final List<String> nominated = new ArrayList<>();

  /**
   * @param maxBytes of the whole head
   * @param maxFields of it
   * @param ofServer a server sends it: a response, or the trailers of one
   */
  HeadParser(Loop loop, Kind kind, int maxBytes, int maxFields, boolean ofServer) {
    this.loop = loop;
    this.kind = kind;
    this.maxBytes = maxBytes;
    this.maxFields = maxFields;
    this.ofServer = ofServer;
    reset();
  }

  /** Ready for the next message. */
  void reset() {
    collected = null;
    length = 0;
    position = 0;
    unscanned = 0;
    inFields = kind == Kind.TRAILERS;
    fieldLines = 0;
    folds = 0;
    emptyBytes = kind == Kind.REQUEST ? 2 * MOST_EMPTY_LINES : 0;
    fields.clear();
    methodLength = 0;
    hostLength = -1;
    status = 0;
    http10 = false;
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

  /** True once a byte of a message has come and its end has not. */
  boolean begun() {
    return length > 0;
  }

  /** Reads on from {@code in}; with DONE, {@code in} stands behind the head. */
  Progress parse(ByteBuf in) {
    skipEmptyLines(in);
    if (malformedStart) {
      return refuse(Malformed.START_LINE);
    }
    while (true) {
      int before = length;
      int take =
          Math.min(
              in.readableBytes(), collected == null && length == 0 ? FIRST_TAKE : Loop.SCRATCH - 1);
      if (take == 0) {
        keep();
        return Progress.MORE;
      }
      room(length + take);
      in.getBytes(in.readerIndex(), bytes, length, take);
      length += take;
      Progress progress = lines();
      if (progress == Progress.DONE) {
        in.skipBytes(position - before);
        return progress;
      }
      if (progress == Progress.MALFORMED) {
        return progress;
      }
      in.skipBytes(take);
      if (length > maxBytes) {
        return refuse(Malformed.HEAD_TOO_LARGE);
      }
    }
  }

  /**
   * Empty lines before a request are forgiven, RFC 9112 2.2; a lone CR goes the way of all
   * malformed starts.
   */
  private void skipEmptyLines(ByteBuf in) {
    while (emptyBytes > 0 && in.isReadable()) {
      boolean lineBegun = emptyBytes % 2 != 0;
      if (in.getByte(in.readerIndex()) != (lineBegun ? '\n' : '\r')) {
        malformedStart |= lineBegun;
        emptyBytes = 0;
        return;
      }
      in.skipBytes(1);
      emptyBytes--;
    }
  }

  private void room(int size) {
    if (collected == null) {
      if (size <= Loop.SCRATCH) {
        bytes = loop.scratch();
        return;
      }
      collected = Arrays.copyOf(bytes, size);
    } else if (size > collected.length) {
      collected = Arrays.copyOf(collected, Math.max(size, 2 * collected.length));
    }
    bytes = collected;
  }

  /** The scratch space is about to be somebody else's. */
  private void keep() {
    if (collected == null && length > 0) {
      collected = Arrays.copyOf(bytes, Math.max(512, 2 * length));
      bytes = collected;
    }
  }

  private Progress lines() {
    if (unscanned > 0 && !hasNewline()) {
      return Progress.MORE;
    }
    while (true) {
      int line = position;
      Progress progress = inFields ? fieldLine() : startLine();
      if (progress != Progress.MORE) {
        return progress;
      }
      if (position == line) {
        unscanned = length;
        return Progress.MORE;
      }
      if (position > maxBytes) {
        return refuse(Malformed.HEAD_TOO_LARGE);
      }
    }
  }

  private boolean hasNewline() {
    for (int i = unscanned; i < length; i++) {
      if (bytes[i] == '\n') {
        return true;
      }
    }
    unscanned = length;
    return false;
  }

  private Progress startLine() {
    return kind == Kind.REQUEST ? requestLine() : statusLine();
  }

  private Progress requestLine() {
    byte[] b = bytes;
    int n = length;
    int i = position;
    while (i < n && Ascii.isToken(b[i])) {
      i++;
    }
    if (i == n) {
      return Progress.MORE;
    }
    if (b[i] != ' ' || i == position) {
      return refuse(Malformed.START_LINE);
    }
    int method = i - position;
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
    Progress version = version(i);
    if (version != Progress.DONE) {
      return version;
    }
    i += VERSION.length + 1;
    if (i + 1 >= n) {
      return i < n && b[i] != '\r' ? refuse(Malformed.START_LINE) : Progress.MORE;
    }
    if (b[i] != '\r' || b[i + 1] != '\n') {
      return refuse(b[i] == '\r' || b[i] == '\n' ? Malformed.BARE_CR_OR_LF : Malformed.START_LINE);
    }
    methodLength = method;
    targetStart = target;
    targetLength = targetEnd - target;
    inFields = true;
    position = i + 2;
    return Progress.MORE;
  }

  /** DONE: a version of HTTP/1 stands at {@code at}; a later one is read as 1.1, RFC 9110 2.5. */
  private Progress version(int at) {
    int available = Math.min(VERSION.length, length - at);
    for (int i = 0; i < available; i++) {
      if (bytes[at + i] != VERSION[i]) {
        // HTTP/2.0 and HTTP/0.9 are versions, anything else is not.
        return refuse(
            i == 5 && bytes[at + i] >= '0' && bytes[at + i] <= '9'
                ? Malformed.VERSION
                : Malformed.START_LINE);
      }
    }
    if (length - at <= VERSION.length) {
      return Progress.MORE;
    }
    byte minor = bytes[at + VERSION.length];
    if (minor < '0' || minor > '9') {
      return refuse(Malformed.START_LINE);
    }
    http10 = minor == '0';
    return Progress.DONE;
  }

  private Progress statusLine() {
    byte[] b = bytes;
    int n = length;
    Progress version = version(position);
    if (version != Progress.DONE) {
      return version;
    }
    int i = position + VERSION.length + 1;
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
    Progress ending = lineEnd(i, Malformed.START_LINE);
    if (ending != Progress.DONE) {
      return ending;
    }
    status = code;
    reasonStart = Math.min(statusEnd + 1, i);
    reasonLength = i - reasonStart;
    inFields = true;
    position = behind(i);
    return Progress.MORE;
  }

  /** DONE: CRLF stands at {@code at}, or of a server LF alone. */
  private Progress lineEnd(int at, Malformed otherwise) {
    if (at == length) {
      return Progress.MORE;
    }
    if (bytes[at] != '\r') {
      if (bytes[at] == '\n' && ofServer) {
        return Progress.DONE;
      }
      return refuse(bytes[at] == '\n' ? Malformed.BARE_CR_OR_LF : otherwise);
    }
    if (at + 1 == length) {
      return Progress.MORE;
    }
    return bytes[at + 1] == '\n' ? Progress.DONE : refuse(Malformed.BARE_CR_OR_LF);
  }

  /** Where the next line begins, when this one's end is at {@code at}. */
  private int behind(int at) {
    return bytes[at] == '\r' ? at + 2 : at + 1;
  }

  private Progress fieldLine() {
    byte[] b = bytes;
    int n = length;
    int i = position;
    if (i == n) {
      return Progress.MORE;
    }
    if (b[i] == '\r' || b[i] == '\n' && ofServer) {
      Progress ending = lineEnd(i, Malformed.FIELD_NAME);
      if (ending == Progress.DONE) {
        position = behind(i);
        return complete();
      }
      return ending;
    }
    while (i < n && Ascii.isToken(b[i])) {
      i++;
    }
    int nameEnd = i;
    while (ofServer && i > position && i < n && blank(b[i])) {
      i++;
    }
    if (i == n) {
      return Progress.MORE;
    }
    if (b[i] != ':' || i == position) {
      boolean fold = i == position && (b[i] == ' ' || b[i] == '\t');
      return refuse(
          fold
              ? Malformed.OBS_FOLD
              : b[i] == '\n' || b[i] == '\r' ? Malformed.BARE_CR_OR_LF : Malformed.FIELD_NAME);
    }
    int nameStart = position;
    int nameLength = nameEnd - nameStart;
    int colon = i++;
    while (i < n && blank(b[i])) {
      i++;
    }
    int valueStart = i;
    while (true) {
      while (i < n && Ascii.isValue(b[i])) {
        i++;
      }
      Progress ending = lineEnd(i, Malformed.FIELD_VALUE);
      if (ending != Progress.DONE) {
        return ending;
      }
      int next = behind(i);
      if (!ofServer) {
        break;
      }
      if (next == n) {
        return Progress.MORE; // the next line may be a part of this value
      }
      if (!blank(b[next])) {
        break;
      }
      if (++folds > maxFields) {
        return refuse(Malformed.TOO_MANY_FIELDS);
      }
      Arrays.fill(b, i, next, (byte) ' ');
      i = next;
    }
    if (colon != nameEnd) {
      Arrays.fill(b, nameEnd, colon + 1, (byte) ' ');
      b[nameEnd] = ':'; // it may be written out as it stands here
    }
    int valueEnd = i;
    while (valueEnd > valueStart && blank(b[valueEnd - 1])) {
      valueEnd--;
    }
    while (valueStart < valueEnd && blank(b[valueStart])) {
      valueStart++; // of a value that was folded at once
    }
    position = behind(i);
    if (++fieldLines > maxFields) {
      return refuse(Malformed.TOO_MANY_FIELDS);
    }
    HeaderName known = HeaderName.lookup(b, nameStart, nameLength);
    if (known == HeaderName.CONTENT_LENGTH && ofServer) {
      valueEnd = valueStart + oneLength(valueStart, valueEnd - valueStart);
    }
    if (known != null && !travels(known, valueStart, valueEnd - valueStart)) {
      return malformed == null ? Progress.MORE : Progress.MALFORMED;
    }
    fields.add(nameStart, nameLength, valueStart, valueEnd - valueStart, known);
    return Progress.MORE;
  }

  /**
   * Takes note of a well-known field. False: it ends here, or, with {@link #malformed} set,
   * everything does.
   */
  private boolean travels(HeaderName name, int start, int size) {
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
    if (name == HeaderName.HOST && kind == Kind.REQUEST) {
      // An empty one is said by who has no authority to name, RFC 9112 3.2.
      if (hostLength >= 0 || size > 0 && !Ascii.isAuthority(bytes, start, size)) {
        return deny(Malformed.HOST);
      }
      hostStart = start;
      hostLength = size;
      return false;
    }
    if (status > 0 && status < 200 && framing(name)) {
      return false; // a 1xx has no body, whatever it says: RFC 9112 6.3
    }
    if (name == HeaderName.CONTENT_LENGTH) {
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
    if (name == HeaderName.TRANSFER_ENCODING) {
      if (chunked) {
        return deny(Malformed.CODING_TWICE);
      }
      if (!Ascii.equalsIgnoreCase(CHUNKED, bytes, start, size)) {
        if (ofServer && Ascii.equalsIgnoreCase(IDENTITY, bytes, start, size)) {
          return false;
        }
        return deny(
            text(start, size).toLowerCase(Locale.ROOT).contains("chunked")
                ? Malformed.CODING_TWICE
                : Malformed.CODING);
      }
      chunked = true;
      return false;
    }
    if (name == HeaderName.CONNECTION) {
      return connection(start, size);
    }
    if (name == HeaderName.EXPECT && kind == Kind.REQUEST) {
      boolean ours = text(start, size).equalsIgnoreCase("100-continue");
      expectContinue |= ours;
      return !ours; // what else is expected is for the app to meet, or to refuse
    }
    if (name == HeaderName.UPGRADE) {
      upgrade = upgrade.isEmpty() ? text(start, size) : upgrade + ", " + text(start, size);
      return false;
    }
    if (name == HeaderName.TE) {
      teTrailers |= TE_TRAILERS.matcher(text(start, size)).find();
      return false;
    }
    return !hopByHop(name);
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

  private static boolean blank(byte b) {
    return b == ' ' || b == '\t';
  }

  /** A list of equal lengths means its first member: how long that is. */
  private int oneLength(int start, int size) {
    String list = text(start, size);
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

  private boolean connection(int start, int size) {
    int i = start;
    int stop = start + size;
    while (i < stop) {
      while (i < stop && (bytes[i] == ' ' || bytes[i] == '\t' || bytes[i] == ',')) {
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
      if (optionLength == 5 && text(option, 5).equalsIgnoreCase("close")) {
        close = true;
        continue;
      }
      if (optionLength == 10 && text(option, 10).equalsIgnoreCase("keep-alive")) {
        keepAlive = true;
        continue;
      }
      if (nominated.size() == MAX_NOMINATED) {
        return deny(Malformed.NOMINATED);
      }
      nominated.add(text(option, optionLength).toLowerCase(Locale.ROOT));
    }
    return false;
  }

  private Progress complete() {
    if (position > maxBytes) {
      return refuse(Malformed.HEAD_TOO_LARGE);
    }
    // A server of HTTP/1.0 that chunks is taken at its word once: RFC 9112 6.1.
    if (chunked && contentLength >= 0) {
      return refuse(Malformed.LENGTH_AND_CODING);
    }
    if (chunked && http10 && !ofServer) {
      return refuse(Malformed.CODING_OF_HTTP10);
    }
    if (kind == Kind.REQUEST) {
      if (hostLength < 0 && !http10) {
        return refuse(Malformed.NO_HOST);
      }
      return target();
    }
    return Progress.DONE;
  }

  /** RFC 9112 3.2: origin form, absolute form, and {@code *} for OPTIONS. */
  private Progress target() {
    if (methodIs("CONNECT")) {
      return refuse(Malformed.CONNECT);
    }
    if (bytes[targetStart] == '/') {
      return Progress.DONE;
    }
    if (targetLength == 1 && bytes[targetStart] == '*') {
      return methodIs("OPTIONS") ? Progress.DONE : refuse(Malformed.TARGET);
    }
    int scheme = startsWith(HTTP) ? HTTP.length : startsWith(HTTPS) ? HTTPS.length : 0;
    if (scheme == 0) {
      return refuse(Malformed.TARGET);
    }
    int authority = targetStart + scheme;
    int stop = targetStart + targetLength;
    int i = authority;
    while (i < stop && bytes[i] != '/' && bytes[i] != '?') {
      i++;
    }
    if (!Ascii.isAuthority(bytes, authority, i - authority)) {
      return refuse(Malformed.TARGET);
    }
    // RFC 9112 3.2.2: the target's host wins over the Host field.
    hostStart = authority;
    hostLength = i - authority;
    targetStart = i;
    targetLength = stop - i;
    return Progress.DONE;
  }

  private boolean startsWith(byte[] prefix) {
    return targetLength >= prefix.length
        && Ascii.equalsIgnoreCase(prefix, 0, bytes, targetStart, prefix.length);
  }

  private boolean methodIs(String method) {
    return methodLength == method.length() && text(0, methodLength).equals(method);
  }

  /** Always false. */
  private boolean deny(Malformed why) {
    malformed = why;
    return false;
  }

  private Progress refuse(Malformed why) {
    malformed = why;
    return Progress.MALFORMED;
  }

  private String text(int start, int size) {
    return new String(bytes, start, size, StandardCharsets.ISO_8859_1);
  }

  // ---- what was parsed; valid after DONE until reset

  Malformed malformed() {
    return java.util.Objects.requireNonNull(malformed);
  }

  /**
   * The head as a value of its own. Takes the parser back to its beginning, but for the framing
   * accessors below.
   */
  Headers headers() {
    Headers headers =
        switch (kind) {
          case REQUEST ->
              fields.request(
                  bytes,
                  position,
                  ROOM,
                  methodLength,
                  targetStart,
                  targetLength,
                  hostStart,
                  hostLength);
          case RESPONSE ->
              fields.response(bytes, position, ROOM, status, reasonStart, reasonLength);
          case TRAILERS -> fields.build(bytes, position, 0);
        };
    if (kind == Kind.REQUEST) {
      if (targetLength == 0 && methodIs("OPTIONS")) {
        headers.path("*"); // RFC 9112 3.2.4
      } else if (targetLength == 0 || bytes[targetStart] == '?') {
        headers.path("/" + headers.path());
      }
      if (teTrailers) {
        headers.add(HeaderName.TE, "trailers");
      }
    }
    for (int i = 0; i < nominated.size(); i++) {
      String option = nominated.get(i);
      // RFC 9110 7.6.1; Content-Length is not the sender's to take away.
      if (!option.equals("te") && !option.equals("content-length")) {
        headers.remove(option);
      }
    }
    return headers;
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

  int status() {
    return status;
  }

  /**
   * What the connection is to become: {@code Upgrade}, where {@code Connection} names it; empty for
   * nothing. HTTP/2 in clear text is not, it is offered beside an ordinary request by who can do
   * without. RFC 9110 7.8, RFC 9113 3.1.
   */
  String upgrade() {
    return !http10 && nominated.contains("upgrade") && !upgrade.equalsIgnoreCase("h2c")
        ? upgrade
        : "";
  }

  boolean http10() {
    return http10;
  }

  /** The connection ends with this message. */
  boolean lastMessage() {
    return close || http10 && (chunked || !keepAlive);
  }
}
