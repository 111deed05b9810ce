package dev.weir.sidecar.http.h2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.http.h1.ReferenceParser;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.OpenSockets;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.TestUpstream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A good HTTP/2 connection with one bit flipped, or one byte removed or inserted: it ends, or it
 * goes on; nothing malformed arrives behind the sidecar, and the next connection is served.
 */
class MutatedHttp2Test {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** POST / with a body of three bytes, and GET / with the authority from the dynamic table. */
  private static final byte[] GOOD =
      concat(
          PREFACE,
          hex("000006 04 00 00000000 0003 00000064"), // SETTINGS
          hex("00000c 01 04 00000001 838684 4103617070 0f0d0133"), // HEADERS
          hex("000003 00 01 00000001 616263"), // DATA
          hex("000004 08 00 00000000 00010000"), // WINDOW_UPDATE
          hex("000004 01 05 00000003 828684 be")); // HEADERS

  /** Who answers this has read all that came before. */
  private static final byte[] PING = hex("000008 06 00 00000000 6d75746174696f6e");

  private static final int MAX_FRAME = 16384;
  private static final int DATA = 0;
  private static final int PING_ANSWER = 6;
  private static final int GOAWAY = 7;

  private TestUpstream upstream;
  private TestSidecar sidecar;

  @BeforeEach
  void start() throws IOException {
    upstream = TestUpstream.replying("ok");
    sidecar = TestConfig.to(upstream).start();
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    upstream.close();
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  @Test
  void unchangedConnectionIsAnswered() throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(GOOD);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      until(DATA, in);
      until(DATA, in);
    }
    assertEquals(
        Set.of("POST / HTTP/1.1 abc", "GET / HTTP/1.1 "),
        upstream.take().stream()
            .map(request -> request.line() + " " + request.text())
            .collect(Collectors.toSet()));
  }

  @Test
  void anyBitFlippedEndsTheConnectionOrIsTaken() throws IOException {
    everySocketIsClosedAfter(() -> {
      for (int bit = 0; bit < 8 * GOOD.length; bit++) {
        byte[] mutant = GOOD.clone();
        mutant[bit / 8] ^= (byte) (1 << bit % 8);
        judge(mutant);
      }
    });
  }

  @Test
  void anyByteRemovedOrInsertedEndsTheConnectionOrIsTaken() throws IOException {
    Random random = new Random(20261125);
    everySocketIsClosedAfter(() -> {
      for (int at = 0; at < GOOD.length; at++) {
        byte[] before = Arrays.copyOf(GOOD, at);
        byte[] from = Arrays.copyOfRange(GOOD, at, GOOD.length);
        byte[] inserted = {(byte) random.nextInt()};
        judge(concat(before, Arrays.copyOfRange(from, 1, from.length)));
        judge(concat(before, inserted, from));
      }
    });
  }

  private interface Mutations {
    void judge() throws IOException;
  }

  private void everySocketIsClosedAfter(Mutations mutations) throws IOException {
    next();
    Await.until(() -> sidecar.stat("http.in.downstream_cx_active") == 0);
    int sockets = OpenSockets.count();
    mutations.judge();
    Await.until(
        () -> OpenSockets.count() <= sockets,
        () -> OpenSockets.count() - sockets + " sockets are still open");
    Await.until(() -> sidecar.stat("cluster.app.upstream_rq_active") == 0);
  }

  private void judge(byte[] mutant) throws IOException {
    byte[] sent = concat(mutant, PING);
    try (Socket socket = connect()) {
      socket.getOutputStream().write(sent);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      if (isHttp2(sent)) {
        if (endsBetweenFrames(sent)) {
          until(PING_ANSWER, in);
        }
      } else {
        assertRefusedAsHttp1(in, sent);
      }
      socket.shutdownOutput();
      in.transferTo(OutputStream.nullOutputStream()); // or it times out
    } catch (IOException e) {
      throw new AssertionError(HexFormat.of().formatHex(mutant), e);
    }
    next();
    for (TestUpstream.Request request : upstream.take()) {
      assertTrue(
          ReferenceParser.parse(request.head()).end() != ReferenceParser.End.REFUSED,
          request.head());
    }
  }

  private static boolean isHttp2(byte[] bytes) {
    return Arrays.equals(Arrays.copyOf(bytes, PREFACE.length), PREFACE);
  }

  /** A peer that is told a frame is longer than what comes has to wait. */
  private static boolean endsBetweenFrames(byte[] bytes) {
    ByteBuffer rest = ByteBuffer.wrap(bytes).position(PREFACE.length);
    while (rest.remaining() >= 9) {
      int length = rest.getInt() >>> 8;
      if (length > MAX_FRAME) {
        return true; // it need not be waited for
      }
      int next = rest.position() + 5 + length;
      if (next > rest.limit()) {
        return false;
      }
      rest.position(next);
    }
    return !rest.hasRemaining();
  }

  /** Reads to a frame of {@code wanted} type, or to the connection's end. */
  private static void until(int wanted, DataInputStream in) throws IOException {
    try {
      int type;
      do {
        int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
        type = in.readUnsignedByte();
        in.skipNBytes(5 + length);
      } while (type != wanted && type != GOAWAY);
    } catch (EOFException e) {
      // closed
    }
  }

  private static void assertRefusedAsHttp1(DataInputStream in, byte[] sent) throws IOException {
    String answer = new String(in.readNBytes(12), StandardCharsets.US_ASCII);
    int status = ReferenceParser.statusIfLineEnded(new String(sent, StandardCharsets.ISO_8859_1));
    assertEquals("HTTP/1.1 " + status, answer);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), sidecar.port());
    socket.setSoTimeout(5000);
    return socket;
  }

  private void next() throws IOException {
    try (RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      assertEquals(200, client.get(1, "/good").flush().status(1));
    }
  }
}
