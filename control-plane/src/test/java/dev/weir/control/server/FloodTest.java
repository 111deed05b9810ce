package dev.weir.control.server;

import static dev.weir.control.compile.xds.ResourceType.CLUSTER;
import static dev.weir.control.compile.xds.ResourceType.DESTINATION;
import static dev.weir.control.compile.xds.ResourceType.ENDPOINTS;
import static dev.weir.control.compile.xds.ResourceType.ROUTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Value;
import dev.weir.control.TestControlPlane;
import dev.weir.testkit.Await;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A client that says something else each time, or ever more, takes no memory and no time of others.
 */
@Tag("slow")
class FloodTest {
  private static final int STREAMS = 10_000;
  private static final int AT_ONCE = 12;
  private static final int VISITS = 50;

  /** Of each type, of each client: what one name leaves behind many clients would show. */
  private static final int NAMES = 4;

  private static final String HEALTH =
      "type.googleapis.com/weir.service.health.v1alpha1.WorkloadHealth";

  @TempDir Path folder;
  private ProvingMesh mesh;
  private TestControlPlane controlPlane;

  @SuppressWarnings("NullAway.Init")
  FloodTest() {}

  @BeforeEach
  void start() throws Exception {
    mesh = new ProvingMesh(folder);
    controlPlane = mesh.controlPlane;
  }

  @AfterEach
  void stop() throws Exception {
    mesh.close();
  }

  /** A connection of one who has proved to be {@code service}. */
  private synchronized ManagedChannel channel(String service) {
    return mesh.channel(mesh.token(ProvingMesh.claims("spiffe://mesh.test/ns/shop/sa/" + service)));
  }

  /** Another one for each number: another name, zone and address, and for some another kind. */
  private static Node node(int number) {
    Node.Builder node =
        Nodes.sidecar(
            "frontend-" + number, "frontend", "10.88.%d.%d".formatted(number >> 8, number & 255))
            .toBuilder();
    node.getLocalityBuilder().setZone("zone-" + number);
    node.getMetadataBuilder()
        .putFields("more", Value.newBuilder().setStringValue("x".repeat(number % 500)).build());
    node.addExtensionsBuilder().addTypeUrls("type.googleapis.com/weir.unknown.X" + number);
    if (number % 3 == 0) {
      node.getMetadataBuilder()
          .putFields("WEIR_MARK", Value.newBuilder().setNumberValue(number).build());
    }
    return node.build();
  }

  /** Asks for what is not there, by names that nobody has said before. */
  private static List<DeltaDiscoveryRequest> requests(int number) {
    DeltaDiscoveryRequest.Builder clusters =
        DeltaDiscoveryRequest.newBuilder().setTypeUrl(CLUSTER.typeUrl()).setNode(node(number));
    DeltaDiscoveryRequest.Builder endpoints =
        DeltaDiscoveryRequest.newBuilder().setTypeUrl(ENDPOINTS.typeUrl());
    DeltaDiscoveryRequest.Builder destinations =
        DeltaDiscoveryRequest.newBuilder().setTypeUrl(DESTINATION.typeUrl());
    for (int i = 0; i < NAMES; i++) {
      String name = "outbound|8080|elsewhere-%d/service-%d".formatted(number, i);
      clusters.putInitialResourceVersions(name, "version-" + number);
      endpoints.addResourceNamesSubscribe(name);
      destinations.addResourceNamesSubscribe(
          "10.%d.%d.%d:80".formatted(number >> 8, number & 255, i));
    }
    return List.of(
        clusters.build(),
        endpoints.build(),
        destinations.build(),
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(HEALTH)
            .addResourceNamesSubscribe(Integer.toString(1 + number))
            .build());
  }

  /** Opens a stream, asks, and leaves when something has come; null if it was not refused. */
  private static @Nullable Status visit(ManagedChannel channel, int number) {
    TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream = new TestStream<>();
    AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(stream);
    requests(number).forEach(stream::send);
    Status end =
        Optional.ofNullable(stream.nextOrEnd().end()).map(Status::fromThrowable).orElse(null);
    stream.cancel();
    return end;
  }

