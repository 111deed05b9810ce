package dev.weir.sidecar.telemetry.summary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestControlPlane;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a call through a sidecar to the control plane's page. */
@Tag("slow")
class TrafficPageTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: inventory.shop\r\n\r\n";

  @TempDir Path folder;

  private static String page(TestControlPlane controlPlane) {
    URI uri =
        URI.create(
            "http://127.0.0.1:" + controlPlane.running().admin().getPort() + "/traffic?seconds=60");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ten seconds at most: {@link Await}. */
  private static void awaitPage(TestControlPlane controlPlane, String text) {
    Await.until(() -> page(controlPlane).contains(text), () -> page(controlPlane));
  }

  private static int call(TestSidecar sidecar, String listener) throws Exception {
    try (RawClient client = new RawClient(sidecar.port(listener))) {
      return client.send(GET).read(false).status();
    }
  }

  @Test
  void refusalIsShownWithItsCauseAndPolicyWithinTenSeconds() throws Exception {
    try (TestUpstream app = TestUpstream.replying("good");
        TestControlPlane controlPlane = new TestControlPlane(folder, app.port())) {
      controlPlane.policy(
          "RateLimitPolicy", "limits: [{name: all, scope: Replica, rate: 1/h, burst: 3}]");
      try (TestSidecar sidecar = TestSidecar.start(controlPlane.bootstrap(), 2)) {
        Await.until(() -> answers(sidecar, 200));
        Await.until(() -> answers(sidecar, 429));
        awaitPage(controlPlane, "rate-limited by shop/inventory");
        assertTrue(page(controlPlane).contains("\"to\": \"shop/inventory:8080\""));
        assertEquals(TestControlPlane.NODE, controlPlane.running().speakers().getFirst().id());
        assertTrue(controlPlane.running().speakers().getFirst().residentBytes() > 10 << 20);
      }
      Await.until(() -> controlPlane.running().speakers().isEmpty());
    }
  }

  private static boolean answers(TestSidecar sidecar, int status) {
    if (!sidecar.sidecar().addresses().containsKey("in")) {
      return false;
    }
    try {
      return call(sidecar, "in") == status;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void controlPlaneThatBeginsAnewIsToldAgain() throws Exception {
    try (TestUpstream app = TestUpstream.replying("good");
        TestControlPlane controlPlane = new TestControlPlane(folder, app.port());
        TestSidecar sidecar = TestSidecar.start(controlPlane.bootstrap(), 1)) {
      Await.until(() -> answers(sidecar, 200));
      awaitPage(controlPlane, "shop/inventory:8080");
      controlPlane.stop();
      assertEquals(200, call(sidecar, "in"));
      controlPlane.startAgain();
      Await.until(() -> !controlPlane.running().speakers().isEmpty());
      awaitPage(controlPlane, "shop/inventory:8080");
    }
  }
}
