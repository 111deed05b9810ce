package dev.weir.control.server;

import static dev.weir.control.compile.xds.ResourceType.CLUSTER;
import static dev.weir.control.compile.xds.ResourceType.ENDPOINTS;
import static dev.weir.control.compile.xds.ResourceType.LISTENER;
import static dev.weir.control.compile.xds.ResourceType.ROUTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.TestControlPlane;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state-of-the-world stream, over real gRPC. */
@Tag("slow")
class SotwAdsTest {
  private static final String INVENTORY = "outbound|8080|shop/inventory";
  private static final String FRONTEND = "outbound|8080|shop/frontend";
  private static final String CART = "outbound|8080|shop/cart";

  @TempDir Path folder;
  private TestControlPlane controlPlane;
  private SotwClient client;

  @SuppressWarnings("NullAway.Init")
  SotwAdsTest() {}

  @BeforeEach
  void start() throws IOException {
    TestControlPlane.services(folder, "frontend", "inventory");
    controlPlane = new TestControlPlane(folder);
    client = client("frontend", "10.0.0.1");
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    controlPlane.close();
  }

  private SotwClient client(String service, String address) {
    return new SotwClient(controlPlane.channel(), Nodes.sidecar(service + "-1", service, address));
  }

  @Test
  void twoProxiesSeeTheirOwn() {
    client.subscribe(CLUSTER);
    List<String> own = SotwClient.names(client.nextAcked(CLUSTER));
    SotwClient other = client("inventory", "10.0.0.2");
    other.subscribe(CLUSTER);
    List<String> others = SotwClient.names(other.nextAcked(CLUSTER));
    assertNotEquals(own, others);
    assertTrue(own.contains("inbound|8080|shop/frontend"));
    assertTrue(others.contains("inbound|8080|shop/inventory"));
    other.close();
  }

  @Test
  void editSendsOnlyTheRoutesThatChanged() throws IOException {
    client.subscribe(CLUSTER);
    client.nextAcked(CLUSTER);
    client.subscribe(LISTENER);
    client.nextAcked(LISTENER);
    client.subscribe(ROUTES, FRONTEND, INVENTORY);
    assertEquals(List.of(FRONTEND, INVENTORY), SotwClient.names(client.nextAcked(ROUTES)));
    TestControlPlane.timeout(folder, "inventory", "2s");
    assertEquals(List.of(INVENTORY), SotwClient.names(client.nextAcked(ROUTES)));
    assertTrue(client.quiet());
  }

  @Test
  void moreNamesGetOnlyWhatIsNew() {
    client.subscribe(ROUTES, FRONTEND);
    client.nextAcked(ROUTES);
    client.subscribe(ROUTES, FRONTEND, INVENTORY);
    assertEquals(List.of(INVENTORY), SotwClient.names(client.nextAcked(ROUTES)));
    assertTrue(client.quiet());
  }

  @Test
  void removedClusterIsLeftOutWhenNothingRefersToItAnyMore() throws IOException {
    client.subscribe(CLUSTER);
    client.nextAcked(CLUSTER);
    client.subscribe(LISTENER);
    client.nextAcked(LISTENER);
    TestControlPlane.services(folder, "cart");
    assertTrue(SotwClient.names(client.nextAcked(CLUSTER)).contains(CART));
    client.nextAcked(LISTENER);
    Files.delete(folder.resolve("cart.yaml"));
    client.nextAcked(LISTENER);
    assertTrue(!SotwClient.names(client.nextAcked(CLUSTER)).contains(CART));
    assertTrue(client.quiet());
  }

  @Test
  void refusalIsShownUntilABetterVersionIsTaken() throws IOException {
    client.subscribe(ROUTES, INVENTORY);
    DiscoveryResponse refused = client.next(ROUTES);
    client.nack(ROUTES, "virtual_hosts[0]: no");
    assertTrue(client.quiet());
    controlPlane.awaitPage("/proxies", "virtual_hosts[0]: no", true);
    controlPlane.awaitPage("/proxies", refused.getVersionInfo(), true);
    TestControlPlane.timeout(folder, "inventory", "2s");
    client.nextAcked(ROUTES);
    client.subscribe(ROUTES, INVENTORY, FRONTEND);
    client.nextAcked(ROUTES);
    controlPlane.awaitPage("/proxies", "\"acked\": \"", true);
    controlPlane.awaitPage("/proxies", "virtual_hosts[0]: no", false);
  }

  @Test
  void listOfReadyPortsIsTheWholeList() {
    client.subscribe(ENDPOINTS, INVENTORY);
    client.nextAcked(ENDPOINTS);
    SotwClient instance = client("inventory", "10.0.0.2");
    instance.healthy("8080", "9090");
    client.nextAcked(ENDPOINTS);
    controlPlane.awaitPage("/services", "10.0.0.2:8080", true);
    instance.healthy();
    client.nextAcked(ENDPOINTS);
    controlPlane.awaitPage("/services", "10.0.0.2:8080", false);
    instance.close();
  }

  @Test
  void newClientGetsItsEndpointsDuringTheWarmUpToo() throws IOException {
    client.close();
    controlPlane.restart(Duration.ofSeconds(30));
    client = client("frontend", "10.0.0.1");
    client.subscribe(CLUSTER);
    client.nextAcked(CLUSTER);
    client.subscribe(ENDPOINTS, INVENTORY);
    assertEquals(List.of(INVENTORY), SotwClient.names(client.nextAcked(ENDPOINTS)));
  }
}
