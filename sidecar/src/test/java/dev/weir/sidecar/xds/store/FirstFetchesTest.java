package dev.weir.sidecar.xds.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.ConfigSource;
import dev.weir.sidecar.config.Fetch;
import dev.weir.sidecar.xds.ControlThread;
import dev.weir.testkit.AdsTestServer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a name that is waited for holds nothing back any more. */
final class FirstFetchesTest {
  private static final Fetch SOON = fetch(Duration.ofMillis(20));
  private static final Fetch LATER = fetch(Duration.ofMillis(60));
  private static final Fetch NEVER = fetch(Duration.ofHours(1));

  private static Fetch fetch(Duration timeout) {
    return new Fetch(new ConfigSource.Ads(), timeout);
  }

  private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
  private final BlockingQueue<Boolean> timeouts = new LinkedBlockingQueue<>();
  private final FirstFetches fetches =
      new FirstFetches(new ControlThread(executor, line -> {}), () -> timeouts.add(true));

  @AfterEach
  void stop() {
    executor.shutdownNow();
  }

  private void want(Map<String, Fetch> names) throws Exception {
    executor.submit(() -> fetches.want(names)).get();
  }

  @Test
  void aNameThatIsWantedAgainHasItsWholeTimeAgain() throws Exception {
    executor
        .submit(() -> {
          fetches.want(Map.of("a", SOON));
          fetches.want(Map.of());
          fetches.want(Map.of("a", NEVER, "b", LATER));
        })
        .get();

    AdsTestServer.take(timeouts);
    executor
        .submit(() -> {
          assertTrue(fetches.isOverdue("b"));
          assertFalse(fetches.isOverdue("a"), "its first time is over, not its second");
        })
        .get();
  }

  @Test
  void theShortestTimeOfAllWhoReferToANameHolds() throws Exception {
    want(Map.of("a", fetch(Duration.ZERO)));
    want(Map.of("a", NEVER));
    want(Map.of("a", SOON));

    AdsTestServer.take(timeouts);
    executor.submit(() -> assertTrue(fetches.isOverdue("a"))).get();
  }

  @Test
  void anAbsentNameIsWaitedForAgainOnceItWasNotWanted() throws Exception {
    executor
        .submit(() -> {
          fetches.want(Map.of("a", NEVER));
          fetches.absent(java.util.Set.of("a", "unknown"));
          assertTrue(fetches.isOverdue("a"));
          assertFalse(fetches.isOverdue("unknown"));
          fetches.want(Map.of());
          fetches.want(Map.of("a", NEVER));
          assertFalse(fetches.isOverdue("a"));
        })
        .get();
  }
}
