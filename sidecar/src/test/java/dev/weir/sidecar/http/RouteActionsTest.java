package dev.weir.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a route does beside passing on, field by field. */
class RouteActionsTest {
  private TestUpstream app;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("hello");
  }

  @AfterEach
  void stop() throws IOException {
    app.close();
  }

  /** The answer where {@code action} takes the place of the route to the app. */
  private RawClient.Response ask(String action, String fields) throws IOException {
    String yaml =
        TestConfig.to(app)
            .yaml()
            .replaceFirst("( +)route:\n +cluster: app\n", "$1" + action + "\n");
    return ask(TestSidecar.start(yaml, 1), fields);
  }

  private static RawClient.Response ask(TestSidecar started, String fields) throws IOException {
    try (TestSidecar sidecar = started;
        RawClient client = new RawClient(sidecar.port())) {
      return client.send("GET / HTTP/1.1\r\nHost: app\r\n" + fields + "\r\n").read(false);
    }
  }

  @Test
  void aRedirectHasTheConfiguredStatus() throws IOException {
    assertEquals(301, ask("redirect: {path_redirect: /new}", "").status());
    assertEquals(
        308,
        ask("redirect: {path_redirect: /new, response_code: PERMANENT_REDIRECT}", "").status());
  }

  /** What a regular expression makes of a path is known with the path. */
  @Test
  void aRewriteThatLeavesNoPathIsAnsweredByName() throws IOException {
    for (String left : new String[] {"", "evil.example/"}) {
      String rewrite =
          "regex_rewrite: {pattern: {regex: \"^/.*\"}, substitution: \"%s\"}".formatted(left);
      for (String action :
          new String[] {"route: {cluster: app, " + rewrite + "}", "redirect: {" + rewrite + "}"}) {
        RawClient.Response answer = ask(action, "");
        assertEquals(500, answer.status(), action);
        assertEquals("rewrite-failed", answer.field("x-weir-cause"));
        assertEquals("", answer.field("location"));
      }
    }
    assertEquals(List.of(), app.all());
  }

  @Test
  void aDirectResponseHasItsBodyAlsoAsBytes() throws IOException {
    assertEquals(
        "bytes", ask("direct_response: {status: 200, body: {inline_bytes: Ynl0ZXM=}}", "").body());
  }

  @Test
  void aFieldIsAppendedOrOverwrittenByTheOlderWordToo() throws Exception {
    for (boolean append : List.of(true, false)) {
      ask(
          "request_headers_to_add: [{header: {key: x-a, value: ours}, append: %s}]\n                route: {cluster: app}"
              .formatted(append),
          "x-a: theirs\r\n");
      String head = app.next().head();
      assertEquals(append, head.contains("theirs"), head);
    }
  }

  @Test
  void aRoutesIdleTimeoutIsItsOwn() throws IOException {
    app.script((request, out) -> true); // it never answers
    assertEquals(504, ask("route: {cluster: app, idle_timeout: 0.1s}", "").status());
  }

  @Test
  void theGrpcTimeoutOfACallerIsInForceWhereARouteTakesIt() throws IOException {
    app.script((request, out) -> true);
    RawClient.Response late =
        ask(
            "route: {cluster: app, max_grpc_timeout: 0s}",
            "Content-Type: application/grpc\r\nTE: trailers\r\nGrpc-Timeout: 100m\r\n");
    assertEquals("4", late.field("grpc-status"));
  }

  @Test
  void aRoutesPriorityHasThresholdsOfItsOwn() throws IOException {
    for (String priority : List.of("DEFAULT", "HIGH")) {
      TestSidecar sidecar =
          TestConfig.to(app)
              .route("priority: " + priority)
              .cluster("circuit_breakers: {thresholds: [{priority: HIGH, max_requests: 0}]}")
              .start();
      assertEquals(priority.equals("HIGH") ? 503 : 200, ask(sidecar, "").status());
    }
  }

  @Test
  void aWeightedClusterHasAFilterConfigOfItsOwn() throws IOException {
    String type = "type.googleapis.com/envoy.extensions.filters.http.buffer.v3.BufferPerRoute";
    String yaml =
        TestConfig.to(app)
            .filter(
                "small", "envoy.extensions.filters.http.buffer.v3.Buffer", "max_request_bytes: 4")
            .yaml()
            .replaceFirst(
                "( +)cluster: app\n",
                "$1weighted_clusters: {clusters: [{name: app, weight: 1, typed_per_filter_config: {small: {\"@type\": "
                    + type
                    + ", disabled: true}}}]}\n");
    try (TestSidecar sidecar = TestSidecar.start(yaml, 1);
        RawClient client = new RawClient(sidecar.port())) {
      client.send("POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 5\r\n\r\n12345");
      assertEquals(200, client.read(false).status());
    }
  }

  @Test
  void howLongTheAppTookIsToldUnlessTheRouterIsToBeSilent() throws IOException {
    String told = "x-envoy-upstream-service-time";
    assertNotEquals("", ask("route: {cluster: app}", "").field(told));
    String silent =
        TestConfig.to(app)
            .yaml()
            .replace("router.v3.Router}", "router.v3.Router, suppress_envoy_headers: true}");
    assertEquals("", ask(TestSidecar.start(silent, 1), "").field(told));
  }
}
