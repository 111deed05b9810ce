package dev.weir.sidecar.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.detect.ClientHello.Look;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What the ClientHello of a real client says, whole, cut, in many records, and damaged. */
class ClientHelloTest {
  private static final int MOST = 16 << 10;
  private static final Look HELLO = new Look.Hello("shop.example", List.of("h2", "http/1.1"));
  private static final byte[] BYTES = hello("Shop.Example", "h2", "http/1.1");

  /** As the JDK's client writes it. */
  private static byte[] hello(String name, String... protocols) {
    try {
      SSLEngine engine = SSLContext.getDefault().createSSLEngine();
      engine.setUseClientMode(true);
      SSLParameters parameters = engine.getSSLParameters();
      if (!name.isEmpty()) {
        parameters.setServerNames(List.of(new SNIHostName(name)));
      }
      parameters.setApplicationProtocols(protocols);
      engine.setSSLParameters(parameters);
      ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
      engine.wrap(ByteBuffer.allocate(0), out);
      return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(out.flip()));
    } catch (java.io.IOException | java.security.GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static Look look(byte[] bytes) {
    return ClientHello.look(Unpooled.wrappedBuffer(bytes), MOST);
  }

  /** The same message in records of {@code size} bytes at most. */
  private static byte[] inRecords(byte[] hello, int size) {
    ByteBuf out = Unpooled.buffer();
    for (int at = 5; at < hello.length; at += size) {
      int here = Math.min(size, hello.length - at);
      out.writeBytes(hello, 0, 3).writeShort(here).writeBytes(hello, at, here);
    }
    return ByteBufUtil.getBytes(out);
  }

  @Test
  void helloOfAClientNamesServerAndProtocols() {
    assertEquals(HELLO, look(BYTES));
    assertEquals(new Look.Hello("", List.of()), look(hello("")));
    assertEquals(new Look.Hello("a.b", List.of()), look(hello("a.b")));
  }

  @Test
  void everyPartOfAHelloWaitsForMore() {
    for (int length = 0; length < BYTES.length; length++) {
      ByteBuf part = Unpooled.wrappedBuffer(BYTES, 0, length);
      int cut = length;
      assertInstanceOf(Look.Incomplete.class, ClientHello.look(part, MOST), () -> "cut at " + cut);
    }
  }

  @Property(tries = 200)
  void helloIsTheSameInRecordsOfAnySize(@ForAll @IntRange(min = 1, max = 600) int size) {
    byte[] records = inRecords(BYTES, size);
    assertEquals(HELLO, look(records));
    byte[] part = java.util.Arrays.copyOf(records, records.length - 1);
    assertInstanceOf(Look.Incomplete.class, look(part));
  }

  @Test
  void helloLongerThanTheBoundIsMalformedAsSoonAsItSaysSo() {
    ByteBuf start = Unpooled.wrappedBuffer(BYTES, 0, 9);
    assertInstanceOf(Look.Malformed.class, ClientHello.look(start, 64));
  }

  @Test
  void otherRecordsAndMessagesAreMalformed() {
    byte[] alert = {21, 3, 3, 0, 2, 2, 40};
    assertInstanceOf(Look.Malformed.class, look(alert));
    byte[] serverHello = BYTES.clone();
    serverHello[5] = 2;
    assertInstanceOf(Look.Malformed.class, look(serverHello));
    byte[] empty = {22, 3, 1, 0, 0};
    assertInstanceOf(Look.Malformed.class, look(empty));
  }

  /** Whatever a byte is changed to: an answer, and nothing read past the end. */
  @Property(tries = 2000)
  void damagedHelloIsAnsweredAndNothingIsTaken(
      @ForAll @IntRange(min = 0, max = 400) int at, @ForAll byte value) {
    byte[] damaged = BYTES.clone();
    damaged[at % damaged.length] = value;
    ByteBuf bytes = Unpooled.wrappedBuffer(damaged);
    ClientHello.look(bytes, MOST);
    assertEquals(damaged.length, bytes.readableBytes());
  }

  @Property(tries = 1000)
  void anyBytesHaveAnAnswer(@ForAll @Size(max = 200) byte[] bytes) {
    Look look = look(bytes);
    assertTrue(look instanceof Look.Incomplete || look instanceof Look.Malformed);
  }
}
