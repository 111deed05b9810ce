package dev.weir.sidecar.accesslog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.locks.LockSupport;

/**
 * Lines to a channel that may fail in the midst of one, as that of a file does whose disk is full:
 * what comes later begins a line. Not for several threads.
 */
final class LineChannel {
  private static final long PAUSE_NANOS = 1_000_000;
  private static final byte END = '\n';

  private final WritableByteChannel to;

  /** The last line that it has is not whole. */
  private boolean torn;

  /**
   * @param torn it has a line already that is not whole
   */
  LineChannel(WritableByteChannel to, boolean torn) {
    this.to = to;
    this.torn = torn;
  }

  /**
   * Writes all of it, unless that fails.
   *
   * @param lines in it
   * @throws Lost some were not written, or not to their end
   */
  void write(byte[] bytes, int length, int lines) throws Lost {
    ByteBuffer rest = ByteBuffer.wrap(bytes, 0, length);
    try {
      if (torn) {
        writeAll(ByteBuffer.wrap(new byte[] {END}));
        torn = false;
      }
      writeAll(rest);
    } catch (IOException e) {
      torn |= rest.position() > 0 && bytes[rest.position() - 1] != END;
      throw new Lost(e, rest.position() == 0 ? lines : Math.clamp(lines(rest), 1, lines));
    }
  }

  private void writeAll(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (to.write(bytes) == 0) { // somebody else has made it one that does not wait
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private static int lines(ByteBuffer rest) {
    int lines = 0;
    for (int i = rest.position(); i < rest.limit(); i++) {
      lines += rest.get(i) == END ? 1 : 0;
    }
    return lines;
  }

  /** Lines were not written. */
  static final class Lost extends IOException {
    private static final long serialVersionUID = 1;
    private final int lines;

    private Lost(IOException cause, int lines) {
      super(cause.getMessage(), cause);
      this.lines = lines;
    }

    int lines() {
      return lines;
    }
  }
}
