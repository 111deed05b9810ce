package dev.weir.sidecar.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.UpstreamFilters;
import dev.weir.sidecar.cluster.lb.LoadBalancers;
import dev.weir.sidecar.pool.Connector;
import dev.weir.sidecar.pool.Pools;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.testkit.Resources;
import dev.weir.sidecar.testkit.TestLoops;
import dev.weir.sidecar.transport.ClusterTransports;
import dev.weir.testkit.AdsTestServer;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.RawHttp2Server;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GrpcStreamTest {
  private static final String ADS =
      "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";
  private static final int CANCEL = 8;

  private final Loops loops = TestLoops.of(1);
  private final Stats stats = new Stats(2);
  private final ClusterManager clusters =
      new ClusterManager(
          loops,
          stats,
          LoadBalancers::of,
          config -> ClusterTransports.plain(),
          UpstreamFilters.NONE);
  private final AsyncClient client =
      new AsyncClient(clusters, new Pools(loops.get(0), stats.slab(0), new Connector(loops), 8));
  private final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> closed = new LinkedBlockingQueue<>();

  @AfterEach
  void stop() {
    loops.close();
  }

  private GrpcStream open(int port) {
    clusters.put(
        List.of(
            Resources.cluster(
                """
                name: server
                type: STATIC
                http2_protocol_options: {}
                load_assignment:
                  cluster_name: server
                  endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]
                """
                    .formatted(port))),
        Map.of());
    return GrpcStream.open(
        client,
        "server",
        "server",
        ADS,
        new GrpcStream.Listener() {
          @Override
          public void onMessage(byte[] message) {
            messages.add(message);
          }

          @Override
          public void onClosed(int status, String message) {
            closed.add(status + " " + message);
          }
        });
  }

  /** The server leaves it open too: without a reset it would count among its streams for ever. */
  @Test
  void aCallThatTheServerEndsIsResetOnOurSide() throws Exception {
    try (RawHttp2Server server = new RawHttp2Server()) {
      open(server.port()).request(1);
      try (RawHttp2Client connection = server.accept()) {
        int id = connection.await(frame -> frame.type() == RawHttp2Client.HEADERS).stream();
        connection.headers(id, false, ":status", "200", "content-type", "application/grpc");
        connection.headers(id, true, "grpc-status", "14", "grpc-message", "later").flush();

        assertEquals("14 later", AdsTestServer.take(closed));
        assertEquals(CANCEL, connection.await(RawHttp2Client.RST_STREAM, id).error());
      }
    }
  }

  /**
   * It comes in two thousand frames: to copy all there is for each takes the better part of a
   * minute.
   */
  @Test
  void aLargeMessageTakesNoLongerThanItsBytes() throws Exception {
    DiscoveryResponse large =
        DiscoveryResponse.newBuilder()
            .addResources(Any.newBuilder().setValue(ByteString.copyFrom(new byte[32 << 20])))
            .build();
    DiscoveryResponse small = DiscoveryResponse.newBuilder().setVersionInfo("2").build();
    try (AdsTestServer server = new AdsTestServer()) {
      open(server.port()).request(3);
      var stream = server.sotw();
      stream.send(small);
      stream.send(large);
      stream.send(small);

      assertEquals(small, DiscoveryResponse.parseFrom(AdsTestServer.take(messages)));
      byte[] message = messages.poll(5, TimeUnit.SECONDS);
      assertEquals(large.getSerializedSize(), message == null ? 0 : message.length);
      assertEquals(small, DiscoveryResponse.parseFrom(AdsTestServer.take(messages)));
    }
  }
}
