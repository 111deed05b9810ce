package dev.weir.sidecar.detect;

import dev.weir.sidecar.http.Ascii;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Looks at first bytes. Stateless. */
public final class Detector {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** Longer than any registered method, and a request line's end is looked for within this. */
  private static final int MAX_METHOD = 24;

  private static final int MAX_LOOK = 8192;
  private static final byte[] VERSION = " HTTP/1.".getBytes(StandardCharsets.US_ASCII);

  private Detector() {}

  /**
   * HTTP/2 by prior knowledge, or else what HTTP/1.1's parser may judge: for a chain that expects
   * HTTP.
   */
  public static Detection http(ByteBuf bytes) {
    int compare = Math.min(PREFACE.length, bytes.readableBytes());
    for (int i = 0; i < compare; i++) {
      if (bytes.getByte(bytes.readerIndex() + i) != PREFACE[i]) {
        return Detection.HTTP1;
      }
    }
    return compare == PREFACE.length ? Detection.HTTP2 : Detection.NEED_MORE;
  }

  /** Anything: for chains that are told apart by what is spoken. */
  public static Detection any(ByteBuf bytes) {
    int start = bytes.readerIndex();
    int length = bytes.readableBytes();
    if (length == 0) {
      return Detection.NEED_MORE;
    }
    if (bytes.getByte(start) == 0x16) {
      // TLS record: handshake, then the major version.
      return length == 1
          ? Detection.NEED_MORE
          : bytes.getByte(start + 1) == 3 ? Detection.TLS : Detection.OPAQUE;
    }
    if (http(bytes) != Detection.HTTP1) {
      return http(bytes);
    }
    int i = 0;
    while (i < length && i <= MAX_METHOD && Ascii.isToken(bytes.getByte(start + i))) {
      i++;
    }
    if (i == length) {
      return i > MAX_METHOD ? Detection.OPAQUE : Detection.NEED_MORE;
    }
    if (i == 0 || bytes.getByte(start + i) != ' ') {
      return Detection.OPAQUE;
    }
    return requestLine(bytes, start + i, Math.min(length, MAX_LOOK) - i);
  }

  private static Detection requestLine(ByteBuf bytes, int from, int length) {
    int end = bytes.indexOf(from, from + length, (byte) '\n');
    if (end < 0) {
      return length + MAX_METHOD >= MAX_LOOK ? Detection.OPAQUE : Detection.NEED_MORE;
    }
    // "... HTTP/1.x", with CR or without: whether it is well-formed is for the parser to say.
    int last = bytes.getByte(end - 1) == '\r' ? end - 1 : end;
    int version = last - VERSION.length - 1;
    if (version < from) {
      return Detection.OPAQUE;
    }
    for (int i = 0; i < VERSION.length; i++) {
      if (bytes.getByte(version + i) != VERSION[i]) {
        return Detection.OPAQUE;
      }
    }
    return Detection.HTTP1;
  }
}
