package dev.weir.sidecar.xds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.weir.sidecar.testkit.TestControlPlane;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A whole sidecar that starts while the control plane is away, from what it had the last time. How
 * a damaged file is found, cut at each length and flipped in each byte, is LastGoodFileTest's.
 */
@Tag("slow")
class WithoutControlPlaneTest {
  private static final String ONE_AN_HOUR =
      "limits: [{name: all, scope: Replica, rate: 1/h, burst: 1}]";
  private static final String MANY =
      "limits: [{name: all, scope: Replica, rate: 1000/s, burst: 1000}]";

  @TempDir private Path folder;
  @TempDir private Path state;
  private final ByteArrayOutputStream complaints = new ByteArrayOutputStream();
  private TestUpstream app;
  private TestControlPlane controlPlane;
  private Path lastGood;

  @BeforeEach
  void start() throws IOException {
    lastGood = state.resolve("last-good");
    app = TestUpstream.replying("ok");
    controlPlane = new TestControlPlane(folder, app.port());
    controlPlane.policy("RateLimitPolicy", ONE_AN_HOUR);
    try (TestSidecar sidecar = sidecar()) {
      // At its end it waits for the disk, but not for long.
      Await.until(() -> listens(sidecar) && get(sidecar) == 429 && Files.exists(lastGood));
    }
    controlPlane.stop();
    app.all().clear();
  }

  @AfterEach
  void stop() throws IOException {
    controlPlane.close();
    app.close();
  }

  private TestSidecar sidecar() {
    return TestSidecar.start(
        controlPlane.bootstrap(),
        1,
        Optional.of(lastGood),
        new PrintStream(complaints, true, StandardCharsets.UTF_8));
  }

  private static boolean listens(TestSidecar sidecar) {
    return sidecar.sidecar().addresses().containsKey("in");
  }

  private static int get(TestSidecar sidecar) {
    try (RawClient client = new RawClient(sidecar.port())) {
      return client.get("/").status();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void servesWhatItHadUntilTheControlPlaneHasSomethingNewer() throws IOException {
    try (TestSidecar sidecar = sidecar()) {
      Await.until(() -> listens(sidecar));
      assertEquals(200, get(sidecar));
      assertEquals(429, get(sidecar), "the limit of that time");

      controlPlane.policy("RateLimitPolicy", MANY);
      assertEquals(429, get(sidecar), "nobody has told it");
      controlPlane.startAgain();
      Await.until(() -> get(sidecar) == 200);
      assertEquals(200, get(sidecar));
    }
  }

  static Stream<Named<UnaryOperator<byte[]>>> damages() {
    return Stream.of(
        Named.of("empty", whole -> new byte[0]),
        Named.of("cut in half", whole -> Arrays.copyOf(whole, whole.length / 2)),
        Named.of("short of a byte", whole -> Arrays.copyOf(whole, whole.length - 1)),
        Named.of("a bit flipped", WithoutControlPlaneTest::flipped));
  }

  private static byte[] flipped(byte[] whole) {
    byte[] damaged = whole.clone();
    damaged[whole.length / 2] ^= 1;
    return damaged;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("damages")
  void damagedFileIsReportedAndNotUsedAndTheControlPlaneMendsIt(UnaryOperator<byte[]> damage)
      throws IOException {
    Files.write(lastGood, damage.apply(Files.readAllBytes(lastGood)));
    try (TestSidecar sidecar = sidecar()) {
      Await.until(() ->
          complaints
              .toString(StandardCharsets.UTF_8)
              .contains(lastGood + ": the last good configuration is not used: "));
      assertFalse(listens(sidecar), "there are no routes to serve by");

      controlPlane.startAgain();
      Await.until(() -> listens(sidecar));
      assertEquals(200, get(sidecar));
    }
  }
}
