package dev.weir.control.server;

import static dev.weir.control.compile.xds.ResourceType.CLUSTER;
import static dev.weir.control.compile.xds.ResourceType.DESTINATION;
import static dev.weir.control.compile.xds.ResourceType.ENDPOINTS;
import static dev.weir.control.compile.xds.ResourceType.LISTENER;
import static dev.weir.control.compile.xds.ResourceType.ROUTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.control.TestControlPlane;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The incremental stream, over real gRPC. */
@Tag("slow")
class DeltaAdsTest {
  private static final String INVENTORY = "outbound|8080|shop/inventory";
  private static final String CART = "outbound|8080|shop/cart";

  @TempDir Path folder;
  private TestControlPlane controlPlane;
  private DeltaClient client;

  @SuppressWarnings("NullAway.Init")
  DeltaAdsTest() {}

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

  private DeltaClient client(String service, String address) {
    return new DeltaClient(controlPlane.channel(), Nodes.sidecar(service + "-1", service, address));
  }

  @Test
  void wildcardGetsEveryClusterAndNamesGetTheirRoutes() {
    client.subscribe(CLUSTER);
    assertEquals(
        List.of(
            "inbound-passthrough",
            "inbound|8080|shop/frontend",
            "outbound|8080|shop/frontend",
            INVENTORY,
            "passthrough"),
        DeltaClient.names(client.nextAcked(CLUSTER)));
    client.subscribe(ROUTES, INVENTORY);
    DeltaDiscoveryResponse routes = client.nextAcked(ROUTES);
    assertEquals(List.of(INVENTORY), DeltaClient.names(routes));
    assertTrue(routes.getControlPlane().getIdentifier().startsWith("weir"));
    assertTrue(client.quiet());
  }

  @Test
  void streamsEndWellWhenItIsToldToStopAndNoneBegins() throws IOException {
    client.subscribe(CLUSTER);
    client.nextAcked(CLUSTER);
    ManagedChannel toLate = controlPlane.channel();
    try (DeltaClient other = client("inventory", "10.0.0.2")) {
      other.subscribe(CLUSTER);
      other.nextAcked(CLUSTER);
      controlPlane.awaitPage("/ready", "true", true);
      controlPlane.drain();
      assertTrue(client.endsWell());
      assertTrue(other.endsWell());
    }
    controlPlane.awaitPage("/ready", "told to stop", true);
    assertEquals("[]", controlPlane.page("/proxies").strip());
    try (DeltaClient late =
        new DeltaClient(toLate, Nodes.sidecar("inventory-2", "inventory", "10.0.0.3"))) {
      assertEquals(Status.Code.UNAVAILABLE, Status.fromThrowable(late.end()).getCode());
    }
  }

  @Test
  void editSendsOnlyWhatChanged() throws IOException {
    client.subscribe(CLUSTER);
    client.nextAcked(CLUSTER);
    client.subscribe(LISTENER);
    client.nextAcked(LISTENER);
    client.subscribe(ROUTES, INVENTORY, "outbound|8080|shop/frontend");
    client.nextAcked(ROUTES);
    TestControlPlane.timeout(folder, "inventory", "2s");
    assertEquals(List.of(INVENTORY), DeltaClient.names(client.nextAcked(ROUTES)));
    assertTrue(client.quiet());
  }

  private String addressOf(String service) {
    Matcher page =
        Pattern.compile("\"name\":\\s*\"" + service + "\",\\s*\"address\":\\s*\"([0-9.]+)\"")
            .matcher(controlPlane.page("/services"));
    assertTrue(page.find(), () -> controlPlane.page("/services"));
    return page.group(1);
  }

