package dev.weir.sidecar.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestLoops;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a caller from another machine may say of its request. */
class RequestHygieneTest {
  /** A connection from {@code remoteAddress}. */
  private record From(Loop loop, SocketAddress remoteAddress) implements ServerConnection {
    @Override
    public Protocol protocol() {
      return Protocol.HTTP1;
    }

    @Override
    public TrafficDirection direction() {
      return TrafficDirection.INBOUND;
    }

    @Override
    public Destination destination() {
      return new Destination(remoteAddress, false);
    }

    @Override
    public void wakeAt(long nanos) {}

    @Override
    public void drain() {}

    @Override
    public void close() {}
  }

  /** What is left of {@code name}, which came as {@code theirs}, behind a connection manager. */
  private static @Nullable String passed(String manager, String address, String name) {
    Headers request = Headers.request("GET", "app", "/");
    request.add(name, "theirs");
    String config = TestConfig.to(1).yaml().replace("generate_request_id: false", manager);
    EmbeddedChannel channel = new EmbeddedChannel();
    try {
      RequestHygiene.apply(
          TestConfig.managerOf(config),
          new From(TestLoops.of(0, channel.eventLoop()), new InetSocketAddress(address, 50_000)),
          request);
      return request.value(name);
    } finally {
      channel.finishAndReleaseAll();
    }
  }

  @Test
  void aStrangerAtTheEdgeNamesItsRequestOnlyWhereItMay() {
    String id = "x-request-id";
    String edge = "use_remote_address: true\n          ";
    assertEquals("theirs", passed(edge + "generate_request_id: true", "127.0.0.1", id));
    assertNotEquals("theirs", passed(edge + "generate_request_id: true", "203.0.113.9", id));
    assertEquals("theirs", passed(edge + "preserve_external_request_id: true", "203.0.113.9", id));
    assertEquals("theirs", passed("generate_request_id: true", "203.0.113.9", id));
  }

  @Test
  void aStrangersWordForTheRouterIsTakenOut() {
    for (String name : new String[] {"x-envoy-max-retries", "x-weir-retry"}) {
      assertEquals("theirs", passed("generate_request_id: true", "127.0.0.1", name));
      assertNull(passed("generate_request_id: true", "203.0.113.9", name));
    }
  }
}