  private Map<String, Integer> flood(int from, int to) throws Exception {
    AtomicInteger next = new AtomicInteger(from);
    Map<String, Integer> refused = new ConcurrentSkipListMap<>();
    List<Future<?>> all = new ArrayList<>();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < AT_ONCE; i++) {
        all.add(
            clients.submit(() -> {
              while (next.get() < to) {
                visits(next, to, refused);
              }
              return null;
            }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
    return refused;
  }

  /** By one connection, of which too many streams may not be reset. */
  private void visits(AtomicInteger next, int to, Map<String, Integer> refused)
      throws InterruptedException {
    ManagedChannel channel = channel("frontend");
    for (int visits = 0; visits < VISITS; visits++) {
      int number = next.getAndIncrement();
      Status end = number < to ? visit(channel, number) : null;
      if (end != null) {
        refused.merge(end.getCode() + ": " + end.getDescription(), 1, Integer::sum);
      }
    }
    channel.shutdownNow();
    assertTrue(channel.awaitTermination(20, TimeUnit.SECONDS));
  }

  private Held held() {
    return Held.by(controlPlane.running());
  }

  /** When those who left are forgotten. */
  private void settle() {
    controlPlane.awaitPage("/proxies", "frontend-", false);
    controlPlane.awaitPage("/services", "10.88.", false);
  }

  @Test
  void tenThousandClientsOfOneIdentityLeaveNothingBehindAndKeepNobodyWaiting() throws Exception {
    flood(0, 200);
    settle();
    Held before = held();
    AtomicInteger served = new AtomicInteger();
    Map<String, Integer> refused;
    try (DeltaClient cart =
            new DeltaClient(channel("cart"), Nodes.sidecar("cart-1", "cart", "10.88.255.1"));
        ExecutorService flood = Executors.newVirtualThreadPerTaskExecutor()) {
      cart.subscribe(CLUSTER, "*");
      cart.nextAcked(CLUSTER);
      cart.subscribe(ROUTES, "outbound|8080|shop/cart");
      cart.nextAcked(ROUTES);
      Future<Map<String, Integer>> all = flood.submit(() -> flood(200, STREAMS));
      while (!all.isDone()) {
        int second = served.incrementAndGet();
        TestControlPlane.timeout(mesh.config(), "cart", second + "s");
        cart.nextAcked(ROUTES);
      }
      refused = all.get();
    }
    settle();
    Held after = held();
    assertTrue(served.get() > 5, "served while it lasted: " + served);
    assertEquals(
        Set.of(
            "RESOURCE_EXHAUSTED: clients of 8 kinds beside shop/frontend are served at once, or"
                + " within a minute, and this one is of another: of other ports, mark or extensions",
            "RESOURCE_EXHAUSTED: one identity has 8 streams at most from an address"),
        refused.keySet());
    assertTrue(
        refused.values().stream().mapToInt(Integer::intValue).sum() < STREAMS / 2 + STREAMS / 4,
        refused.toString());
    // What is made for the few kinds that are remembered is the mesh's, of when they were there
    // last; and each edit, of which a slow machine sees more, is an event that is told.
    int edits = served.get() * 200;
    assertTrue(
        after.characters() < before.characters() + 5 * STREAMS + edits,
        () ->
            after.characters()
                - before.characters()
                + " characters more; "
                + after.moreThan(before));
    assertTrue(
        after.count() < before.count() + STREAMS / 2, () -> "more of " + after.moreThan(before));
    List<String> lines =
        controlPlane.refusals().stream()
            .filter(line -> line.startsWith("a client is refused: "))
            .toList();
    assertTrue(
        lines.contains(
            "a client is refused: spiffe://mesh.test/ns/shop/sa/frontend at 127.0.0.1: one identity"
                + " has 8 streams at most from an address"),
        lines.toString());
    assertTrue(lines.stream().noneMatch(line -> line.contains("\n")), lines.toString());
  }

  /** As many as fit into a message that a client of gRPC takes as an answer. */
  private static String[] names(String prefix) {
    return IntStream.range(0, 3_000)
        .mapToObj(number -> "n".repeat(900) + prefix + number)
        .toArray(String[]::new);
  }

  /** Until they leave: then others of the identity may. */
  @Test
  void whoSaysEverMoreNamesThatTheMeshDoesNotHaveIsEndedAndTold() throws Exception {
    ManagedChannel channel = channel("frontend");
    List<DeltaClient> said = new ArrayList<>();
    Status end = null;
    for (int i = 0; i < 8 && end == null; i++) {
      DeltaClient client =
          new DeltaClient(
              channel, Nodes.sidecar("frontend-" + i, "frontend", "10.88.0." + (i + 1)));
      said.add(client);
      for (int more = 0; more < 5 && end == null; more++) {
        client.subscribe(ENDPOINTS, names(i + "-" + more + "-"));
        end = client.nextAckedOrEnd().map(Status::fromThrowable).orElse(null);
      }
    }
    if (end == null) {
      throw new AssertionError("nobody was ended");
    }
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, end.getCode());
    long kib = Runtime.getRuntime().maxMemory() / 32 >> 10;
    String reason = "of one identity names that this mesh does not have may take " + kib + " KiB";
    assertEquals(reason, end.getDescription());
    Await.until(() ->
        controlPlane
            .refusals()
            .contains(
                "a client is refused: spiffe://mesh.test/ns/shop/sa/frontend at 127.0.0.1: "
                    + reason));
    said.getFirst().leave();
    controlPlane.awaitPage("/proxies", "frontend-0", false);
    try (DeltaClient cart =
            new DeltaClient(channel("cart"), Nodes.sidecar("cart-1", "cart", "10.88.0.99"));
        DeltaClient another =
            new DeltaClient(channel, Nodes.sidecar("frontend-x", "frontend", "10.88.0.98"))) {
      cart.subscribe(ENDPOINTS, "nobody");
      assertEquals(List.of("nobody"), cart.nextAcked(ENDPOINTS).getRemovedResourcesList());
      another.subscribe(ENDPOINTS, "nobody");
      assertEquals(List.of("nobody"), another.nextAcked(ENDPOINTS).getRemovedResourcesList());
    }
    said.forEach(DeltaClient::leave);
  }
}
