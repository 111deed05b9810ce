package dev.weir.sidecar.transparency;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads HTTP/1 messages as a lenient peer does: what clients and apps take, this takes. */
final class HttpReader {
  private final InputStream in;

  HttpReader(InputStream in) {
    this.in = in;
  }

  /** The next message with a body as its fields say; empty at the end of the stream. */
  Optional<Message> request() throws IOException {
    Optional<Message> head = head();
    return head.isEmpty() ? head : Optional.of(body(head.get(), false));
  }

  /**
   * @param bodyless for the answer to HEAD
   */
  Message response(boolean bodyless) throws IOException {
    Message head = head().orElseThrow(() -> new EOFException("no response"));
    int status = head.status();
    boolean none = bodyless || status < 200 || status == 204 || status == 304;
    return none ? head : body(head, true);
  }

  /** The next head alone; its body is for {@link #line} or {@link #rest}. */
  Optional<Message> head() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = line(); line != null; line = line()) {
      if (!line.isEmpty()) {
        lines.add(line);
      } else if (!lines.isEmpty()) {
        return Optional.of(Message.head(lines));
      }
    }
    return Optional.empty();
  }

  private Message body(Message head, boolean response) throws IOException {
    if (head.field("transfer-encoding").toLowerCase(Locale.ROOT).contains("chunked")) {
      return chunked(head);
    }
    String length = head.field("content-length");
    if (!length.isEmpty()) {
      int wanted = Integer.parseInt(length.replaceAll(",.*", "").strip());
      byte[] body = in.readNBytes(wanted);
      return head.with(latin1(body), List.of(), body.length == wanted);
    }
    return response ? untilClose(head) : head;
  }

  private Message untilClose(Message head) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try {
      for (int b = in.read(); b >= 0; b = in.read()) {
        body.write(b);
      }
    } catch (IOException reset) {
      return head.with(latin1(body.toByteArray()), List.of(), false);
    }
    return head.with(latin1(body.toByteArray()), List.of(), true);
  }

  private Message chunked(Message head) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try {
      while (true) {
        String line = line();
        if (line == null) {
          return head.with(latin1(body.toByteArray()), List.of(), false);
        }
        int size = Integer.parseInt(line.replaceAll(";.*", "").strip(), 16);
        if (size == 0) {
          break;
        }
        body.writeBytes(in.readNBytes(size));
        line();
      }
    } catch (IOException reset) {
      return head.with(latin1(body.toByteArray()), List.of(), false);
    }
    List<String> trailers = new ArrayList<>();
    for (String line = line(); line != null && !line.isEmpty(); line = line()) {
      trailers.add(line);
    }
    return head.with(latin1(body.toByteArray()), trailers, true);
  }

  /** Without its end, which may be LF alone; null at the end of the stream. */
  @Nullable String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        return null;
      }
      line.write(b);
    }
    String text = latin1(line.toByteArray());
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  /** All until the end of the stream. */
  byte[] rest() throws IOException {
    return in.readAllBytes();
  }

  private static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
