package dev.weir.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.EmptyHttp2Headers;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** An HTTP/2 client that sends the frames it is told to, right or wrong. */
public final class RawHttp2Client implements AutoCloseable {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;

  /** A setting, RFC 8441 3. */
  public static final int ENABLE_CONNECT_PROTOCOL = 8;

  public static final int END_STREAM = 1;
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final long MOST_HEAD_BYTES = 1 << 20;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;

  /**
   * A frame as it came.
   *
   * @param headers what a HEADERS frame says; empty for the others
   */
  public record Frame(int type, int flags, int stream, byte[] payload, Http2Headers headers) {
    public boolean endStream() {
      return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    }

    /** The error code of RST_STREAM and GOAWAY. */
    public int error() {
      return Unpooled.wrappedBuffer(payload).getInt(type == GOAWAY ? 4 : 0);
    }

    public String text() {
      return new String(payload, StandardCharsets.ISO_8859_1);
    }
  }

  private final Socket socket;
  private final DataOutputStream out;
  private final DataInputStream in;
  private boolean answersPings = true;
  private final DefaultHttp2HeadersDecoder hpack =
      new DefaultHttp2HeadersDecoder(false, MOST_HEAD_BYTES);

  /** Of streams, passed over by one who waited for another. */
  private final List<Frame> kept = new ArrayList<>();

  /**
   * @param settings id and value in turns
   */
  public RawHttp2Client(int port, int... settings) throws IOException {
    this(new Socket(InetAddress.getLoopbackAddress(), port));
    out.writeBytes(PREFACE);
    frame(SETTINGS, 0, 0, payload(settings)).flush();
  }

  /**
   * One that takes little at a time.
   *
   * @param receiveBuffer of the socket, in bytes
   */
  public static RawHttp2Client withReceiveBuffer(int port, int receiveBuffer) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(receiveBuffer);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return over(socket);
  }

  /** Over a connection that is there, as one of TLS; it ends with this. */
  public static RawHttp2Client over(Socket connected) throws IOException {
    RawHttp2Client client = new RawHttp2Client(connected);
    client.out.writeBytes(PREFACE);
    return client.frame(SETTINGS, 0, 0, payload()).flush();
  }

  private RawHttp2Client(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(5000);
    out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
  }

  /** The other side of a connection. */
  static RawHttp2Client serving(Socket socket, int... settings) throws IOException {
    RawHttp2Client server = new RawHttp2Client(socket);
    server.in.readNBytes(PREFACE.length());
    server.frame(SETTINGS, 0, 0, payload(settings)).flush();
    return server;
  }

  private static byte[] payload(int... settings) {
    ByteBuf payload = Unpooled.buffer();
    for (int i = 0; i < settings.length; i += 2) {
      payload.writeShort(settings[i]).writeInt(settings[i + 1]);
    }
    return bytes(payload);
  }

  private static byte[] bytes(ByteBuf from) {
    byte[] bytes = new byte[from.readableBytes()];
    from.readBytes(bytes);
    return bytes;
  }

  public RawHttp2Client frame(int type, int flags, int stream, byte[] payload) throws IOException {
    out.writeByte(payload.length >> 16);
    out.writeShort(payload.length);
    out.writeByte(type);
    out.writeByte(flags);
    out.writeInt(stream);
    out.write(payload);
    return this;
  }

  /** Fields as name and value in turns, as literals: nothing is checked, nothing is indexed. */
  public RawHttp2Client headers(int stream, boolean end, String... fields) throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < fields.length; i += 2) {
      block.write(0);
      literal(block, fields[i]);
      literal(block, fields[i + 1]);
    }
    return frame(HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, block.toByteArray());
  }

  private static void literal(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    int length = bytes.length;
    if (length < 127) {
      block.write(length);
    } else {
      block.write(127);
      length -= 127;
      for (; length >= 128; length >>= 7) {
        block.write(length & 127 | 128);
      }
      block.write(length);
    }
    block.writeBytes(bytes);
  }

  public RawHttp2Client get(int stream, String path) throws IOException {
    return headers(
        stream, true, ":method", "GET", ":scheme", "http", ":authority", "app", ":path", path);
  }

  public RawHttp2Client data(int stream, boolean end, String text) throws IOException {
    return frame(DATA, end ? END_STREAM : 0, stream, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public RawHttp2Client reset(int stream) throws IOException {
    return frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
  }

  public RawHttp2Client window(int stream, int more) throws IOException {
    return frame(WINDOW_UPDATE, 0, stream, bytes(Unpooled.buffer().writeInt(more)));
  }

  public RawHttp2Client flush() throws IOException {
    out.flush();
    return this;
  }

  /** From now on, PINGs stay without an answer. */
  public RawHttp2Client ignorePings() {
    answersPings = false;
    return this;
  }

  private Frame read() throws IOException {
    int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt() & 0x7fffffff;
    byte[] payload = in.readNBytes(length);
    Http2Headers headers = type == HEADERS ? decode(stream, payload) : EmptyHttp2Headers.INSTANCE;
    Frame frame = new Frame(type, flags, stream, payload, headers);
    if (type == SETTINGS && (flags & ACK) == 0) {
      frame(SETTINGS, ACK, 0, new byte[0]).flush();
    }
    if (type == PING && (flags & ACK) == 0 && answersPings) {
      frame(PING, ACK, 0, payload).flush();
    }
    return frame;
  }

  /** Decodes every head as it comes: each changes the table that the next one is read with. */
  private Http2Headers decode(int stream, byte[] block) throws IOException {
    try {
      return hpack.decodeHeaders(stream, Unpooled.wrappedBuffer(block));
    } catch (Http2Exception e) {
      throw new IOException(e);
    }
  }

  /**
   * The first frame that is {@code wanted}; acknowledges settings and PINGs on the way. Frames of
   * streams that it passes over are there for the next call.
   */
  public Frame await(Predicate<Frame> wanted) throws IOException {
    for (Frame frame : kept) {
      if (wanted.test(frame)) {
        kept.remove(frame);
        return frame;
      }
    }
    while (true) {
      Frame frame = read();
      if (wanted.test(frame)) {
        return frame;
      }
      if (frame.stream() > 0 && frame.type() <= RST_STREAM) {
        kept.add(frame);
      }
    }
  }

  public Frame await(int type, int stream) throws IOException {
    return await(frame -> frame.type() == type && frame.stream() == stream);
  }

  /** The status of the next response head on {@code stream}, interim or final. */
  public int status(int stream) throws IOException {
    return Integer.parseInt(String.valueOf(head(stream).status()));
  }

  public Http2Headers head(int stream) throws IOException {
    return await(HEADERS, stream).headers();
  }

  /** True once the server has closed the connection. */
  public boolean closed() throws IOException {
    try {
      await(frame -> false);
      return false;
    } catch (EOFException e) {
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true; // reset
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
