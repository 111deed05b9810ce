package dev.weir.sidecar.telemetry.recent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.cli.Output;
import dev.weir.cli.story.Explain;
import dev.weir.cli.story.Sidecars;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestControlPlane;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A drill of what goes wrong at night: for each, two sidecars with an app behind them, one call
 * that fails, and the first line of {@code weir explain} of it, which is to be the cause.
 */
class DrillTest {
  private static final String RATE = "weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit";
  private static final String BULKHEAD = "weir.extensions.filters.http.bulkhead.v1alpha1.Bulkhead";

  private final CountDownLatch answer = new CountDownLatch(1);
  private @Nullable TestUpstream app;
  private @Nullable TestSidecar callee;
  private @Nullable TestSidecar caller;

  @AfterEach
  void stop() throws IOException {
    answer.countDown();
    if (caller != null) {
      caller.close();
    }
    if (callee != null) {
      callee.close();
    }
    if (app != null) {
      app.close();
    }
  }

  private TestSidecar caller() {
    return Objects.requireNonNull(caller);
  }

  private TestControlPlane controlPlane(Path folder) throws IOException {
    return new TestControlPlane(folder, Objects.requireNonNull(app).port());
  }

  private TestSidecar callee() {
    return Objects.requireNonNull(callee);
  }

  private void app(TestUpstream.Script script) throws IOException {
    app = TestUpstream.start(script);
  }

  private TestConfig inbound() {
    return TestConfig.to(Objects.requireNonNull(app)).listener("traffic_direction: INBOUND");
  }

  private static TestConfig outbound(int port) {
    return TestConfig.to(port).listener("traffic_direction: OUTBOUND");
  }

  private void mesh(TestConfig in, String... routes) {
    TestSidecar started = in.start();
    callee = started;
    TestConfig out = outbound(started.port());
    List.of(routes).forEach(out::route);
    caller = out.start();
  }

  /** Calls, as the app of the caller does. */
  private int call(String id) throws IOException {
    return call(id, caller().port());
  }

  private static int call(String id, int port) throws IOException {
    try (RawClient client = new RawClient(port)) {
      return client
          .send("GET /buy HTTP/1.1\r\nHost: app\r\nx-request-id: " + id + "\r\n\r\n")
          .read(false)
          .status();
    }
  }

