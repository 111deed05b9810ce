package dev.weir.control.server;

import static dev.weir.control.compile.xds.ResourceType.CLUSTER;
import static dev.weir.control.compile.xds.ResourceType.DESTINATION;
import static dev.weir.control.compile.xds.ResourceType.ENDPOINTS;
import static dev.weir.control.compile.xds.ResourceType.ROUTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.TestControlPlane;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A control plane that ends and begins again takes nothing away that was there. */
class RestartTest {
  private static final String INVENTORY = "outbound|8080|shop/inventory";

  @TempDir Path folder;
  @TempDir Path state;
  private TestControlPlane controlPlane;

  @SuppressWarnings("NullAway.Init")
  RestartTest() {}

  @BeforeEach
  void start() throws IOException {
    TestControlPlane.services(folder, "frontend", "inventory");
    controlPlane = new TestControlPlane(folder, Optional.of(state));
  }

  @AfterEach
  void stop() throws IOException {
    controlPlane.close();
  }

  private DeltaClient client(String service, String address) {
    return new DeltaClient(controlPlane.channel(), Nodes.sidecar(service + "-1", service, address));
  }

  private void restart(Duration warmUp) throws IOException {
    controlPlane.restart(warmUp);
  }

  @Test
  void fileThatWasEditedToNonsenseStaysInForceInTheVersionBefore() throws Exception {
    assertEquals(0, controlPlane.nextReport().size());
    DeltaClient client = client("frontend", "10.0.0.1");
    client.subscribe(ROUTES, INVENTORY);
    client.nextAcked(ROUTES);
    TestControlPlane.timeout(folder, "inventory", "2s");
    DeltaDiscoveryResponse routes = client.nextAcked(ROUTES);
    client.close();
    TestControlPlane.timeout(folder, "inventory", "2 seconds");
    assertEquals(1, controlPlane.nextReport().size());
    for (int i = 0; i < 2; i++) {
      restart(Duration.ZERO);
      assertTrue(
          controlPlane.nextReport().getFirst().toString().contains("Still in force: the version"));
      client = client("frontend", "10.0.0.1");
      client.subscribe(ROUTES, INVENTORY);
      assertEquals(
          routes.getResources(0).getVersion(),
          client.nextAcked(ROUTES).getResources(0).getVersion());
      client.close();
    }
    Files.delete(folder.resolve("inventory-policy.yaml"));
    assertEquals(0, controlPlane.nextReport().size());
    restart(Duration.ZERO);
    assertEquals(0, controlPlane.nextReport().size(), "what was deleted is gone");
  }

  @Test
  void instancesAreKnownBeforeTheyAreBack() throws IOException {
    DeltaClient instance = client("inventory", "10.0.0.2");
    instance.healthy("8080");
    controlPlane.awaitPage("/services", "10.0.0.2:8080", true);
    awaitKept();
    instance.close();
    restart(Duration.ofMinutes(1));
    DeltaClient client = client("frontend", "10.0.0.1");
    client.subscribe(ENDPOINTS, INVENTORY);
    assertTrue(client.nextAcked(ENDPOINTS).toString().contains("10.0.0.2"), "to a new client too");
    client.close();
  }

  @Test
  void whatOneInstanceOfAServiceCallsTheOthersAreToldOfAfterARestart() throws IOException {
    Files.writeString(
        folder.resolve("pay.yaml"),
        """
        apiVersion: v1
        kind: Service
        metadata: {name: api, namespace: pay}
        spec: {clusterIP: 10.96.0.7, ports: [{name: http, port: 8080}]}
        """);
    controlPlane.awaitPage("/services", "10.96.0.7", true);
    DeltaClient one = client("frontend", "10.0.0.1");
    one.subscribe(DESTINATION, "10.96.0.7:8080");
    one.nextAcked(DESTINATION);
    one.close();
    restart(Duration.ZERO);
    DeltaClient other = client("frontend", "10.0.0.2");
    other.subscribe(CLUSTER);
    assertTrue(DeltaClient.names(other.nextAcked(CLUSTER)).contains("outbound|8080|pay/api"));
    other.close();
  }

  @Test
  void lastInstanceOfAServiceDoesNotLeaveBySilenceAndTheOthersDo() throws IOException {
    DeltaClient one = client("inventory", "10.0.0.2");
    one.healthy("8080");
    DeltaClient two = client("inventory", "10.0.0.3");
    two.healthy("8080");
    DeltaClient frontend = client("frontend", "10.0.0.4");
    frontend.healthy("8080");
    controlPlane.awaitPage("/services", "10.0.0.2:8080", true);
    controlPlane.awaitPage("/services", "10.0.0.3:8080", true);
    controlPlane.awaitPage("/services", "10.0.0.4:8080", true);
    awaitKept();
    one.close();
    two.close();
    frontend.close();
    restart(Duration.ofMillis(100));
    DeltaClient back = client("inventory", "10.0.0.3");
    back.healthy("8080");
    controlPlane.awaitPage("/services", "10.0.0.2:8080", false);
    controlPlane.awaitPage("/services", "10.0.0.3:8080", true);
    assertTrue(controlPlane.page("/services").contains("10.0.0.4:8080"), "its only one");
    back.close();
  }

  @Test
  void clientKeepsTheEndpointsOfAServiceOfWhichNobodySpokeYet() throws IOException {
    controlPlane.close();
    controlPlane = new TestControlPlane(folder);
    DeltaClient client = client("frontend", "10.0.0.1");
    client.resume(ENDPOINTS, Map.of(INVENTORY, "of before"), INVENTORY);
    assertTrue(client.quiet(), "nothing is known, and nothing is kept");
    DeltaClient instance = client("inventory", "10.0.0.2");
    instance.healthy("8080");
    assertTrue(client.nextAcked(ENDPOINTS).toString().contains("10.0.0.2"));
    instance.unhealthy("8080");
    assertEquals(
        0, client.nextAcked(ENDPOINTS).getResources(0).toString().split("10.0.0", -1).length - 1);
    instance.close();
    client.close();
  }

  /** Whatever is known is on disk. */
  private void awaitKept() throws IOException {
    Path instances = state.resolve("instances");
    String ready = controlPlane.page("/services");
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (true) {
      StringBuilder kept = new StringBuilder();
      if (Files.isDirectory(instances)) {
        try (var files = Files.newDirectoryStream(instances, "*.kept")) {
          for (Path file : files) {
            kept.append(Files.readString(file));
          }
        }
      }
      boolean all = true;
      for (String address : new String[] {"10.0.0.2", "10.0.0.3", "10.0.0.4"}) {
        all &= !ready.contains(address) || kept.indexOf(address) >= 0;
      }
      if (all) {
        return;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("kept: " + kept);
      }
      Thread.onSpinWait();
    }
  }
}
