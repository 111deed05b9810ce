package dev.weir.sidecar.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import dev.weir.sidecar.profile.Asker;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestLoops;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.RawHttp2Client.Frame;
import dev.weir.testkit.TestUpstream;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The admin pages by HTTP/2, and clients that take what is not theirs. */
class AdminHttp2Test {
  private static final Patience SHORT =
      new Patience(Duration.ofSeconds(20), Duration.ofMillis(200), Duration.ofMillis(500));

  private static final int LARGE = 4 << 20;

  /** {@code /large} comes in parts, {@code /echo} has a body of eight bytes. */
  private static final class TestPages implements Pages {
    @Override
    public int mostBody(String method, String target) {
      return target.equals("/echo") ? 8 : 0;
    }

    @Override
    public Page page(
        String method, String target, @Nullable String accept, byte[] body, Asker asker) {
      return switch (target) {
        case "/large" -> Page.bytes("text/plain", new ByteArrayInputStream(new byte[LARGE]));
        case "/echo" -> Page.text(new String(body, StandardCharsets.UTF_8));
        default -> Page.text(method + " " + target);
      };
    }
  }

  /** A method of each kind, which answer with what they are asked; {@code Large} with more. */
  private static final class TestMethods implements GrpcMethods {
    @Override
    public Kind kind(String path) {
      return switch (path) {
        case "/t/Echo", "/t/Large" -> Kind.UNARY;
        case "/t/Stream" -> Kind.STREAM;
        default -> Kind.UNKNOWN;
      };
    }

    @Override
    public BytesValue answer(byte[] request) throws GrpcRefusal {
      if (request.length == 1) {
        throw new GrpcRefusal(GrpcRefusal.INVALID_ARGUMENT, "one byte: é%");
      }
      return BytesValue.of(
          request.length == 2
              ? ByteString.copyFrom(new byte[LARGE])
              : ByteString.copyFrom(request));
    }
  }

  private final Loops loops = TestLoops.of(1);
  private int port;
  private AdminServer server;

