package dev.weir.sidecar.http.h1;

import dev.weir.sidecar.http.Ascii;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.HeadersBuilder;
import dev.weir.sidecar.runtime.Loop;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
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

  /** Clients that end a body with one too many send one or two. */
  private static final int MOST_EMPTY_LINES = 8;

  private final Loop loop;
  private final Kind kind;
  private final int maxBytes;
  private final int maxFields;
  private final boolean ofServer;
  private final HeadersBuilder fields = new HeadersBuilder();
  private final StartLine start;
  private final ControlFields controls;

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
    this.start = new StartLine(ofServer);
    this.controls = new ControlFields(kind, ofServer);
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
    start.reset();
    controls.reset();
  }

  /** True once a byte of a message has come and its end has not. */
  boolean begun() {
    return length > 0;
  }

  /** Reads on from {@code in}; with DONE, {@code in} stands behind the head. */
  Progress parse(ByteBuf in) {
    fields.begin(loop.intScratch());
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
    fields.keep();
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
    Progress progress = start.read(kind, bytes, length);
    if (progress == Progress.MALFORMED) {
      return refuse(start.malformed());
    }
    if (progress == Progress.DONE) {
      position = start.end();
      inFields = true;
    }
    return Progress.MORE;
  }

  private Progress fieldLine() {
    byte[] b = bytes;
    int n = length;
    int i = position;
    if (i == n) {
      return Progress.MORE;
    }
    if (b[i] == '\r' || b[i] == '\n' && ofServer) {
      int behind = LineEnd.behind(b, i, n, ofServer);
      if (behind < 0) {
        return notEnded(behind, b[i], Malformed.FIELD_NAME);
      }
      position = behind;
      return complete();
    }
    while (i < n && Ascii.isToken(b[i])) {
      i++;
    }
    int nameEnd = i;
    while (ofServer && i > position && i < n && Ascii.isBlank(b[i])) {
      i++;
    }
    if (i == n) {
      return Progress.MORE;
    }
    if (b[i] != ':' || i == position) {
      boolean fold = i == position && Ascii.isBlank(b[i]);
      return refuse(fold ? Malformed.OBS_FOLD : LineEnd.wrong(b[i], Malformed.FIELD_NAME));
    }
    int nameStart = position;
    int nameLength = nameEnd - nameStart;
    int colon = i++;
    while (i < n && Ascii.isBlank(b[i])) {
      i++;
    }
    int valueStart = i;
    int next;
    while (true) {
      while (i < n && Ascii.isValue(b[i])) {
        i++;
      }
      next = LineEnd.behind(b, i, n, ofServer);
      if (next < 0) {
        return notEnded(next, i < n ? b[i] : 0, Malformed.FIELD_VALUE);
      }
      if (!ofServer) {
        break;
      }
      if (next == n) {
        return Progress.MORE; // the next line may be a part of this value
      }
      if (!Ascii.isBlank(b[next])) {
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
    while (valueEnd > valueStart && Ascii.isBlank(b[valueEnd - 1])) {
      valueEnd--;
    }
    while (valueStart < valueEnd && Ascii.isBlank(b[valueStart])) {
      valueStart++; // of a value that was folded at once
    }
    position = next;
    if (++fieldLines > maxFields) {
      return refuse(Malformed.TOO_MANY_FIELDS);
    }
    HeaderName known = HeaderName.lookup(b, nameStart, nameLength);
    if (known == HeaderName.CONTENT_LENGTH && ofServer) {
      valueEnd = valueStart + ControlFields.oneLength(b, valueStart, valueEnd - valueStart);
    }
    int valueLength = valueEnd - valueStart;
    if (known == HeaderName.HOST && kind == Kind.REQUEST) {
      return start.host(b, valueStart, valueLength) ? Progress.MORE : refuse(start.malformed());
    }
    if (known != null && !controls.travels(known, b, valueStart, valueLength, start.status())) {
      Malformed why = controls.malformed();
      return why == null ? Progress.MORE : refuse(why);
    }
    fields.add(nameStart, nameLength, valueStart, valueLength, known);
    return Progress.MORE;
  }

  /**
   * @param how {@link LineEnd#MORE} or {@link LineEnd#WRONG}
   */
  private Progress notEnded(int how, byte found, Malformed otherwise) {
    return how == LineEnd.MORE ? Progress.MORE : refuse(LineEnd.wrong(found, otherwise));
  }

  private Progress complete() {
    if (position > maxBytes) {
      return refuse(Malformed.HEAD_TOO_LARGE);
    }
    Malformed misframed = controls.misframed(start.http10());
    if (misframed != null) {
      return refuse(misframed);
    }
    if (kind == Kind.REQUEST && start.target(bytes) == Progress.MALFORMED) {
      return refuse(start.malformed());
    }
    return Progress.DONE;
  }

  private Progress refuse(Malformed why) {
    malformed = why;
    return Progress.MALFORMED;
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
          case REQUEST -> start.request(fields, bytes, position, ROOM);
          case RESPONSE -> start.response(fields, bytes, position, ROOM);
          case TRAILERS -> fields.build(bytes, position, 0);
        };
    controls.apply(headers);
    return headers;
  }

  /** What its fields say of the connection and of the message's end. */
  ControlFields controls() {
    return controls;
  }

  int status() {
    return start.status();
  }

  boolean http10() {
    return start.http10();
  }

  /** See {@link ControlFields#upgrade}. */
  String upgrade() {
    return controls.upgrade(start.http10());
  }

  /** The connection ends with this message. */
  boolean lastMessage() {
    return controls.lastMessage(start.http10());
  }
}
