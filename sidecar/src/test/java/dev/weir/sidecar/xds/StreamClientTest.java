package dev.weir.sidecar.xds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.ConfigSource.Protocol;
import dev.weir.testkit.AdsTestServer;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a transport that misbehaves does to the client; that of the tests does as it is told. */
final class StreamClientTest {
  private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
  private final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> handled = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> log = new LinkedBlockingQueue<>();

  @BeforeEach
  void start() {
    ControlThread control = new ControlThread(executor, log::add);
    StreamClient client =
        new StreamClient(
            (path, listener) -> {
              Stream stream = new Stream(listener);
              streams.add(stream);
              return stream;
            },
            DiscoveryService.AGGREGATED,
            Protocol.SOTW,
            Node.getDefaultInstance(),
            control,
            new Backoff(Duration.ofMillis(1), Duration.ofMillis(5), new Random(1)),
            new Handler(),
            log::add);
    client.subscribeToAll(ResourceType.CLUSTER);
    control.execute(client::start);
  }

  @AfterEach
  void stop() {
    executor.shutdownNow();
  }

  @Test
  void oneMessageIsTakenAtATime() {
    Stream stream = AdsTestServer.take(streams);
    assertEquals(1, AdsTestServer.take(stream.requested));

    stream.listener.onMessage(response("1"));

    assertEquals("1", AdsTestServer.take(handled));
    assertEquals(1, AdsTestServer.take(stream.requested));
    assertEquals(0, stream.requested.size());
  }

  @Test
  void aMessageThatIsNoResponseEndsTheStreamAndAnotherIsOpened() {
    Stream first = AdsTestServer.take(streams);
    first.listener.onMessage("<html>".getBytes(StandardCharsets.UTF_8));

    assertTrue(
        AdsTestServer.take(first.cancelled).startsWith("a response is no discovery response"));
    assertTrue(AdsTestServer.take(log).contains("a response is no discovery response"));
    Stream second = AdsTestServer.take(streams);
    second.listener.onMessage(response("2"));
    assertEquals("2", AdsTestServer.take(handled));
  }

  @Test
  void aStreamThatWasLeftIsNotListenedTo() {
    Stream first = AdsTestServer.take(streams);
    first.listener.onClosed(14, "gone");
    Stream second = AdsTestServer.take(streams);

    first.listener.onMessage(response("late"));
    first.listener.onClosed(14, "gone again");
    second.listener.onMessage(response("2"));

    assertEquals("2", AdsTestServer.take(handled));
    assertEquals(0, streams.size());
  }

  @Test
  void aHandlerThatFailsEndsTheStreamAndIsReported() {
    Stream first = AdsTestServer.take(streams);
    first.listener.onMessage(response("fail"));

    assertTrue(
        AdsTestServer.take(log)
            .contains("an internal error: java.lang.IllegalStateException: as asked"));
    AdsTestServer.take(streams).listener.onMessage(response("2"));
    assertEquals("2", AdsTestServer.take(handled));
  }

  private static byte[] response(String version) {
    return DiscoveryResponse.newBuilder()
        .setTypeUrl(ResourceType.CLUSTER.typeUrl())
        .setVersionInfo(version)
        .addResources(TestDynamicConfig.cluster("\"" + version + "\""))
        .build()
        .toByteArray();
  }

  private static final class Stream implements GrpcTransport.Call {
    final GrpcTransport.Listener listener;
    final BlockingQueue<Integer> requested = new LinkedBlockingQueue<>();
    final BlockingQueue<String> cancelled = new LinkedBlockingQueue<>();

    Stream(GrpcTransport.Listener listener) {
      this.listener = listener;
    }

    @Override
    public void send(byte[] message) {}

    @Override
    public void request(int messages) {
      requested.add(messages);
    }

    @Override
    public void cancel(String why) {
      cancelled.add(why);
    }
  }

  private final class Handler implements ResourceHandler {
    @Override
    public List<Refused> onResources(
        ResourceType type, List<Resource> resources, Set<String> removed, boolean complete) {
      String name = resources.getFirst().name();
      if (name.equals("fail")) {
        throw new IllegalStateException("as asked");
      }
      handled.add(name);
      return List.of();
    }

    @Override
    public SortedSet<String> wanted(ResourceType type) {
      return Collections.emptySortedSet();
    }

    @Override
    public void onWeir() {}

    @Override
    public void onDisconnected(int status, String message) {
      log.add(message);
    }

    @Override
    public void onFetchFailed(String reason) {
      log.add(reason);
    }

    @Override
    public void onUnchanged() {}

    @Override
    public void onAttempt(ResourceType type) {}

    @Override
    public void onTaken(ResourceType type, boolean whole) {}
  }
}
