package dev.weir.control.report;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.zip.GZIPOutputStream;

/**
 * A tar.gz of texts that are free of secrets, and no larger than it may be: of a file that is too
 * long the end is left out, and what finds no room at all is named in the last file.
 */
public final class Archive implements AutoCloseable {
  /** Of one file. */
  static final int MOST_OF_ONE = 8 << 20;

  private static final int MOST_OF_ONE_WHOLE = 32 << 20;
  private static final long MOST = 64L << 20;
  private static final int BLOCK = 512;
  private static final int LONGEST_NAME = 100;

  private final GZIPOutputStream out;
  private final String folder;
  private final Instant at;
  private final StringBuilder missing = new StringBuilder();
  private long left = MOST;

  /**
   * @param out is closed with this
   * @param folder in which all of it is
   */
  public Archive(OutputStream out, String folder, Instant at) throws IOException {
    this.out = new GZIPOutputStream(out);
    this.folder = folder;
    this.at = at;
  }

  /** A file. */
  public void add(String name, String text) throws IOException {
    byte[] bytes = Secrecy.without(text).getBytes(StandardCharsets.UTF_8);
    int most = (int) Math.min(MOST_OF_ONE, left);
    if (bytes.length > most) {
      miss(name, "cut at " + most + " of " + bytes.length + " bytes");
      bytes = java.util.Arrays.copyOf(bytes, most);
    }
    write(name, bytes);
    left -= bytes.length;
  }

  /** A file that is of no use in part, and in which there is nothing to look for. */
  public void addWhole(String name, byte[] bytes) throws IOException {
    if (bytes.length > Math.min(MOST_OF_ONE_WHOLE, left)) {
      miss(name, bytes.length + " bytes are too many");
      return;
    }
    write(name, bytes);
    left -= bytes.length;
  }

  /** Something is not there, with the reason. */
  public void miss(String name, String why) {
    missing.append(name).append(": ").append(why).append('\n');
  }

  private void write(String name, byte[] bytes) throws IOException {
    out.write(header(folder + "/" + name, bytes.length));
    out.write(bytes);
    out.write(new byte[(BLOCK - bytes.length % BLOCK) % BLOCK]);
  }

  /** As POSIX' ustar has it. */
  private byte[] header(String path, int size) throws IOException {
    byte[] header = new byte[BLOCK];
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    int parted = name.length <= LONGEST_NAME ? -1 : path.indexOf('/', path.length() - LONGEST_NAME);
    if (name.length > LONGEST_NAME && parted < 0) {
      throw new IOException("too long for an archive: " + path);
    }
    put(header, 0, path.substring(parted + 1));
    put(header, 100, "0000600");
    put(header, 108, "0000000");
    put(header, 116, "0000000");
    put(header, 124, "%011o".formatted(size));
    put(header, 136, "%011o".formatted(at.getEpochSecond()));
    put(header, 148, "        ");
    put(header, 156, "0");
    put(header, 257, "ustar");
    put(header, 263, "00");
    put(header, 345, parted < 0 ? "" : path.substring(0, parted));
    int sum = 0;
    for (byte one : header) {
      sum += one & 0xff;
    }
    put(header, 148, "%06o".formatted(sum));
    header[154] = 0;
    header[155] = ' ';
    return header;
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  @Override
  public void close() throws IOException {
    try (out) {
      if (!missing.isEmpty()) {
        write("missing.txt", Secrecy.without(missing.toString()).getBytes(StandardCharsets.UTF_8));
      }
      out.write(new byte[2 * BLOCK]);
    }
  }
}