  @Test
  void whoCallsAServiceElsewhereIsToldOfItAndThenWhoItIs() throws IOException {
    Files.writeString(
        folder.resolve("pay.yaml"),
        """
        apiVersion: v1
        kind: Service
        metadata: {name: api, namespace: pay}
        spec: {ports: [{name: http, port: 8080}]}
        """);
    controlPlane.awaitPage("/services", "\"pay\"", true);
    client.subscribe(CLUSTER);
    assertFalse(DeltaClient.names(client.nextAcked(CLUSTER)).contains("outbound|8080|pay/api"));
    client.subscribe(LISTENER);
    client.nextAcked(LISTENER);
    String api = addressOf("api") + ":8080";
    client.subscribe(DESTINATION, api, "240.240.0.1:1");
    assertEquals(List.of("outbound|8080|pay/api"), DeltaClient.names(client.nextAcked(CLUSTER)));
    assertEquals(List.of("outbound"), DeltaClient.names(client.nextAcked(LISTENER)));
    DeltaDiscoveryResponse destinations = client.nextAcked(DESTINATION);
    assertEquals(List.of(api), DeltaClient.names(destinations));
    assertEquals(List.of("240.240.0.1:1"), destinations.getRemovedResourcesList());
    assertTrue(client.quiet());
    try (DeltaClient again = client("frontend", "10.0.0.7")) {
      again.subscribe(CLUSTER);
      assertTrue(
          DeltaClient.names(again.nextAcked(CLUSTER)).contains("outbound|8080|pay/api"),
          "what one sidecar's app calls all of the service's are told of");
    }
    Files.delete(folder.resolve("pay.yaml"));
    assertEquals(
        List.of("outbound"), DeltaClient.names(client.nextAcked(LISTENER)), "without the chain");
    assertEquals(List.of(api), client.nextAcked(DESTINATION).getRemovedResourcesList());
    assertEquals(
        List.of("outbound|8080|pay/api"), client.nextAcked(CLUSTER).getRemovedResourcesList());
  }

  @Test
  void changedClusterIsFollowedByItsEndpoints() throws IOException {
    client.subscribe(CLUSTER);
    client.nextAcked(CLUSTER);
    client.subscribe(ENDPOINTS, "outbound|8080|shop/frontend", INVENTORY);
    client.nextAcked(ENDPOINTS);
    Files.writeString(
        folder.resolve("policy.yaml"),
        """
        apiVersion: weir.dev/v1alpha1
        kind: ResiliencePolicy
        metadata: {name: inventory, namespace: shop}
        spec:
          targetRefs: [{group: "", kind: Service, name: inventory}]
          outlierDetection: {}
        """);
    assertEquals(List.of(INVENTORY), DeltaClient.names(client.nextAcked(CLUSTER)));
    assertEquals(List.of(INVENTORY), DeltaClient.names(client.nextAcked(ENDPOINTS)));
    assertTrue(client.quiet());
  }

  @Test
  void brokenFileChangesNothingAndIsAFinding() throws Exception {
    assertEquals(List.of(), controlPlane.nextReport());
    client.subscribe(ROUTES, INVENTORY);
    client.nextAcked(ROUTES);
    TestControlPlane.timeout(folder, "inventory", "2s");
    client.nextAcked(ROUTES);
    TestControlPlane.timeout(folder, "inventory", "2 seconds");
    assertEquals(1, controlPlane.nextReport().size());
    assertTrue(client.quiet());
    controlPlane.awaitPage("/findings", "Still in force: the version of", true);
  }

  @Test
  void newServiceComesBeforeWhatRefersToItAndLeavesAfter() throws IOException {
    client.subscribe(CLUSTER);
    client.nextAcked(CLUSTER);
    client.subscribe(LISTENER);
    client.nextAcked(LISTENER);
    TestControlPlane.services(folder, "cart");
    assertEquals(List.of(CART), DeltaClient.names(client.nextAcked(CLUSTER)));
    assertEquals(List.of("outbound"), DeltaClient.names(client.nextAcked(LISTENER)));
    Files.delete(folder.resolve("cart.yaml"));
    DeltaDiscoveryResponse listener = client.next(LISTENER);
    assertTrue(client.quiet(), "the cluster stays until the listener is confirmed");
    client.ack(listener);
    assertEquals(List.of(CART), client.nextAcked(CLUSTER).getRemovedResourcesList());
  }

