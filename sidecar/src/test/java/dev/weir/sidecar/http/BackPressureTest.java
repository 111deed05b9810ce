package dev.weir.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.RawHttp2Server;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client that does not read stops the upstream, not the sidecar's memory. */
class BackPressureTest {
  private static final int BODY = 48 << 20;
  private static final int PART = 64 << 10;

  private final AtomicLong written = new AtomicLong();
  private TestUpstream upstream;
  private TestSidecar sidecar;

  @BeforeEach
  void start() throws IOException {
    upstream =
        TestUpstream.start((request, out) -> {
          TestUpstream.write(out, "HTTP/1.1 200 OK\r\ncontent-length: " + BODY + "\r\n\r\n");
          byte[] part = new byte[PART];
          for (int i = 0; i < BODY / PART; i++) {
            out.write(part);
            written.addAndGet(PART);
          }
          return true;
        });
    sidecar = TestConfig.to(upstream).bufferLimit(64 << 10).start();
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    upstream.close();
  }

  /** What the upstream could write when it got no further for a while. */
  private long settled() {
    long before = -1;
    long now = written.get();
    while (now != before || now == 0) {
      before = now;
      LockSupport.parkNanos(150_000_000);
      now = written.get();
    }
    return now;
  }

  @Test
  void responseOfAClientThatDoesNotReadWaitsUpstream() throws Exception {
    try (RawClient client = new RawClient(sidecar.port(), 8192)) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      assertTrue(settled() < BODY / 2, "bounded by what the kernel holds");
      assertEquals(BODY, client.read(false).body().length());
    }
  }

  @Test
  void pipelinedResponseBehindAFullConnectionWaitsUpstreamToo() throws Exception {
    try (RawClient client = new RawClient(sidecar.port(), 8192)) {
      // The first is taken by the second's time, but for what fills the connection.
      client.send("GET /1 HTTP/1.1\r\nHost: app\r\n\r\nGET /2 HTTP/1.1\r\nHost: app\r\n\r\n");
      settled();
      assertEquals(BODY, client.read(false).body().length());
      assertTrue(settled() < BODY + BODY / 2, "the second waits");
      assertEquals(BODY, client.read(false).body().length());
    }
  }

  @Test
  void streamsWithoutAWindowWaitUpstreamAndGoOnWhenItOpens() throws Exception {
    int initialWindow = 4;
    try (RawHttp2Client client = new RawHttp2Client(sidecar.port(), initialWindow, 0)) {
      int streams = 6;
      for (int i = 0; i < streams; i++) {
        client.get(2 * i + 1, "/");
      }
      client.flush();
      assertTrue(settled() < (long) streams * BODY / 2, "bounded by what the kernel holds");
      client.window(1, 100_000).flush();
      int received = 0;
      while (received < 65_535) { // the connection's window
        received += client.await(RawHttp2Client.DATA, 1).payload().length;
      }
      assertEquals(65_535, received);
    }
  }

  /** Heads have no window: nothing but the sidecar's memory would hold them. */
  @Test
  void informationalResponsesOfAClientThatDoesNotReadAreLeftOut() throws Exception {
    int many = 10_000;
    try (RawHttp2Server app = new RawHttp2Server();
        TestSidecar own = TestConfig.to(app.port()).http2Upstream().start();
        RawHttp2Client client = RawHttp2Client.withReceiveBuffer(own.port(), 8192)) {
      client.get(1, "/").flush();
      try (RawHttp2Client server = app.accept()) {
        int id = server.await(frame -> frame.type() == RawHttp2Client.HEADERS).stream();
        String filler = "x".repeat(490); // short enough for no Huffman code
        for (int i = 0; i < many; i++) {
          server.headers(id, false, ":status", "103", "link", i + filler);
        }
        server.headers(id, true, ":status", "204").flush();
        Await.until(() -> own.stat("cluster.app.upstream_rq_completed") == 1);
      }
      int heads = 1;
      while (client.status(1) != 204) {
        heads++;
      }
      assertTrue(heads < many, heads + " heads");
    }
  }
}
