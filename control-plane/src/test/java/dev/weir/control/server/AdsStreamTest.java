package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.Meshes;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.ResourceType;
import dev.weir.control.model.ObjectName;
import dev.weir.control.snapshot.Snapshot;
import dev.weir.control.snapshot.SnapshotCache;
import dev.weir.protos.yaml.YamlReader;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
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

  /** A mesh of the services that the test names. */
  private static final class OneMesh implements Streams {
    private final SnapshotCache snapshots = new SnapshotCache();

    void services(String... names) {
      StringBuilder yaml = new StringBuilder();
      for (String name : names) {
        yaml.append(
            """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: %s, namespace: shop}
            spec: {ports: [{name: http, port: 8080}]}
            """
                .formatted(name));
      }
      snapshots.replace(Meshes.of(YamlReader.read("services", yaml.toString()).documents()));
    }

    @Override
    public Collection<ObjectName> services() {
      return snapshots.mesh().model().services().keySet();
    }

    @Override
    public Snapshot snapshot(Proxy proxy) {
      return snapshots.of(proxy);
    }

    @Override
    public void health(long id, Proxy proxy, Set<Integer> ports) {
      throw new AssertionError("no health in this test");
    }

    @Override
    public boolean warm() {
      return true;
    }

    @Override
    public Instant now() {
      return Instant.EPOCH;
    }
  }
}
