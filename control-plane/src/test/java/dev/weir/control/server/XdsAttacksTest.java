package dev.weir.control.server;

import static dev.weir.control.compile.xds.ResourceType.CLUSTER;
import static dev.weir.control.compile.xds.ResourceType.ROUTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.TestControlPlane;
import dev.weir.testkit.Attack;
import dev.weir.testkit.Attackers;
import dev.weir.testkit.Await;
import dev.weir.testkit.Transport;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A sidecar that means well gets each edit while others attack the control plane, which bears it
 * with the memory that it has.
 */
@Tag("slow")
class XdsAttacksTest {
  private static final long NANOS = 500_000_000L;
  private static final Duration LONGEST = Duration.ofSeconds(5);

  /** Of a JVM beside its heap and its buffers. */
  private static final int OTHER_MIB = 160;

  /** Lines of a kind are told once a minute, whatever is done. */
  private static final int MOST_SAID = 200_000;

  @TempDir private static Path folder;
  private static Path config;
  private static ControlPlaneProcess controlPlane;
  private static DeltaClient client;
  private static int edits;

  @BeforeAll
  static void start() throws IOException {
    config = Files.createDirectory(folder.resolve("config"));
    TestControlPlane.services(config, "frontend", "cart");
    controlPlane = new ControlPlaneProcess(config, folder.resolve("said"));
    client =
        new DeltaClient(
            NettyChannelBuilder.forAddress(controlPlane.address()).usePlaintext().build(),
            Nodes.sidecar("cart-1", "cart", "10.0.0.1"));
    client.subscribe(CLUSTER, "*");
    client.nextAcked(CLUSTER);
    client.subscribe(ROUTES, "outbound|8080|shop/cart");
    client.nextAcked(ROUTES);
    edit();
  }

  @AfterAll
  static void stop() {
    client.close();
    controlPlane.close();
  }

  /** How long it took until the sidecar had it. */
  private static Duration edit() throws IOException {
    long begun = System.nanoTime();
    TestControlPlane.timeout(config, "cart", ++edits + "s");
    client.nextAcked(ROUTES);
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  static List<Attack> attacks() {
    return XdsAttacks.all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("attacks")
  void editsArriveAndMemoryIsBounded(Attack attack) throws Exception {
    Duration slowest = Duration.ZERO;
    try (ExecutorService thread = Executors.newSingleThreadExecutor();
        Attackers attackers = new Attackers(attack, Transport.PLAIN, controlPlane.port())) {
      Future<?> running =
          thread.submit(() -> {
            attackers.run(NANOS);
            return null;
          });
      while (!running.isDone()) {
        Duration took = edit();
        slowest = slowest.compareTo(took) < 0 ? took : slowest;
      }
      running.get();
    }
    edit();
    assertTrue(controlPlane.said().length() < MOST_SAID, controlPlane::said);
    assertTrue(slowest.compareTo(LONGEST) < 0, attack + " held an edit up for " + slowest);
    assertTrue(controlPlane.isAlive(), controlPlane::said);
    assertEquals(
        List.of(),
        controlPlane.said().lines().filter(line -> line.contains("OutOfMemory")).limit(1).toList());
    Await.until(
        () ->
            controlPlane.residentMiB()
                <= ControlPlaneProcess.HEAP + ControlPlaneProcess.BUFFERS + OTHER_MIB,
        () -> "RSS " + controlPlane.residentMiB() + " MiB");
  }
}
