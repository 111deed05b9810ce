package dev.weir.sidecar.http.h1;

import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.runtime.Loop;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a message body out of the bytes of a connection, by its length, by chunks (RFC 9112 7.1,
 * checked to the last byte), or to the end of the connection.
 *
 * <p>Small chunks that were read at once are handed on as one: each would cost as much as a large
 * one on its way. They are moved together where they are, over framing that is behind the reader.
 */
final class BodyDecoder {
  /** Who is told. */
  interface Sink {
    /** {@code data} is the sink's to release. Ends the body if {@code end}. */
    void bodyData(ByteBuf data, boolean end);

    /** The body ended without further data. */
    void bodyEnd();

    /** The body ended with trailers. */
    void bodyTrailers(Headers trailers);

    void bodyMalformed(Malformed malformed);
  }

  private enum State {
    NONE,
    FIXED,
    UNTIL_CLOSE,
    SIZE,
    PADDING,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILERS
  }

  /** A chunk that is larger is not moved. */
  private static final int SMALL = 4096;

  private static final int MAX_EXTENSION = 256;
  private static final int MAX_SIZE_DIGITS = 64;
  private static final long MAX_SIZE = 1L << 60;
  private static final int MAX_TRAILER_BYTES = 16 << 10;
  private static final int MAX_TRAILERS = 100;

  private final Loop loop;
  private final Sink sink;
  private final boolean ofServer;
  private State state = State.NONE;
  private long remaining;
  private int digits;
  private int extension;
  private @Nullable HeadParser trailers;

  /** Where the small chunks begin that are not handed on yet, and how long they are. */
  private int gathered;

  private int gatheredLength;

  /**
   * @param ofServer what a server sends: some pad a chunk's size with spaces
   */
  BodyDecoder(Loop loop, Sink sink, boolean ofServer) {
    this.loop = loop;
    this.sink = sink;
    this.ofServer = ofServer;
  }

  /** {@code length} above 0. */
  void fixed(long length) {
    state = State.FIXED;
    remaining = length;
  }

  void chunked() {
    state = State.SIZE;
    remaining = 0;
    digits = 0;
    extension = 0;
  }

  void untilClose() {
    state = State.UNTIL_CLOSE;
  }

  /** A body is under way. */
  boolean active() {
    return state != State.NONE;
  }

  /** More than {@code bytes} of the body under way are still to come, or may be. */
  boolean atLeast(long bytes) {
    return state != State.NONE && (state != State.FIXED || remaining > bytes);
  }

  void abort() {
    state = State.NONE;
    gatheredLength = 0;
    trailers = null;
  }

  /** The peer sends nothing more: true if that is how this body ends; the sink has been told. */
  boolean closed() {
    if (state != State.UNTIL_CLOSE) {
      return false;
    }
    state = State.NONE;
    sink.bodyEnd();
    return true;
  }

  /**
   * Consumes what belongs to the body; stops behind its end, or when the sink aborts. Changes what
   * is behind the reader.
   */
  void decode(ByteBuf in) {
    while (state != State.NONE && in.isReadable()) {
      switch (state) {
        case FIXED -> {
          int take = (int) Math.min(remaining, in.readableBytes());
          remaining -= take;
          boolean end = remaining == 0;
          if (end) {
            state = State.NONE;
          }
          sink.bodyData(in.readRetainedSlice(take), end);
        }
        case UNTIL_CLOSE -> sink.bodyData(in.readRetainedSlice(in.readableBytes()), false);
        case DATA -> {
          int take = (int) Math.min(remaining, in.readableBytes());
          remaining -= take;
          if (remaining == 0) {
            state = State.DATA_CR;
          }
          chunk(in, take);
        }
        case TRAILERS -> trailers(in);
        case SIZE, PADDING, EXTENSION, SIZE_LF, DATA_CR, DATA_LF -> {
          if (!frame(in.readByte())) {
            handOn(in);
            malformed(Malformed.CHUNK);
          }
        }
        case NONE -> throw new IllegalStateException();
      }
    }
    handOn(in);
  }