  @Test
  void refusalIsShownAndTheSameIsNotSentAgain() {
    client.subscribe(LISTENER);
    DeltaDiscoveryResponse listeners = client.next(LISTENER);
    controlPlane.awaitPage("/proxies", "\"state\": \"sent, not answered yet\"", true);
    client.nack(listeners, "filter_chains[0]: no such filter");
    assertTrue(client.quiet());
    controlPlane.awaitPage("/proxies", "\"state\": \"refused\"", true);
    assertEquals(1, controlPlane.refusals().size());
    controlPlane.awaitPage("/proxies", "filter_chains[0]: no such filter", true);
    controlPlane.awaitPage("/proxies", "\"inSync\": false", true);
  }

  @Test
  void refusalNamesThePolicyAndItsAuthorsLine() throws IOException {
    client.subscribe(ROUTES, INVENTORY, "outbound|8080|shop/frontend");
    client.nextAcked(ROUTES);
    TestControlPlane.timeout(folder, "inventory", "2s");
    client.nack(client.next(ROUTES), "route " + INVENTORY + ": routes[0].timeout: no");
    String policy =
        "ResiliencePolicy shop/inventory (%s/inventory-policy.yaml:1)".formatted(folder);
    controlPlane.awaitPage("/proxies", policy, true);
    String told = controlPlane.refusals().getFirst();
    assertTrue(told.contains("; it follows from " + policy + ", Service shop/inventory ("), told);
    assertFalse(told.contains("frontend.yaml"), told);
  }

  @Test
  void nothingMoreOfATypeIsSentBeforeAnAnswerAndThenTheNewest() throws IOException {
    client.subscribe(ROUTES, INVENTORY);
    DeltaDiscoveryResponse first = client.next(ROUTES);
    DeltaClient other = client("inventory", "10.0.0.2");
    other.subscribe(ROUTES, INVENTORY);
    other.nextAcked(ROUTES);
    for (int i = 1; i <= 3; i++) {
      TestControlPlane.timeout(folder, "inventory", i + "s");
      other.nextAcked(ROUTES);
    }
    assertTrue(client.quiet());
    client.ack(first);
    DeltaDiscoveryResponse newest = client.nextAcked(ROUTES);
    other.subscribe(ROUTES, INVENTORY);
    assertEquals(newest.getResources(0), other.nextAcked(ROUTES).getResources(0));
    assertTrue(client.quiet());
    other.close();
  }

  @Test
  void clientThatComesBackGetsOnlyTheDifference() throws IOException {
    client.subscribe(CLUSTER);
    Map<String, String> versions =
        client.nextAcked(CLUSTER).getResourcesList().stream()
            .collect(Collectors.toMap(Resource::getName, Resource::getVersion));
    client.close();
    TestControlPlane.services(folder, "cart");
    Files.delete(folder.resolve("inventory.yaml"));
    controlPlane.restart(Duration.ZERO);
    client = client("frontend", "10.0.0.1");
    client.resume(CLUSTER, versions);
    DeltaDiscoveryResponse added = client.nextAcked(CLUSTER);
    assertEquals(List.of(CART), DeltaClient.names(added));
    assertEquals(List.of(INVENTORY), client.nextAcked(CLUSTER).getRemovedResourcesList());
    assertTrue(client.quiet());
    controlPlane.awaitPage("/proxies", "\"inSync\": true", true);
  }

  @Test
  void clientThatComesBackToTheSameIsToldWhoAnswersAndNothingElse() throws IOException {
    client.subscribe(CLUSTER);
    Map<String, String> versions =
        client.nextAcked(CLUSTER).getResourcesList().stream()
            .collect(Collectors.toMap(Resource::getName, Resource::getVersion));
    client.close();
    controlPlane.restart(Duration.ZERO);
    client = client("frontend", "10.0.0.1");
    client.resume(CLUSTER, versions);
    DeltaDiscoveryResponse response = client.nextAcked(CLUSTER);
    assertEquals(List.of(), DeltaClient.names(response));
    assertTrue(response.getControlPlane().getIdentifier().startsWith("weir"));
    assertTrue(client.quiet());
    controlPlane.awaitPage("/proxies", "\"inSync\": true", true);
  }

