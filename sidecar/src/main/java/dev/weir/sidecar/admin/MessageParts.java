package dev.weir.sidecar.admin;

import com.google.protobuf.MessageLite;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * A message as gRPC frames it, written into parts as it is encoded: it is never in one piece. The
 * thread that makes it, which waits for the client.
 */
final class MessageParts {
  private static final int PREFIX = 5;

  private final Parts parts;
  private final int partBytes;

  /**
   * @param partBytes how long a part is at most
   */
  MessageParts(Parts parts, int partBytes) {
    this.parts = parts;
    this.partBytes = partBytes;
  }

  /** Returns early once the client has left. */
  void write(MessageLite message) throws IOException, InterruptedException {
    Out out = new Out();
    try {
      out.write(
          ByteBuffer.allocate(PREFIX).put((byte) 0).putInt(message.getSerializedSize()).array());
      message.writeTo(out);
      out.flushPart();
    } catch (EOFException left) {
      return;
    } catch (InterruptedIOException e) {
      throw new InterruptedException(e.getMessage());
    }
  }

  private final class Out extends OutputStream {
    private byte[] part = new byte[partBytes];
    private int filled;

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      int at = offset;
      int left = length;
      while (left > 0) {
        int taken = Math.min(left, partBytes - filled);
        System.arraycopy(from, at, part, filled, taken);
        filled += taken;
        at += taken;
        left -= taken;
        if (filled == partBytes) {
          flushPart();
        }
      }
    }

    void flushPart() throws IOException {
      if (filled == 0) {
        return;
      }
      byte[] whole = filled == partBytes ? part : java.util.Arrays.copyOf(part, filled);
      part = new byte[partBytes];
      filled = 0;
      try {
        if (!parts.write(whole)) {
          throw new EOFException();
        }
      } catch (InterruptedException e) {
        throw (IOException) new InterruptedIOException("interrupted").initCause(e);
      }
    }
  }
}
