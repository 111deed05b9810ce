package dev.weir.sidecar.member;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Copies lines, each with something before and after it. One thread. */
public final class Lines {
  /** A longer one is broken. */
  private static final int LONGEST = 64 << 10;

  private final OutputStream out;
  private final byte[] before;
  private final byte[] after;
  private final byte[] line = new byte[LONGEST];
  private int length;
  private byte[] left = {};

  /** Each line goes to {@code out} in one write, and is flushed. */
  public Lines(OutputStream out, byte[] before, byte[] after) {
    this.out = out;
    this.before = before.clone();
    this.after = after.clone();
  }

  /** Lines that begin with this are left out. */
  Lines without(String begin) {
    left = begin.getBytes(StandardCharsets.UTF_8);
    return this;
  }

  /** Until the end of {@code in}; a last line that nothing ends is ended. */
  public void copy(InputStream in) throws IOException {
    byte[] chunk = new byte[8192];
    for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
      for (int index = 0; index < count; index++) {
        take(chunk[index]);
      }
    }
    if (length > 0) {
      write();
    }
  }

  /** One line. */
  void write(String text) throws IOException {
    for (byte next : text.getBytes(StandardCharsets.UTF_8)) {
      take(next);
    }
    write();
  }

  private void take(byte next) throws IOException {
    if (next == '\n') {
      write();
    } else {
      line[length++] = next;
      if (length == LONGEST) {
        write();
      }
    }
  }

  private void write() throws IOException {
    if (left.length > 0
        && length >= left.length
        && Arrays.equals(line, 0, left.length, left, 0, left.length)) {
      length = 0;
      return;
    }
    byte[] whole = new byte[before.length + length + after.length + 1];
    System.arraycopy(before, 0, whole, 0, before.length);
    System.arraycopy(line, 0, whole, before.length, length);
    System.arraycopy(after, 0, whole, before.length + length, after.length);
    whole[whole.length - 1] = '\n';
    length = 0;
    out.write(whole);
    out.flush();
  }
}