  /** The first line of the story, and below it the rest. */
  private String explained(String id) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TestSidecar other = callee;
    Map<String, TestSidecar> all =
        other == null ? Map.of("caller", caller()) : Map.of("caller", caller(), "callee", other);
    Sidecars sidecars =
        new Sidecars() {
          @Override
          public List<String> names() {
            return all.keySet().stream().sorted().toList();
          }

          @Override
          public String page(String name, String path) throws IOException {
            TestSidecar asked = all.get(name);
            if (asked == null) {
              throw new IOException(name);
            }
            try (RawClient admin = new RawClient(asked.adminPort())) {
              return admin.get(path).body();
            }
          }
        };
    int status =
        Explain.run(
            sidecars,
            Optional.of(id),
            Output.TABLE,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            System.err);
    assertEquals(0, status);
    return out.toString(StandardCharsets.UTF_8);
  }

  private boolean tells(String id, String part) {
    try {
      return explained(id).contains(part);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertWhy(String id, String why) throws IOException {
    String story = explained(id);
    assertTrue(story.lines().skip(1).findFirst().orElse("").startsWith("why: " + why), story);
  }

  @Test
  void appThatIsSlow() throws Exception {
    app((request, out) -> {
      try {
        answer.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return false;
    });
    mesh(inbound(), "timeout: 0.2s");
    assertEquals(504, call("slow"));
    Await.until(() -> callee().stat("http.in.downstream_rq_completed") == 1);
    assertWhy("slow", "the sidecar of caller ended it: request-timeout");
    assertTrue(explained("slow").contains("it had 200.0 ms left"), explained("slow"));
  }

  @Test
  void appThatBreaksOff() throws Exception {
    app((request, out) -> false);
    mesh(inbound());
    assertEquals(503, call("reset"));
    assertWhy("reset", "the sidecar of callee ended it: upstream-closed");
  }

  @Test
  void appThatFailsItself() throws Exception {
    app((request, out) -> TestUpstream.reply(out, 500, "no"));
    mesh(inbound());
    assertEquals(500, call("own"));
    assertWhy("own", "the app of ");
  }

  @Test
  void appThatListensOnAnotherPort() throws Exception {
    try (ClosedPort gone = new ClosedPort()) {
      mesh(TestConfig.to(gone.port()).listener("traffic_direction: INBOUND"));
      assertEquals(503, call("port"));
      assertWhy("port", "the sidecar of callee ended it: connect-failure");
      assertTrue(explained("port").contains("127.0.0.1:" + gone.port()));
    }
  }

  @Test
  void calleeWhoseSidecarIsGone() throws Exception {
    try (ClosedPort gone = new ClosedPort()) {
      caller = outbound(gone.port()).start();
      assertEquals(503, call("gone"));
      assertWhy("gone", "the sidecar of caller ended it: connect-failure");
    }
  }

  @Test
  void breakerThatIsOpen() throws Exception {
    app((request, out) -> TestUpstream.reply(out, 500, "no"));
    callee = inbound().start();
    caller =
        outbound(callee().port())
            .breaker("consecutive_failures: 1, open_for: 100s, probes: 1")
            .start();
    call("first");
    assertEquals(503, call("open"));
    assertWhy("open", "the sidecar of caller ended it: breaker-open;policy=\"shop/app\"");
    assertTrue(explained("open").contains("after 1 failures in a row"), explained("open"));
  }

  @Test
  void limitThatIsReached() throws Exception {
    app((request, out) -> TestUpstream.reply(out, 200, "ok"));
    mesh(
        inbound()
            .filter(
                "weir.filters.http.rate_limit",
                RATE,
                "limits: [{policy: shop/app, name: all, rate_per_second: 0.001, burst: 1}]"));
    call("first");
    assertEquals(429, call("limited"));
    assertWhy("limited", "the sidecar of callee ended it: rate-limited;policy=\"shop/app\"");
    assertTrue(explained("limited").contains("0 of 1 tokens left"));
  }

  @Test
  void appThatDoesNotLetGoOfRequests() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    app((request, out) -> {
      held.countDown();
      try {
        answer.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return false;
    });
    mesh(
        inbound()
            .filter(
                "weir.filters.http.bulkhead",
                BULKHEAD,
                "scope: app, policy: shop/app, max_requests: 1"));
    try (RawClient leak = new RawClient(caller().port())) {
      leak.send("GET /leak HTTP/1.1\r\nHost: app\r\n\r\n");
      held.await();
      assertEquals(503, call("full"));
      assertWhy("full", "the sidecar of callee ended it: bulkhead-full;policy=\"shop/app\"");
      assertTrue(explained("full").contains("1 of 1 requests at a time"), explained("full"));
    }
  }

  @Test
  void retriesThatHaveUsedUpTheirBudget() throws Exception {
    app((request, out) -> TestUpstream.reply(out, 503, "no"));
    callee = inbound().start();
    caller =
        outbound(callee().port())
            .route("retry_policy: {retry_on: 5xx, num_retries: 3}")
            .retryBudget("share: 0, over: 10s, at_least_per_second: 0")
            .start();
    assertEquals(503, call("storm"));
    assertTrue(
        explained("storm").contains("retry: refused (the budget is spent)"), explained("storm"));
  }

  @Test
  void policyThatAsksForMoreThanTheAppCanDo(@TempDir Path folder) throws Exception {
    AtomicInteger calls = new AtomicInteger();
    app((request, out) -> calls.getAndIncrement() > 0 || TestUpstream.reply(out, 200, "ok"));
    try (TestControlPlane controlPlane = controlPlane(folder)) {
      caller = TestSidecar.start(controlPlane.bootstrap(), 1);
      Await.until(() -> caller().sidecar().addresses().containsKey("out"));
      int out = caller().port("out");
      assertEquals(200, call("before", out));
      controlPlane.policy("ResiliencePolicy", "timeouts: {request: 50ms}");
      Await.until(() -> tells("before", "routes outbound|8080|shop/inventory changed"));
      assertEquals(504, call("slow", out));
      assertWhy(
          "slow", "the sidecar of caller ended it: request-timeout;policy=\"shop/inventory\"");
      // Which edit was before it, and which since.
      assertTrue(explained("slow").contains(", still in force"), explained("slow"));
      assertTrue(
          explained("before").contains("; since then ")
              && explained("before").contains("routes outbound|8080|shop/inventory changed"),
          explained("before"));
    }
  }

  @Test
  void controlPlaneThatIsAwayWhileAnInstanceMoves(@TempDir Path folder) throws Exception {
    app((request, out) -> TestUpstream.reply(out, 200, "ok"));
    try (TestControlPlane controlPlane = controlPlane(folder)) {
      caller = TestSidecar.start(controlPlane.bootstrap(), 1);
      Await.until(() -> caller().sidecar().addresses().containsKey("out"));
      int out = caller().port("out");
      assertEquals(200, call("before", out));
      controlPlane.stop();
      Await.until(() -> caller().stat("control_plane.connected_state") == 0);
      Objects.requireNonNull(app).close();
      assertEquals(503, call("moved", out));
      assertTrue(explained("moved").contains("connection_refused"), explained("moved"));
      assertTrue(
          explained("moved").contains("the control plane at 127.0.0.1:")
              && explained("moved").contains(" on, until now"),
          explained("moved"));
      assertFalse(explained("before").contains("the control plane at"), explained("before"));
      controlPlane.startAgain();
      Await.until(() -> !tells("moved", "until now"));
      assertTrue(explained("moved").contains("the control plane at 127.0.0.1:"));
    }
  }

  @Test
  void certificateThatIsExpired(@TempDir Path folder) throws Exception {
    TestCa ca = TestCa.create(folder, "ca");
    Instant hourAgo = Instant.now().minus(Duration.ofHours(1));
    app((request, out) -> TestUpstream.reply(out, 200, "ok"));
    callee =
        inbound()
            .downstreamTls(
                ca.issue(edit ->
                    edit.addSanDnsName("app")
                        .notBefore(hourAgo.minus(Duration.ofDays(1)))
                        .notAfter(hourAgo)),
                "alpn_protocols: [http/1.1]",
                "")
            .start();
    caller =
        outbound(callee().port())
            .upstreamTls(
                "validation_context: {trusted_ca: {filename: " + ca.certificate() + "}}", "")
            .start();
    assertEquals(503, call("expired"));
    assertWhy("expired", "the sidecar of caller ended it: connect-failure");
    assertTrue(explained("expired").contains("expired"), explained("expired"));
  }

  @Test
  void certificateThatIsNotToBeTrusted(@TempDir Path folder) throws Exception {
    TestCa other = TestCa.create(folder, "other");
    TestCa trusted = TestCa.create(folder, "trusted");
    app((request, out) -> TestUpstream.reply(out, 200, "ok"));
    callee = inbound().downstreamTls(other.issue("app"), "alpn_protocols: [http/1.1]", "").start();
    caller =
        outbound(callee().port())
            .upstreamTls(
                "validation_context: {trusted_ca: {filename: " + trusted.certificate() + "}}", "")
            .start();
    assertEquals(503, call("tls"));
    assertWhy("tls", "the sidecar of caller ended it: connect-failure");
    assertTrue(explained("tls").contains("TLS_error"), explained("tls"));
  }
}