  @BeforeEach
  void start() {
    server =
        new AdminServer(
            loops,
            new AdminServer.Service(
                new TestPages(), "a", "a", "a", Integer.MAX_VALUE, Optional.of(TestMethods::new)),
            SHORT);
    assertEquals(
        Optional.empty(), server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    port = ((InetSocketAddress) server.address().orElseThrow()).getPort();
  }

  @AfterEach
  void stop() {
    server.close();
    loops.close();
  }

  private static Frame last(RawHttp2Client client, int stream) throws IOException {
    return client.await(frame -> frame.stream() == stream && frame.endStream());
  }

  private static RawHttp2Client post(RawHttp2Client client, int stream, String path)
      throws IOException {
    return client.headers(
        stream, false, ":method", "POST", ":scheme", "http", ":authority", "a", ":path", path);
  }

  @Test
  void allPagesAreThereByHttp2AsByHttp1() throws IOException {
    try (TestUpstream app = TestUpstream.replying("ok");
        TestSidecar sidecar = TestConfig.to(app).start(1);
        RawHttp2Client http2 = new RawHttp2Client(sidecar.adminPort());
        RawClient http1 = new RawClient(sidecar.adminPort())) {
      int stream = 1;
      for (String path :
          List.of("/", "/ready", "/config_dump", "/clusters", "/listeners", "/certs", "/none")) {
        RawClient.Response expected = http1.get(path);
        http2.get(stream, path).flush();
        assertEquals(expected.status(), http2.status(stream), path);
        int asked = stream;
        StringBuilder body = new StringBuilder();
        for (boolean more = true; more; ) {
          Frame frame = http2.await(RawHttp2Client.DATA, asked);
          body.append(frame.text());
          more = !frame.endStream();
        }
        assertEquals(expected.body(), body.toString(), path);
        stream += 2;
      }
    }
  }

  @Test
  void headHasNoBody() throws IOException {
    try (RawHttp2Client client = new RawHttp2Client(port)) {
      client
          .headers(1, true, ":method", "HEAD", ":scheme", "http", ":authority", "a", ":path", "/")
          .flush();
      Frame head = client.await(RawHttp2Client.HEADERS, 1);
      assertTrue(head.endStream());
      assertEquals("6", String.valueOf(head.headers().get("content-length")));
    }
  }

  @Test
  void metricsAreOfHttp1Alone() throws IOException {
    try (AdminServer metrics =
        new AdminServer(
            loops,
            new AdminServer.Service(new TestPages(), "m", "m", "m", 32, Optional.empty()),
            Patience.STANDARD)) {
      metrics.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int at = ((InetSocketAddress) metrics.address().orElseThrow()).getPort();
      try (RawClient client = new RawClient(at)) {
        assertEquals(505, client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").read(false).status());
      }
    }
  }

  @Test
  void prefaceInPartsIsOneAndHalfOfOneEndsInTime() throws IOException {
    try (RawClient half = new RawClient(port);
        RawClient parts = new RawClient(port)) {
      half.send("PRI * HTTP/2.0\r\n");
      parts.send("PRI * HT").send("TP/2.0\r\n\r\nS").send("M\r\n\r\n\0\0\0\4\0\0\0\0\0");
      assertTrue(half.closedWithin(5000));
      assertFalse(parts.closedWithin(SHORT.begun().toMillisPart() * 2));
    }
  }

  @Test
  void whatBeginsAsAPrefaceAndIsNoneIsAnsweredByHttp1() throws IOException {
    try (RawClient client = new RawClient(port)) {
      RawClient.Response answer =
          client.send("PR").send("OPFIND /a HTTP/1.1\r\nHost: a\r\n\r\n").read(false);
      assertEquals("PROPFIND /a", answer.body());
    }
    try (RawClient client = new RawClient(port)) {
      client.send("PRI");
      client.shutdownOutput();
      assertTrue(client.closedWithin(5000));
    }
  }

  @Test
  void bodyIsWaitedForAndOneThatNeverEndsIsNot() throws IOException {
    try (RawHttp2Client client = new RawHttp2Client(port)) {
      post(client, 1, "/echo").data(1, false, "ab").data(1, true, "cd").flush();
      assertEquals(200, client.status(1));
      assertEquals("abcd", last(client, 1).text());
      post(client, 3, "/echo").data(3, false, "ab").flush();
      assertEquals(408, client.status(3));
      post(client, 5, "/echo").data(5, true, "123456789").flush();
      assertEquals(413, client.status(5));
    }
    try (RawClient client = new RawClient(port)) {
      client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
      assertEquals(408, client.read(false).status());
    }
  }

  @Test
  void answerFlowsAsItIsTakenAndIsGivenUpIfItIsNot() throws IOException {
    try (RawHttp2Client client = new RawHttp2Client(port)) {
      client.get(1, "/large").get(3, "/large").flush();
      client.window(0, 1 << 30).window(3, LARGE).flush();
      int bytes = 0;
      for (boolean more = true; more; ) {
        Frame frame = client.await(RawHttp2Client.DATA, 3);
        bytes += frame.payload().length;
        more = !frame.endStream();
      }
      assertEquals(LARGE, bytes);
      client.await(RawHttp2Client.RST_STREAM, 1);
      client.get(5, "/after").flush();
      assertEquals(200, client.status(5));
    }
  }

  @Test
  void streamsOverTheLimitAreRefused() throws IOException {
    try (RawHttp2Client client = new RawHttp2Client(port)) {
      for (int stream = 1; stream <= 2 * 33; stream += 2) {
        post(client, stream, "/echo");
      }
      client.flush();
      Frame refused = client.await(RawHttp2Client.RST_STREAM, 65);
      assertEquals(Http2Error.REFUSED_STREAM.code(), refused.error());
    }
  }

  @Test
  void clientThatFloodsWithSettingsAndReadsNothingGoes() throws IOException {
    try (RawHttp2Client client = RawHttp2Client.withReceiveBuffer(port, 4096)) {
      boolean gone = false;
      for (int i = 0; i < 4000 && !gone; i++) {
        try {
          for (int j = 0; j < 1000; j++) {
            client.frame(RawHttp2Client.SETTINGS, 0, 0, new byte[0]);
          }
          client.flush();
        } catch (IOException closed) {
          gone = true;
        }
      }
      assertTrue(gone);
    }
    try (RawClient other = new RawClient(port)) {
      assertEquals(200, other.get("/still").status());
    }
  }

  // ---- gRPC

  private static RawHttp2Client call(RawHttp2Client client, int stream, String path, boolean end)
      throws IOException {
    return client.headers(
        stream,
        end,
        ":method",
        "POST",
        ":scheme",
        "http",
        ":authority",
        "a",
        ":path",
        path,
        "content-type",
        "application/grpc",
        "te",
        "trailers");
  }

  private static byte[] framed(int flags, int length, String message) {
    return ByteBuffer.allocate(5 + message.length())
        .put((byte) flags)
        .putInt(length)
        .put(message.getBytes(StandardCharsets.ISO_8859_1))
        .array();
  }

  private static byte[] framed(String message) {
    return framed(0, message.length(), message);
  }

  /** Of the head or trailers that end a stream. */
  private static String status(RawHttp2Client client, int stream) throws IOException {
    Http2Headers last = last(client, stream).headers();
    return last.get("grpc-status")
        + (last.contains("grpc-message") ? " " + last.get("grpc-message") : "");
  }

  private static String ended(RawHttp2Client client, int stream, String path, byte[] body)
      throws IOException {
    call(client, stream, path, false)
        .frame(RawHttp2Client.DATA, RawHttp2Client.END_STREAM, stream, body)
        .flush();
    return status(client, stream);
  }

  @Test
  void callsEndWithTheStatusThatSaysWhy() throws IOException {
    try (RawHttp2Client client = new RawHttp2Client(port)) {
      assertEquals("0", ended(client, 1, "/t/Echo", framed("abc")));
      assertEquals("3 one byte: %C3%A9%25", ended(client, 3, "/t/Echo", framed("a")));
      assertTrue(ended(client, 5, "/t/None", framed("abc")).startsWith("12 "));
      assertTrue(ended(client, 7, "/t/Echo", framed(1, 3, "abc")).startsWith("12 compressed"));
      assertTrue(ended(client, 9, "/t/Echo", framed(2, 3, "abc")).startsWith("13 "));
      assertTrue(
          ended(client, 11, "/t/Echo", framed(0, GrpcCall.MOST_REQUEST_BYTES + 1, ""))
              .startsWith("8 "));
      assertTrue(ended(client, 13, "/t/Echo", framed(0, 9, "abc")).startsWith("13 "));
      assertTrue(ended(client, 15, "/t/Echo", new byte[0]).startsWith("13 "));
      byte[] twice = ByteBuffer.allocate(16).put(framed("abc")).put(framed("abc")).array();
      assertTrue(ended(client, 17, "/t/Echo", twice).startsWith("13 "));
      call(client, 19, "/t/Echo", true).flush();
      assertTrue(status(client, 19).startsWith("13 "));
      assertEquals("0", ended(client, 21, "/t/Stream", twice));
    }
  }

  @Test
  void streamAnswersEachRequestAndRestsBetweenThem() throws IOException {
    try (RawHttp2Client client = new RawHttp2Client(port)) {
      call(client, 1, "/t/Stream", false);
      for (String request : List.of("abc", "defg")) {
        client.frame(RawHttp2Client.DATA, 0, 1, framed(request)).flush();
        assertTrue(client.await(RawHttp2Client.DATA, 1).text().endsWith(request));
      }
      client.frame(RawHttp2Client.DATA, 0, 1, framed(0, 3, "a")).flush();
      assertTrue(status(client, 1).startsWith("4 "), "what has begun is to go on");
    }
  }

  @Test
  void callThatNeverEndsItsRequestDoes() throws IOException {
    try (RawHttp2Client client = new RawHttp2Client(port)) {
      call(client, 1, "/t/Echo", false).frame(RawHttp2Client.DATA, 0, 1, framed("abc")).flush();
      assertTrue(status(client, 1).startsWith("4 "));
      call(client, 3, "/t/Echo", false).flush();
      assertTrue(status(client, 3).startsWith("4 "));
    }
  }

  @Test
  void largeAnswerFlowsAndThoseThatAreNotTakenMakeRoom() throws IOException {
    try (RawHttp2Client client = new RawHttp2Client(port)) {
      client.window(0, 1 << 30);
      for (int stream = 1; stream <= 2 * 8; stream += 2) {
        call(client, stream, "/t/Large", false)
            .frame(RawHttp2Client.DATA, RawHttp2Client.END_STREAM, stream, framed("ab"));
      }
      client.flush();
      for (int stream = 1; stream <= 2 * 8; stream += 2) {
        int asked = stream;
        Frame end =
            client.await(frame ->
                frame.stream() == asked
                    && (frame.type() == RawHttp2Client.RST_STREAM
                        || frame.type() == RawHttp2Client.HEADERS && frame.endStream()));
        if (end.type() == RawHttp2Client.HEADERS) { // it did not wait for its turn that long
          assertEquals("14", String.valueOf(end.headers().get("grpc-status")));
        }
      }
      call(client, 21, "/t/Large", false)
          .frame(RawHttp2Client.DATA, RawHttp2Client.END_STREAM, 21, framed("ab"))
          .window(21, 2 * LARGE)
          .flush();
      int bytes = 0;
      for (boolean more = true; more; ) {
        Frame frame = client.await(next -> next.stream() == 21);
        bytes += frame.type() == RawHttp2Client.DATA ? frame.payload().length : 0;
        more = !frame.endStream();
      }
      assertTrue(bytes > LARGE, "" + bytes);
    }
  }
}
