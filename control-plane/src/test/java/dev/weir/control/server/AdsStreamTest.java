package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.compile.ResourceType;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a stream does for a client that cannot take more. */
class AdsStreamTest {
  private final SlowPeer peer = new SlowPeer();
  private final OneMesh mesh = new OneMesh();
  private final AdsStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream =
      new AdsStream<>(1, new DeltaDialect(ControlPlane.getDefaultInstance()), peer, mesh);

  @Test
  void slowClientGetsNothingUntilItIsReadyAndThenTheNewestAlone() {
    mesh.services("inventory");
    stream.request(
        DeltaDiscoveryRequest.newBuilder()
            .setNode(Nodes.sidecar("a", "inventory", "10.0.0.1"))
            .setTypeUrl(ResourceType.CLUSTER.typeUrl())
            .build());
    for (int i = 0; i < 100; i++) {
      mesh.services("inventory", "s" + i);
      stream.refresh();
    }
    assertEquals(List.of(), peer.sent);
    peer.ready = true;
    stream.ready();
    assertEquals(1, peer.sent.size());
    assertTrue(DeltaClient.names(peer.sent.getFirst()).contains("outbound|8080|shop/s99"));
  }

  /** A peer that is ready when the test says so. */
  private static final class SlowPeer implements Peer<DeltaDiscoveryResponse> {
    private final List<DeltaDiscoveryResponse> sent = new ArrayList<>();
    private boolean ready;

    @Override
    public boolean ready() {
      return ready;
    }

    @Override
    public void send(DeltaDiscoveryResponse response) {
      sent.add(response);
    }

    @Override
    public void fail(Status status) {
      throw new AssertionError(status);
    }
  }
}
