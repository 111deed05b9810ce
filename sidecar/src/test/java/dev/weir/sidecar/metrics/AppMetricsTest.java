package dev.weir.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.telemetry.edge.Edges;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The app's own metrics behind ours. */
class AppMetricsTest {
  private static final String OPENMETRICS = "Accept: application/openmetrics-text\r\n";

  private static TestUpstream app(String type, String body) throws IOException {
    return TestUpstream.start((request, out) -> {
      TestUpstream.write(
          out,
          "HTTP/1.1 200 OK\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n%s"
              .formatted(type, body.length(), body));
      return true;
    });
  }

  private static TestSidecar beside(int port) {
    return TestSidecar.start(
        TestConfig.to(port).yaml(),
        new MetricsOptions(
            Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
            Optional.of(AppMetrics.Place.parse(port + "/own?of=app")),
            Edges.DEFAULT_MOST));
  }

  private static RawClient.Response scrape(TestSidecar sidecar, String fields) throws IOException {
    try (RawClient client = new RawClient(sidecar.metricsPort())) {
      return client
          .send("GET /stats/prometheus HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n")
          .read(false);
    }
  }

  @Test
  void theyFollowOursInTheFormatOfTheApp() throws Exception {
    try (TestUpstream app = app("text/plain; version=0.0.4", "# TYPE orders counter\norders 7\n");
        TestSidecar sidecar = beside(app.port())) {
      RawClient.Response response = scrape(sidecar, OPENMETRICS);
      assertTrue(response.field("content-type").startsWith("text/plain"), response.head());
      assertTrue(response.body().contains("\nweir_app_scrape_up 1\n"), response.body());
      assertTrue(response.body().endsWith("\n# TYPE orders counter\norders 7\n"), response.body());
      TestUpstream.Request asked = app.next();
      assertEquals("GET /own?of=app HTTP/1.1", asked.line());
      assertTrue(asked.field("accept").startsWith("application/openmetrics-text"), asked.head());
    }
  }

  @Test
  void appsThatSpeakOpenMetricsEndWithOurMark() throws Exception {
    try (TestUpstream app =
            app(
                "application/openmetrics-text; version=1.0.0",
                "# TYPE orders counter\norders_total 7\n# EOF\n");
        TestSidecar sidecar = beside(app.port())) {
      RawClient.Response response = scrape(sidecar, OPENMETRICS);
      assertTrue(response.field("content-type").startsWith("application/openmetrics-text"));
      assertTrue(response.body().endsWith("\norders_total 7\n# EOF\n"), response.body());
      assertEquals(1, response.body().split("# EOF", -1).length - 1);
      // To who does not take it, ours alone.
      String plain = scrape(sidecar, "").body();
      assertTrue(plain.contains("\nweir_app_scrape_up 0\n"), plain);
      assertFalse(plain.contains("orders"), plain);
    }
  }

  @Test
  void appThatHasNoneOrIsNotThereCostsNoneOfOurs() throws Exception {
    try (TestUpstream app =
            TestUpstream.start((request, out) -> TestUpstream.reply(out, 500, "oops"));
        TestSidecar sidecar = beside(app.port());
        ClosedPort closed = new ClosedPort();
        TestSidecar alone = beside(closed.port())) {
      for (TestSidecar each : new TestSidecar[] {sidecar, alone}) {
        RawClient.Response response = scrape(each, OPENMETRICS);
        assertEquals(200, response.status());
        assertTrue(response.body().contains("\nweir_app_scrape_up 0\n"), response.body());
        assertTrue(response.body().contains("\nweir_edges 0\n"), response.body());
        assertTrue(response.body().endsWith("\n# EOF\n"), response.body());
      }
    }
  }

  @Test
  void appThatIsSlowOrEndlessIsLeftOut() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (TestUpstream slow =
            TestUpstream.start((request, out) -> {
              try {
                never.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return false;
            });
        TestUpstream endless = app("text/plain", "a".repeat(100_000))) {
      AppMetrics.Scrape none =
          new AppMetrics(
                  new AppMetrics.Place(slow.port(), "/"),
                  1000,
                  Duration.ofMillis(100),
                  Clock.SYSTEM)
              .ask(MetricsFormat.TEXT);
      assertFalse(none.failure().isEmpty());
      AppMetrics.Scrape much =
          new AppMetrics(
                  new AppMetrics.Place(endless.port(), "/"),
                  50_000,
                  Duration.ofSeconds(5),
                  Clock.SYSTEM)
              .ask(MetricsFormat.TEXT);
      assertEquals("it has more than 50000 bytes", much.failure());
      never.countDown();
    }
  }

  @Test
  void placeIsAPortAndAPath() {
    assertEquals(new AppMetrics.Place(8080, "/metrics"), AppMetrics.Place.parse("8080"));
    assertEquals(new AppMetrics.Place(80, "/a/b"), AppMetrics.Place.parse("80/a/b"));
    for (String wrong : new String[] {"", "a", "/a", "0/a", "65536", "80a", "123456"}) {
      assertThrows(IllegalArgumentException.class, () -> AppMetrics.Place.parse(wrong), wrong);
    }
  }
}
