package dev.weir.protos.yaml;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads files that people write. */
public final class TextFile {
  private TextFile() {}

  /** A file is no text. */
  public static final class NotUtf8 extends CharacterCodingException {
    private static final long serialVersionUID = 1;

    private final int line;

    NotUtf8(int line) {
      this.line = line;
    }

    /** Where the first byte is that is wrong. */
    public int line() {
      return line;
    }

    @Override
    public String getMessage() {
      return "line " + line + " is not UTF-8";
    }
  }

  /**
   * @throws NotUtf8 if it is none
   */
  public static String read(Path file) throws IOException {
    return text(Files.readAllBytes(file));
  }

  static String text(byte[] bytes) throws NotUtf8 {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length); // a byte is one character at most
    CoderResult result = decoder.decode(in, out, true);
    if (result.isError()) {
      throw new NotUtf8(lineAt(bytes, in.position()));
    }
    decoder.flush(out);
    return out.flip().toString();
  }

  private static int lineAt(byte[] bytes, int end) {
    int line = 1;
    for (int index = 0; index < end; index++) {
      if (bytes[index] == '\n') {
        line++;
      }
    }
    return line;
  }
}
