package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.Settings;
import dev.weir.control.TestControlPlane;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that is gone without a word, with its machine or with the way to it. */
@Tag("slow")
class LostClientTest {
  private static final Duration DEAD_AFTER = Duration.ofSeconds(5);

  @TempDir Path folder;

  private static DeltaClient instance(SilentRelay relay, String address) {
    DeltaClient client =
        new DeltaClient(
            NettyChannelBuilder.forAddress(relay.address()).usePlaintext().build(),
            Nodes.sidecar("inventory-" + address, "inventory", address));
    client.healthy("8080");
    return client;
  }

  @Test
  void instanceThatDoesNotAnswerLeavesAndOneThatOnlyHasNothingToSayStays() throws Exception {
    TestControlPlane.services(folder, "inventory");
    try (TestControlPlane controlPlane = new TestControlPlane(folder, DEAD_AFTER);
        SilentRelay lost = new SilentRelay(controlPlane.listen());
        SilentRelay sound = new SilentRelay(controlPlane.listen());
        DeltaClient gone = instance(lost, "10.0.0.2");
        DeltaClient quiet = instance(sound, "10.0.0.3")) {
      controlPlane.awaitPage("/services", "10.0.0.2:8080", true);
      controlPlane.awaitPage("/services", "10.0.0.3:8080", true);

      lost.fallSilent();

      controlPlane.awaitPage("/services", "10.0.0.2:8080", false);
      assertTrue(gone.quiet(), "it has been told nothing, of an end neither");
      assertTrue(controlPlane.page("/services").contains("10.0.0.3:8080"), "it has answered");
      assertTrue(quiet.quiet());
    }
  }

  /** The promise of docs/control-plane.md, with the time that an instance has to come back. */
  @Test
  void settingsThatItRunsWithFindItWithinHalfAMinute() throws IOException {
    InetSocketAddress anywhere = new InetSocketAddress(0);
    Settings settings =
        Settings.of(
            Optional.of(folder),
            Optional.empty(),
            anywhere,
            anywhere,
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    Duration leaves = settings.deadAfter().plus(settings.grace());
    assertTrue(leaves.compareTo(Duration.ofSeconds(30)) <= 0, leaves::toString);
  }
}