  /** The next {@code length} bytes are of one chunk. */
  private void chunk(ByteBuf in, int length) {
    if (length > SMALL) {
      handOn(in);
      if (state != State.NONE) {
        sink.bodyData(in.readRetainedSlice(length), false);
      }
      return;
    }
    int at = in.readerIndex();
    if (gatheredLength == 0) {
      gathered = at;
    } else {
      in.setBytes(gathered + gatheredLength, in, at, length);
    }
    gatheredLength += length;
    in.skipBytes(length);
  }

  private void handOn(ByteBuf in) {
    if (gatheredLength > 0) {
      sink.bodyData(takeGathered(in), false);
    }
  }

  private ByteBuf takeGathered(ByteBuf in) {
    ByteBuf data = in.retainedSlice(gathered, gatheredLength);
    gatheredLength = 0;
    return data;
  }

  private void malformed(Malformed why) {
    if (state != State.NONE) {
      abort();
      sink.bodyMalformed(why);
    }
  }

  /** One byte of chunk framing; false if it cannot stand there. */
  private boolean frame(byte b) {
    switch (state) {
      case SIZE -> {
        int digit = hex(b);
        if (digit >= 0) {
          // Zeros in front mean nothing, and are as many as a writer of fixed width likes.
          boolean fits = remaining < MAX_SIZE >> 4 && ++digits <= MAX_SIZE_DIGITS;
          remaining = remaining << 4 | digit;
          return fits;
        }
        return digits > 0 && sizeOver(b);
      }
      case PADDING -> {
        return sizeOver(b) && ++extension <= MAX_EXTENSION;
      }
      case EXTENSION -> {
        if (b == '\r') {
          state = State.SIZE_LF;
          return true;
        }
        return dev.weir.sidecar.http.Ascii.isValue(b) && ++extension <= MAX_EXTENSION;
      }
      case SIZE_LF -> {
        state = remaining == 0 ? State.TRAILERS : State.DATA;
        return b == '\n';
      }
      case DATA_CR -> {
        state = State.DATA_LF;
        return b == '\r';
      }
      case DATA_LF -> {
        state = State.SIZE;
        digits = 0;
        extension = 0;
        return b == '\n';
      }
      default -> throw new IllegalStateException(state.toString());
    }
  }

  /** White space has its place before an extension only, RFC 9112 7.1.1. */
  private boolean sizeOver(byte b) {
    switch (b) {
      case ' ', '\t' -> state = State.PADDING;
      case ';' -> state = State.EXTENSION;
      case '\r' -> {
        boolean padded = state == State.PADDING;
        state = State.SIZE_LF;
        return !padded || ofServer;
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void trailers(ByteBuf in) {
    HeadParser parser = trailers;
    if (parser == null) {
      if (in.readableBytes() >= 2
          && in.getByte(in.readerIndex()) == '\r'
          && in.getByte(in.readerIndex() + 1) == '\n') {
        in.skipBytes(2);
        state = State.NONE;
        if (gatheredLength > 0) {
          sink.bodyData(takeGathered(in), true);
        } else {
          sink.bodyEnd();
        }
        return;
      }
      handOn(in);
      if (state == State.NONE) {
        return;
      }
      parser =
          new HeadParser(loop, HeadParser.Kind.TRAILERS, MAX_TRAILER_BYTES, MAX_TRAILERS, ofServer);
      trailers = parser;
    }
    switch (parser.parse(in)) {
      case MORE -> {}
      case MALFORMED -> malformed(parser.malformed());
      case DONE -> {
        abort();
        Headers headers = parser.headers();
        if (headers.fieldCount() == 0) {
          sink.bodyEnd();
        } else {
          sink.bodyTrailers(headers);
        }
      }
    }
  }

  private static int hex(byte b) {
    if (b >= '0' && b <= '9') {
      return b - '0';
    }
    int lower = b | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }
}
