package dev.weir.sidecar.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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

  private final Loops loops = TestLoops.of(1);
  private int port;
  private AdminServer server;

  @BeforeEach
  void start() {
    server =
        new AdminServer(
            loops,
            new AdminServer.Service(
                new TestPages(), "a", "a", "a", Integer.MAX_VALUE, true),
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
            new AdminServer.Service(new TestPages(), "m", "m", "m", 32, false),
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
}
