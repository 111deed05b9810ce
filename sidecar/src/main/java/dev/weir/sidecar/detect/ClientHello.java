package dev.weir.sidecar.detect;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads server name and protocols out of a TLS ClientHello (RFC 8446 4.1.2, RFC 6066 3, RFC 7301
 * 3.1), in one record or several. Stateless, takes nothing.
 */
public final class ClientHello {
  /** What the bytes are. */
  public sealed interface Look {
    /** A whole one has not come yet. */
    record Incomplete() implements Look {}

    /** No ClientHello. */
    record Malformed() implements Look {}

    /**
     * @param serverName in lower case; empty if the client names none
     * @param protocols what it offers by ALPN, in its order
     */
    record Hello(String serverName, List<String> protocols) implements Look {
      public Hello {
        protocols = List.copyOf(protocols);
      }
    }
  }

  private static final Look INCOMPLETE = new Look.Incomplete();
  private static final Look MALFORMED = new Look.Malformed();

  private static final int HANDSHAKE = 22;
  private static final int CLIENT_HELLO = 1;
  private static final int RECORD_HEADER = 5;
  private static final int MESSAGE_HEADER = 4;
  private static final int MAX_RECORD = 1 << 14;
  private static final int RANDOM = 32;
  private static final int MAX_SESSION_ID = 32;
  private static final int SERVER_NAME = 0;
  private static final int HOST_NAME = 0;
  private static final int ALPN = 16;
  private static final int MAX_NAME = 255;

  /** What does not fit the lengths around it; carries nothing. */
  private static final class Broken extends Exception {
    private static final long serialVersionUID = 1;

    Broken() {
      super("", null, false, false);
    }
  }

  private ClientHello() {}

  /**
   * @param most bytes of a hello, its records' headers not counted; a longer one is malformed
   */
  public static Look look(ByteBuf bytes, int most) {
    try {
      ByteBuf message = message(bytes, most);
      return message == null ? INCOMPLETE : hello(message);
    } catch (Broken e) {
      return MALFORMED;
    }
  }

  /** The message without its header, joined if it is in several records; null: not all is there. */
  private static @Nullable ByteBuf message(ByteBuf bytes, int most) throws Broken {
    int start = bytes.readerIndex();
    int end = bytes.writerIndex();
    int have = 0;
    int header = 0; // type and length, as far as they are there
    for (int at = start; end - at >= RECORD_HEADER; ) {
      int length = bytes.getUnsignedShort(at + 3);
      if (bytes.getByte(at) != HANDSHAKE
          || bytes.getByte(at + 1) != 3
          || length == 0
          || length > MAX_RECORD) {
        throw new Broken();
      }
      at += RECORD_HEADER;
      int here = Math.min(length, end - at);
      for (int i = 0; have + i < MESSAGE_HEADER && i < here; i++) {
        header = header << 8 | bytes.getUnsignedByte(at + i);
      }
      have += here;
      at += here;
      if (have >= MESSAGE_HEADER) {
        int size = header & 0xffffff;
        if (header >>> 24 != CLIENT_HELLO || size > most) {
          throw new Broken();
        }
        if (have >= MESSAGE_HEADER + size) {
          return joined(bytes, start, MESSAGE_HEADER + size);
        }
      }
    }
    return null;
  }

  /**
   * The first {@code size} bytes of what the records from {@code start} on hold, but the header.
   */
  private static ByteBuf joined(ByteBuf bytes, int start, int size) {
    if (bytes.getUnsignedShort(start + 3) >= size) {
      return bytes.slice(start + RECORD_HEADER + MESSAGE_HEADER, size - MESSAGE_HEADER);
    }
    byte[] message = new byte[size];
    int at = start;
    for (int have = 0; have < size; ) {
      int length = bytes.getUnsignedShort(at + 3);
      int here = Math.min(length, size - have);
      bytes.getBytes(at + RECORD_HEADER, message, have, here);
      have += here;
      at += RECORD_HEADER + length;
    }
    return Unpooled.wrappedBuffer(message, MESSAGE_HEADER, size - MESSAGE_HEADER);
  }

  private static Look hello(ByteBuf in) throws Broken {
    require(in, 2 + RANDOM);
    in.skipBytes(2 + RANDOM);
    require(in, 1);
    int session = in.readUnsignedByte();
    if (session > MAX_SESSION_ID) {
      throw new Broken();
    }
    require(in, session);
    in.skipBytes(session);
    ByteBuf suites = vector16(in);
    if (suites.readableBytes() < 2 || suites.readableBytes() % 2 != 0) {
      throw new Broken();
    }
    if (!vector8(in).isReadable()) { // compression methods: one at least
      throw new Broken();
    }
    String serverName = "";
    List<String> protocols = List.of();
    if (in.isReadable()) { // before TLS 1.3 there need be no extensions
      ByteBuf extensions = vector16(in);
      if (in.isReadable()) {
        throw new Broken();
      }
      boolean named = false;
      boolean offered = false;
      while (extensions.isReadable()) {
        require(extensions, 2);
        int type = extensions.readUnsignedShort();
        ByteBuf content = vector16(extensions);
        if (type == SERVER_NAME) {
          if (named) {
            throw new Broken(); // each extension once
          }
          named = true;
          serverName = serverName(content);
        } else if (type == ALPN) {
          if (offered) {
            throw new Broken();
          }
          offered = true;
          protocols = protocols(content);
        }
      }
    }
    return new Look.Hello(serverName, protocols);
  }

  private static String serverName(ByteBuf content) throws Broken {
    ByteBuf list = vector16(content);
    if (content.isReadable() || !list.isReadable()) {
      throw new Broken();
    }
    String found = "";
    while (list.isReadable()) {
      int type = list.readUnsignedByte();
      ByteBuf name = vector16(list);
      if (type != HOST_NAME) {
        continue;
      }
      if (!found.isEmpty() || !name.isReadable() || name.readableBytes() > MAX_NAME) {
        throw new Broken(); // one of each type
      }
      for (int i = name.readerIndex(); i < name.writerIndex(); i++) {
        if (name.getByte(i) <= ' ' || name.getByte(i) == 0x7f) {
          throw new Broken(); // ASCII, as a host name is
        }
      }
      found = name.toString(StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
    }
    return found;
  }

  private static List<String> protocols(ByteBuf content) throws Broken {
    ByteBuf list = vector16(content);
    if (content.isReadable() || !list.isReadable()) {
      throw new Broken();
    }
    List<String> protocols = new ArrayList<>(2);
    while (list.isReadable()) {
      ByteBuf protocol = vector8(list);
      if (!protocol.isReadable()) {
        throw new Broken();
      }
      protocols.add(protocol.toString(StandardCharsets.ISO_8859_1));
    }
    return protocols;
  }

  private static ByteBuf vector8(ByteBuf in) throws Broken {
    require(in, 1);
    int length = in.readUnsignedByte();
    require(in, length);
    return in.readSlice(length);
  }

  private static ByteBuf vector16(ByteBuf in) throws Broken {
    require(in, 2);
    int length = in.readUnsignedShort();
    require(in, length);
    return in.readSlice(length);
  }

  private static void require(ByteBuf in, int length) throws Broken {
    if (in.readableBytes() < length) {
      throw new Broken();
    }
  }
}
