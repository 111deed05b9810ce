package dev.weir.sidecar.detect;

import dev.weir.sidecar.http.Ascii;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Pattern;

/** Looks at first bytes. Stateless. */
public final class Detector {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final byte LF = '\n';
  private static final String OLD = "HTTP/1.0";

  /** Longer than any registered method: a server that takes any token may be behind. */
  private static final int MAX_METHOD = 128;

  /** A request line's end is looked for within this. */
  private static final int MAX_LOOK = 8192;

  /** What parts words for one server or another: Python's take all that Unicode calls a space. */
  private static final String SEPARATOR = "\\x00-\\x20\\x7f\\x85\\xa0";

  private static final Pattern WHOLE_LINE =
      Pattern.compile(
          "(?s).*[S](?i:HTTP)/[0-9][^S]*[S]*|GET[S]+/[^S]*[S]*".replace("S", SEPARATOR));
  private static final Pattern LONG_LINE =
      Pattern.compile("[^S]+[S]+(?i:/|https?://)".replace("S", SEPARATOR));

  /** After one of these nearly anything may be taken for a request, by some server. */
  private static final Set<String> METHODS =
      Set.of(
          "GET",
          "HEAD",
          "POST",
          "PUT",
          "DELETE",
          "CONNECT",
          "OPTIONS",
          "TRACE",
          "PATCH",
          "PROPFIND",
          "PROPPATCH",
          "MKCOL",
          "COPY",
          "MOVE",
          "LOCK",
          "UNLOCK",
          "SEARCH",
          "REPORT");

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

  /** Which HTTP/1 it is that {@link #any} has found, in the word that a chain asks for it by. */
  public static String version(ByteBuf bytes) {
    int line = bytes.forEachByte(b -> isBlank(b));
    int end =
        line < 0 ? -1 : bytes.indexOf(line, Math.min(bytes.writerIndex(), line + MAX_LOOK), LF);
    return end >= 0
            && bytes.toString(line, end - line, StandardCharsets.ISO_8859_1).strip().endsWith(OLD)
        ? "http/1.0"
        : "http/1.1";
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
    // Blanks and line ends before a request line: many servers pass over any number of them.
    int line = 0;
    while (line < length && isBlank(bytes.getByte(start + line))) {
      line++;
    }
    if (line >= MAX_LOOK) {
      return Detection.HTTP1; // it is nothing, and least of all past the parser
    }
    int word = line;
    while (word < length
        && word - line <= MAX_METHOD
        && Ascii.isToken(bytes.getByte(start + word))) {
      word++;
    }
    if (word == length && word - line <= MAX_METHOD) {
      return Detection.NEED_MORE;
    }
    if (word == line || word == length) {
      return Detection.OPAQUE;
    }
    boolean method =
        METHODS.contains(bytes.toString(start + line, word - line, StandardCharsets.ISO_8859_1));
    byte next = bytes.getByte(start + word);
    return isSpace(next) || method && isSeparator(next)
        ? requestLine(bytes, start + line, start + word, start + length, method)
        : Detection.OPAQUE;
  }

  /**
   * A line is HTTP if its last word is a version of it, or there is none, as in HTTP/0.9. Whether
   * it is well-formed is for the parser to say: what is not looked at as HTTP goes to the app past
   * all policies, and what this calls ill-formed an app may take.
   */
  private static Detection requestLine(
      ByteBuf bytes, int from, int afterMethod, int to, boolean method) {
    int most = Math.min(to, from + MAX_LOOK);
    int stop =
        bytes.forEachByte(afterMethod, most - afterMethod, b -> method ? b != '\n' : isText(b));
    int end = stop >= 0 && bytes.getByte(stop) == '\n' ? stop : -1;
    if (stop >= 0 && end < 0) {
      return Detection.OPAQUE; // a NUL or the like, as git's
    }
    if (end < 0 && most < from + MAX_LOOK) {
      return Detection.NEED_MORE;
    }
    String line = bytes.toString(from, (end < 0 ? most : end) - from, StandardCharsets.ISO_8859_1);
    boolean http =
        end < 0 ? LONG_LINE.matcher(line).lookingAt() : WHOLE_LINE.matcher(line).matches();
    return http ? Detection.HTTP1 : Detection.OPAQUE;
  }

  private static boolean isText(byte b) {
    return b < 0 || b >= ' ' && b != 0x7f || b == '\t' || b == '\r';
  }

  private static boolean isBlank(byte b) {
    return b >= '\t' && b <= '\r' || b >= 0x1c && b <= ' ' || b == (byte) 0x85 || b == (byte) 0xa0;
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t';
  }

  private static boolean isSeparator(byte b) {
    return b >= 0 && b <= ' ' || b == 0x7f || b == (byte) 0x85 || b == (byte) 0xa0;
  }
}
