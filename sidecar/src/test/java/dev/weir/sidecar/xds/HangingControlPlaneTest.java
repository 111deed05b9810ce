package dev.weir.sidecar.xds;

import static dev.weir.sidecar.xds.TestDynamicConfig.cluster;
import static dev.weir.sidecar.xds.TestDynamicConfig.endpoints;
import static dev.weir.sidecar.xds.TestDynamicConfig.listener;
import static dev.weir.sidecar.xds.TestDynamicConfig.routes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.protobuf.Any;
import dev.weir.sidecar.bootstrap.BootstrapText;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.AdsTestServer;
import dev.weir.testkit.AdsTestServer.Conversation;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A sidecar of our own control plane, by its own bootstrap, and one that says nothing more between
 * a listener and its routes. The listener {@code hasty}, which waits for a moment only, tells that
 * the moment is over.
 */
class HangingControlPlaneTest {
  private static final String FOR_EVER = "0s";
  private static final String A_MOMENT = "0.2s";

  private TestUpstream app;
  private AdsTestServer server;
  private TestSidecar sidecar;
  private Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("ok");
    server = new AdsTestServer();
    String bootstrap =
        BootstrapText.write(
                "cart-1",
                "cart",
                "{}",
                new BootstrapText.ControlPlane("127.0.0.1", server.port(), false),
                Optional.empty(),
                false,
                "",
                "")
            .replace("port_value: 15000", "port_value: 0");
    sidecar = TestSidecar.start(bootstrap, 1);
    stream = server.delta();
    take(ResourceType.CLUSTER, "app", cluster("app"));
    take(ResourceType.ENDPOINTS, "app", endpoints("app", app.port()));
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    server.close();
    app.close();
  }

  private void take(ResourceType type, String name, Any resource) {
    stream.send(
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(type.typeUrl())
            .setNonce(type + name)
            .addResources(
                Resource.newBuilder()
                    .setName(name)
                    .setVersion(Integer.toString(resource.hashCode()))
                    .setResource(resource))
            .build());
  }

  private boolean listens(String listener) {
    return sidecar.sidecar().addresses().containsKey(listener);
  }

  private int get(String path) {
    return get(sidecar.adminPort(), path);
  }

  private static int get(int port, String path) {
    try (RawClient client = new RawClient(port)) {
      return client.get(path).status();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void listenerWaitsForItsRoutesAndTheSidecarIsNotReady() {
    take(ResourceType.LISTENER, "in", listener("in", "in", FOR_EVER));
    take(ResourceType.LISTENER, "hasty", listener("hasty", "hasty", A_MOMENT));
    Await.until(() -> listens("hasty"));
    assertEquals(404, get(sidecar.port("hasty"), "/"));
    assertFalse(listens("in"));
    assertEquals(503, get("/ready"));

    take(ResourceType.ROUTE, "in", routes("in", "app"));
    Await.until(() -> listens("in"));
    assertEquals(200, get(sidecar.port(), "/"));
    Await.until(() -> get("/ready") == 200);
  }

  @Test
  void whatWasBeforeGoesOnMeanwhile() {
    take(ResourceType.LISTENER, "in", listener("in", "in", FOR_EVER));
    take(ResourceType.ROUTE, "in", routes("in", "app"));
    Await.until(() -> listens("in"));
    take(ResourceType.LISTENER, "in", listener("in", "others", FOR_EVER));
    take(ResourceType.LISTENER, "hasty", listener("hasty", "hasty", A_MOMENT));
    Await.until(() -> listens("hasty"));
    assertEquals(200, get(sidecar.port(), "/"));
  }
}
