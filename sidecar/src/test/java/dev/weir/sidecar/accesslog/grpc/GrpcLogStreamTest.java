package dev.weir.sidecar.accesslog.grpc;

import static dev.weir.sidecar.accesslog.grpc.GrpcLogConfig.DROPPED;
import static dev.weir.sidecar.accesslog.grpc.GrpcLogConfig.FAILED;
import static dev.weir.sidecar.accesslog.grpc.GrpcLogConfig.WRITTEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.telemetry.otlp.ExportQueue;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestLogReceiver;
import dev.weir.testkit.TestLogReceiver.Mood;
import dev.weir.testkit.TestUpstream;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The stream of an access log over gRPC, and what becomes of entries when it has trouble. */
@Tag("slow")
class GrpcLogStreamTest {
  private static final String AT_ONCE = "buffer_flush_interval: 3600s\nbuffer_size_bytes: 0";

  private final ByteArrayOutputStream told = new ByteArrayOutputStream();
  private TestUpstream app;
  private TestLogReceiver receiver;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("x");
    receiver = new TestLogReceiver();
  }

  @AfterEach
  void stop() throws IOException {
    receiver.close();
    app.close();
  }

  private TestSidecar sidecar(String filter, String common, int port) {
    String yaml = TestConfig.to(app).manager(GrpcLogConfig.log("Http", filter, common, "")).yaml();
    return TestSidecar.start(
        GrpcLogConfig.withReceiver("node: {id: cart-1, cluster: cart}\n" + yaml, port),
        1,
        Optional.empty(),
        new PrintStream(told, true, StandardCharsets.UTF_8));
  }

  private TestSidecar sidecar(String common) {
    return sidecar("", common, receiver.port());
  }

  private static void call(TestSidecar sidecar, String path, int times) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < times; i++) {
        assertEquals(200, client.get(path).status());
      }
    }
  }

  private String told() {
    return told.toString(StandardCharsets.UTF_8);
  }

  private void awaitTold(String text) {
    Await.until(() -> told().contains(text), this::told);
  }

  @Test
  void theFirstMessageOfAStreamSaysWhoseItIs() throws IOException {
    try (TestSidecar sidecar = sidecar(AT_ONCE)) {
      call(sidecar, "/a", 1);
      receiver.awaitHttp(1);
      call(sidecar, "/b", 1);
      receiver.awaitHttp(2);
      assertEquals("requests", receiver.logName());
      assertEquals("cart-1", receiver.node().getId());
      assertEquals("cart", receiver.node().getCluster());
      assertEquals("weir", receiver.node().getUserAgentName());
      assertFalse(receiver.messages().get(1).message().hasIdentifier());
      assertEquals(List.of("shop"), receiver.tenants());
      Await.until(() -> sidecar.stat(WRITTEN) == 2);
      assertEquals(0, sidecar.stat(DROPPED));
    }
    assertEquals(1, receiver.streams());
    assertEquals("", told());
  }

  @Test
  void aFilterChoosesEntries() throws IOException {
    String filter =
        "filter: {header_filter: {header: {name: ':path', string_match: {prefix: /b}}}}";
    try (TestSidecar sidecar = sidecar(filter, "", receiver.port())) {
      call(sidecar, "/a", 1);
      call(sidecar, "/b", 1);
      List<HTTPAccessLogEntry> entries = receiver.awaitHttp(1);
      Await.until(() -> sidecar.stat(WRITTEN) == 1);
      assertEquals("/b", entries.getFirst().getRequest().getPath());
    }
  }

  @Test
  void entriesWaitForTheIntervalUnlessTheBufferIsFull() throws IOException {
    try (TestSidecar sidecar = sidecar("buffer_flush_interval: 3600s\nbuffer_size_bytes: 4096")) {
      call(sidecar, "/", 1);
      assertEquals(List.of(), receiver.http());
      call(sidecar, "/", 20);
      receiver.awaitHttp(1);
    }
    assertEquals(21, receiver.awaitHttp(21).size(), "the end sends the rest");
  }

  @Test
  void entriesOfTheDeadWaitUpToABoundOfBytesAndItIsTold() throws IOException {
    String longPath = "/" + "p".repeat(16 << 10);
    int times = 2 * ExportQueue.Bounds.MOST_OF_LOG / (4 << 10);
    try (ClosedPort dead = new ClosedPort();
        TestSidecar sidecar = sidecar("", "", dead.port())) {
      call(sidecar, longPath, times);
      long dropped = sidecar.stat(DROPPED);
      assertTrue(dropped > times / 3 && dropped < times, () -> dropped + " of " + times);
      awaitTold("access log requests: als has no stream, entries wait: ");
      assertTrue(sidecar.stat(FAILED) > 0);

      try (TestLogReceiver back = new TestLogReceiver(dead.port())) {
        assertEquals(times - dropped, back.awaitHttp((int) (times - dropped)).size());
        Await.until(() -> sidecar.stat(WRITTEN) == times - dropped);
        assertEquals(dropped, sidecar.stat(DROPPED));
      }
    }
    assertEquals(1, told().lines().count(), this::told);
  }

  @Test
  void aReceiverThatNeverReadsCostsDropsAndIsToldAndTheEndIsNotHeldUp() throws IOException {
    receiver.mood(Mood.SILENT);
    String longPath = "/" + "p".repeat(16 << 10);
    int times = 2 * ExportQueue.Bounds.MOST_OF_LOG / (4 << 10);
    TestSidecar sidecar = sidecar(AT_ONCE);
    long before;
    try {
      call(sidecar, longPath, times);
      long dropped = sidecar.stat(DROPPED);
      assertTrue(dropped > times / 4 && dropped < times, () -> dropped + " of " + times);
      awaitTold("access log requests: als does not read, entries wait");
    } finally {
      before = System.nanoTime();
      sidecar.close();
    }
    Duration took = Duration.ofNanos(System.nanoTime() - before);
    assertTrue(took.compareTo(Duration.ofSeconds(6)) < 0, took::toString);
    assertEquals(times, sidecar.stat(DROPPED) + sidecar.stat(WRITTEN));
    assertEquals(1, receiver.streams());
    assertEquals(1, told().lines().count(), this::told);
  }

  /** Not even HTTP/2 is spoken. */
  @Test
  void aSocketThatNobodyReadsCostsNoMore() throws IOException {
    try (ServerSocket nobody = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      TestSidecar sidecar = sidecar("", AT_ONCE, nobody.getLocalPort());
      long before;
      try {
        call(sidecar, "/" + "p".repeat(16 << 10), 500);
        awaitTold("access log requests: als does not read, entries wait");
      } finally {
        before = System.nanoTime();
        sidecar.close();
      }
      Duration took = Duration.ofNanos(System.nanoTime() - before);
      assertTrue(took.compareTo(Duration.ofSeconds(6)) < 0, took::toString);
      assertEquals(500, sidecar.stat(DROPPED) + sidecar.stat(WRITTEN));
    }
  }

  @Test
  void aStreamThatEndsAgainAndAgainLosesNothingOfIt() throws IOException {
    receiver.mood(Mood.ENDS);
    try (TestSidecar sidecar = sidecar(AT_ONCE)) {
      for (int i = 1; i <= 4; i++) {
        call(sidecar, "/" + i, 1);
        receiver.awaitHttp(i);
      }
      Await.until(() -> sidecar.stat(WRITTEN) == 4, this::told);
      assertEquals(4, receiver.streams());
      assertTrue(receiver.messages().stream().allMatch(each -> each.message().hasIdentifier()));
      assertEquals("", told());
    }
  }

  /** What is sent before the end is heard of is lost with the stream: nothing is acknowledged. */
  @Test
  void aStreamThatBreaksIsOpenedAnewAndToldOnce() throws IOException {
    try (TestSidecar sidecar = sidecar(AT_ONCE);
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 1; i <= 3; i++) {
        int streams = i;
        Await.until(() -> {
          get(client);
          return receiver.streams() == streams;
        });
        receiver.awaitHttp(i);
        receiver.breakStreams();
      }
      assertEquals(1, told().lines().count(), this::told);
      assertTrue(told().contains(": gone (14)"), this::told);
    }
  }

  private static void get(RawClient client) {
    try {
      assertEquals(200, client.get("/").status());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatARefusedStreamHadIsLostCountedAndTold() throws IOException {
    receiver.mood(Mood.REFUSES);
    try (TestSidecar sidecar = sidecar(AT_ONCE);
        RawClient client = new RawClient(sidecar.port())) {
      Await.until(() -> {
        get(client); // a receiver that is slow to refuse has its first message counted as written
        return sidecar.stat(DROPPED) > 0;
      });
      awaitTold(": not you (7)");
      receiver.mood(Mood.TAKES);
      call(sidecar, "/again", 1);
      Await.until(() ->
          receiver.http().stream()
              .anyMatch(entry -> entry.getRequest().getPath().equals("/again")));
    }
  }

  @Test
  void logsOfOneReceiverAndNameShareAStream() throws IOException {
    String log = GrpcLogConfig.log("Http", "", "", "");
    String both = log + "\n" + log.substring(log.indexOf('\n') + 1);
    String yaml =
        GrpcLogConfig.withReceiver(TestConfig.to(app).manager(both).yaml(), receiver.port());
    try (TestSidecar sidecar = TestSidecar.start(yaml, 1)) {
      call(sidecar, "/", 1);
      assertEquals(2, receiver.awaitHttp(2).size());
      assertEquals(1, receiver.streams());
    }
  }
}
