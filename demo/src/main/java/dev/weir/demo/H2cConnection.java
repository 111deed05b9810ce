package dev.weir.demo;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * HTTP/2 with prior knowledge, which the JDK's client has not: just enough for one GET after the
 * other, of which the status is wanted (RFC 9113, RFC 7541).
 */
final class H2cConnection implements OpenConnection {
  private static final int TIMEOUT_MILLIS = 5000;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** SETTINGS_HEADER_TABLE_SIZE 0: what the peer writes stands for itself. */
  private static final byte[] NO_TABLE = {0, 1, 0, 0, 0, 0};

  private final String authority;
  private final Socket socket;
  private final DataInputStream in;
  private int stream = -1;

  H2cConnection(String host, int port) throws IOException {
    this.authority = host + ":" + port;
    this.socket = new Socket(host, port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    this.in = new DataInputStream(socket.getInputStream());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(PREFACE);
    out.writeBytes(frame(SETTINGS, 0, 0, NO_TABLE));
    out.writeBytes(frame(WINDOW_UPDATE, 0, 0, ByteBuffer.allocate(4).putInt(1 << 30).array()));
    socket.getOutputStream().write(out.toByteArray());
  }

  @Override
  public Answer get(String path) throws IOException {
    long start = System.nanoTime();
    stream += 2;
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.write(0x82); // :method GET
    block.write(0x86); // :scheme http
    literal(block, 4, path); // :path
    literal(block, 1, authority); // :authority
    socket
        .getOutputStream()
        .write(frame(HEADERS, END_STREAM | END_HEADERS, stream, block.toByteArray()));
    int status = 0;
    while (true) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int of = in.readInt();
      byte[] payload = in.readNBytes(length);
      switch (type) {
        case SETTINGS -> answer(flags, SETTINGS, new byte[0]);
        case PING -> answer(flags, PING, payload);
        case RST_STREAM, GOAWAY ->
            throw new IOException(
                (type == GOAWAY ? "GOAWAY " : "RST_STREAM ") + HexFormat.of().formatHex(payload));
        case HEADERS, DATA -> {
          if (of == stream && type == HEADERS && status == 0) {
            status = status(payload);
          }
          if (of == stream && (flags & END_STREAM) != 0) {
            return new Answer(status, "", System.nanoTime() - start);
          }
        }
        default -> {}
      }
    }
  }

  private void answer(int flags, int type, byte[] payload) throws IOException {
    if ((flags & ACK) == 0) {
      socket.getOutputStream().write(frame(type, ACK, 0, payload));
    }
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /** A field whose name stands in the static table, its value as it is. */
  private static void literal(ByteArrayOutputStream block, int name, String value) {
    block.write(name);
    text(block, value);
  }

  private static void text(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length > 126) {
      throw new IllegalArgumentException("longer than one byte of length can say: " + text);
    }
    block.write(bytes.length);
    block.writeBytes(bytes);
  }

  /** The first field of a response's head is its status. */
  static int status(byte[] block) throws IOException {
    int at = 0;
    while ((block[at] & 0xe0) == 0x20) {
      at++; // a change of the table's size, of one byte because the size is 0
    }
    int first = block[at] & 0xff;
    if (first >= 0x88 && first <= 0x8e) {
      return new int[] {200, 204, 206, 304, 400, 404, 500}[first - 0x88];
    }
    if ((first & 0x3f) != 8 && (first & 0x0f) != 8) {
      throw new IOException("the head begins with something else than a status: " + first);
    }
    int length = block[at + 1] & 0x7f;
    return (block[at + 1] & 0x80) == 0
        ? Integer.parseInt(new String(block, at + 2, length, StandardCharsets.US_ASCII))
        : huffmanDigits(block, at + 2, length);
  }

  /** Of RFC 7541's code the digits: 0, 1, 2 have five bits, 3 to 9 six that begin with 011. */
  private static int huffmanDigits(byte[] block, int start, int length) {
    long bits = 0;
    for (int i = 0; i < length; i++) {
      bits = bits << 8 | block[start + i] & 0xff;
    }
    int left = length * 8;
    int number = 0;
    while (left >= 5) {
      int five = (int) (bits >> left - 5) & 31;
      if (five <= 2) {
        number = number * 10 + five;
        left -= 5;
      } else if (left >= 6 && five >> 2 == 3) {
        number = number * 10 + ((int) (bits >> left - 6) & 63) - 0x16;
        left -= 6;
      } else {
        break; // padding
      }
    }
    return number;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