  @Test
  void nameThatIsNotThereIsSaidToBeAbsentAndComesWhenItIs() throws IOException {
    client.subscribe(ROUTES, CART);
    assertEquals(List.of(CART), client.nextAcked(ROUTES).getRemovedResourcesList());
    TestControlPlane.services(folder, "cart");
    assertEquals(List.of(CART), DeltaClient.names(client.nextAcked(ROUTES)));
  }

  @Test
  void unsubscribedNameIsSentNoMore() throws IOException {
    client.subscribe(ROUTES, INVENTORY);
    client.nextAcked(ROUTES);
    client.unsubscribe(ROUTES, INVENTORY);
    DeltaClient other = client("inventory", "10.0.0.2");
    other.subscribe(ROUTES, INVENTORY);
    other.nextAcked(ROUTES);
    TestControlPlane.timeout(folder, "inventory", "2s");
    other.nextAcked(ROUTES);
    assertTrue(client.quiet());
    other.close();
  }

  @Test
  void instanceIsAnEndpointWhileItIsHealthyAndConnected() {
    client.subscribe(ENDPOINTS, INVENTORY);
    assertEquals(0, endpoints(client.nextAcked(ENDPOINTS)));
    DeltaClient instance = client("inventory", "10.0.0.2");
    instance.healthy("8080");
    assertEquals(1, endpoints(client.nextAcked(ENDPOINTS)));
    controlPlane.awaitPage("/services", "10.0.0.2:8080", true);
    instance.unhealthy("8080");
    assertEquals(0, endpoints(client.nextAcked(ENDPOINTS)));
    instance.healthy("8080");
    assertEquals(1, endpoints(client.nextAcked(ENDPOINTS)));
    instance.close();
    assertEquals(0, endpoints(client.nextAcked(ENDPOINTS)));
  }

  @Test
  void instanceThatComesBackWithinTheGraceStaysAnEndpoint() {
    DeltaClient instance = client("inventory", "10.0.0.2");
    instance.healthy("8080");
    client.subscribe(ENDPOINTS, INVENTORY);
    DeltaDiscoveryResponse first = client.nextAcked(ENDPOINTS);
    if (endpoints(first) == 0) {
      client.nextAcked(ENDPOINTS);
    }
    instance.close();
    DeltaClient again = client("inventory", "10.0.0.2");
    again.healthy("8080");
    for (int i = 0; i < 8; i++) { // longer than the grace
      assertTrue(client.quiet());
    }
    again.close();
  }

  @Test
  void unknownServiceEndsTheStreamWithTheNamesOfThoseThatAre() {
    DeltaClient stranger = client("inventori", "10.0.0.9");
    stranger.subscribe(CLUSTER);
    assertEquals(
        "NOT_FOUND: there is no Service shop/inventori; did you mean shop/inventory?; there are:"
            + " shop/frontend, shop/inventory",
        stranger.end().getMessage());
    stranger.close();
  }

  @Test
  void healthOfWhatIsNoPortEndsTheStream() {
    client.healthy("8080");
    controlPlane.awaitPage("/proxies", "frontend-1", true);
    client.healthy("http");
    assertEquals(
        "INVALID_ARGUMENT: WorkloadHealth: \"http\" is not a port", client.end().getMessage());
    controlPlane.awaitPage("/proxies", "frontend-1", false);
    controlPlane.awaitPage("/services", "10.0.0.1:8080", false);
  }

  private static int endpoints(DeltaDiscoveryResponse response) {
    try {
      return response
          .getResources(0)
          .getResource()
          .unpack(ClusterLoadAssignment.class)
          .getEndpointsList()
          .stream()
          .mapToInt(locality -> locality.getLbEndpointsCount())
          .sum();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
