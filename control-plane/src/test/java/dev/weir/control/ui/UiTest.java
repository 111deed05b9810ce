package dev.weir.control.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.traffic.MeshEvent;
import dev.weir.control.traffic.Outcome;
import dev.weir.control.traffic.Reporter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the live page's server says, to browsers and to whoever is none. */
class UiTest {
  private static final String SHOP =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop}
      spec: {ports: [{name: http, port: 8080}]}
      ---
      apiVersion: weir.dev/v1alpha1
      kind: RateLimitPolicy
      metadata: {name: cart, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: cart}]
        limits: [{name: all, scope: Replica, rate: 10/s, burst: 10}]
      ---
      apiVersion: weir.dev/v1alpha1
      kind: ResiliencePolicy
      metadata: {name: cart, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: cart}]
        circuitBreaker: {scope: Service, trip: {consecutiveFailures: 5}}
      """;

  private static final long NOW = 1_700_000_002_000L; // a step began two seconds ago

  @TempDir Path folder;
  private TestUi ui;

  @BeforeEach
  void start() throws IOException {
    ui = new TestUi(folder, SHOP, () -> Instant.ofEpochMilli(NOW));
  }

  @AfterEach
  void stop() {
    ui.close();
  }

  private HttpResponse<String> get(String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create(ui.url() + path))
              .timeout(Duration.ofSeconds(10))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void rateIsThatOfWholeStepsAndFailuresAreThoseOfTheLatest() throws Exception {
    for (int ago = 3; ago >= 1; ago--) {
      ui.told(Reporter.SOURCE, "shop/web", "shop/cart", 50, "2xx", "", "", NOW - ago * 5000L);
    }
    ui.told(Reporter.SOURCE, "shop/web", "shop/cart", 50, "5xx", "breaker-open", "shop/cart", NOW);
    assertEquals(
        """
        {"services":[{"name":"shop/cart","instances":0,"external":false,"policies":2}],\
        "edges":[{"from":"shop/web","to":"shop/cart","port":8080,"protocol":"http","rps":10.0,\
        "success":0.5,"p50":11.049,"p99":11.049,"requests":100,"failed":50,"by":"source","causes":[{"cause":"breaker-open",\
        "answer":"","policy":"shop/cart","resource":"ResiliencePolicy shop/cart","count":50}]}],\
        "findings":0}\
        """,
        get("/api/v1/topology").body());
  }

  @Test
  void whatTheCalleeRefusedIsAFailureThoughTheCallerSawAnAnswerAsAny() throws Exception {
    ui.told(Reporter.SOURCE, "shop/web", "shop/cart", 60, "2xx", "", "", NOW);
    ui.told(Reporter.SOURCE, "shop/web", "shop/cart", 40, "4xx", "", "", NOW);
    ui.told(Reporter.DESTINATION, "shop/web", "shop/cart", 60, "2xx", "", "", NOW);
    ui.told(
        Reporter.DESTINATION, "shop/web", "shop/cart", 40, "4xx", "rate-limited", "shop/cart", NOW);
    String topology = get("/api/v1/topology").body();
    assertTrue(topology.contains("\"success\":0.6,"), topology);
    assertTrue(
        topology.contains(
            "\"cause\":\"rate-limited\",\"answer\":\"\",\"policy\":\"shop/cart\","
                + "\"resource\":\"RateLimitPolicy shop/cart\",\"count\":40"),
        topology);
  }

  @Test
  void policyHasWhatItEndedOverTimeAndWhatHappenedToIt() throws Exception {
    ui.told(
        Reporter.DESTINATION,
        "shop/web",
        "shop/cart",
        7,
        "4xx",
        "rate-limited",
        "shop/cart",
        NOW - 5000);
    ui.events.add(
        new MeshEvent(NOW - 60_000, MeshEvent.Kind.EDITED, "shop/cart", "", "", "rate is 10/s"));
    String policy = get("/api/v1/policy?resource=RateLimitPolicy%20shop/cart&minutes=15").body();
    assertTrue(
        policy.startsWith(
            "{\"resource\":\"RateLimitPolicy shop/cart\",\"kind\":\"RateLimitPolicy\","
                + "\"namespace\":\"shop\",\"name\":\"cart\","),
        policy);
    assertTrue(policy.contains("\"step\":5000,"), policy);
    assertTrue(policy.contains(",0,7]}],\"shadows\":[]"), policy);
    assertTrue(policy.contains("\"kind\":\"edited\",\"policy\":\"shop/cart\""), policy);
    assertTrue(get("/api/v1/policies").body().contains("\"refused\":7"));
  }

  @Test
  void policyInShadowModeHasWhatItWouldHaveEnded() throws Exception {
    ui.told(
        Reporter.DESTINATION,
        "shop/web",
        "shop/cart",
        7,
        new Outcome("http", "2xx", "", "", "", "rate-limited", "shop/cart"),
        NOW - 5000);
    String policy = get("/api/v1/policy?resource=RateLimitPolicy%20shop/cart&minutes=15").body();
    assertTrue(
        policy.contains(
            "\"causes\":[],\"shadows\":[{\"cause\":\"rate-limited\",\"answer\":\"\","
                + "\"policy\":\"shop/cart\",\"resource\":\"RateLimitPolicy shop/cart\",\"counts\":["),
        policy);
    assertTrue(policy.contains(",0,7]}]},"), policy);
    String policies = get("/api/v1/policies").body();
    assertTrue(policies.contains("\"refused\":0,\"wouldRefuse\":7}"), policies);
    assertTrue(policies.contains("\"refused\":0,\"wouldRefuse\":0}"), policies);
    assertTrue(get("/api/v1/topology").body().contains("\"success\":1.0,"));
  }

  @Test
  void serviceSaysWhatHoldsAndWhoCallsIt() throws Exception {
    ui.told(Reporter.SOURCE, "shop/web", "shop/cart", 5, "2xx", "", "", NOW);
    String service = get("/api/v1/service?name=shop/cart").body();
    assertTrue(service.contains("\"callers\":[{\"from\":\"shop/web\""), service);
    assertTrue(service.contains("\"section\":\"circuitBreaker\""), service);
    assertTrue(get("/api/v1/service?name=shop/web").body().contains("\"calls\":[{\"from\""));
    assertEquals(404, get("/api/v1/service?name=shop/nobody").statusCode());
    assertEquals(400, get("/api/v1/service").statusCode());
    assertEquals(400, get("/api/v1/service?name=shop/cart&minutes=1441").statusCode());
  }

  @Test
  void browserIsToldWhatThePageMayDo() throws Exception {
    for (String path : List.of("/ui/", "/ui/main.js", "/ui/lib/dagre.js", "/api/v1/topology")) {
      HttpResponse<String> response = get(path);
      assertEquals(200, response.statusCode(), path);
      assertEquals(
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
              + " img-src 'self' data:; base-uri 'none'; form-action 'none';"
              + " frame-ancestors 'none'",
          response.headers().firstValue("Content-Security-Policy").orElseThrow(),
          path);
      assertEquals(
          "nosniff", response.headers().firstValue("X-Content-Type-Options").orElseThrow());
      assertEquals("no-referrer", response.headers().firstValue("Referrer-Policy").orElseThrow());
      assertFalse(response.headers().firstValue("Access-Control-Allow-Origin").isPresent());
    }
  }

  @Test
  void fileThatIsTheSameIsNotSentAgain() throws Exception {
    String tag = get("/ui/main.js").headers().firstValue("ETag").orElseThrow();
    String said = raw("GET /ui/main.js HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: " + tag);
    assertTrue(said.startsWith("HTTP/1.1 304 "), said);
  }

  @Test
  void nothingOutsideOfThePagesFolderIsServed() throws Exception {
    for (String path :
        List.of("/ui/../json/JsonText.class", "/ui/%2e%2e/Ui.class", "/ui/lib/", "/ui/none.js")) {
      assertTrue(raw("GET " + path + " HTTP/1.1\r\nHost: localhost").contains(" 404 "), path);
    }
  }

  @Test
  void nothingButReadingIsLetThrough() throws Exception {
    for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS")) {
      String said = raw(method + " /api/v1/topology HTTP/1.1\r\nHost: localhost");
      assertTrue(said.startsWith("HTTP/1.1 405 "), said);
      assertTrue(said.contains("Allow: GET, HEAD\r\n"), said);
    }
    assertTrue(raw("HEAD /ui/ HTTP/1.1\r\nHost: localhost").startsWith("HTTP/1.1 200 "));
  }

  @Test
  void whoComesByAnothersNameIsTurnedAway() throws Exception {
    for (String host : List.of("evil.example", "evil.example:15014", "127.0.0.1.evil.example")) {
      for (String path : List.of("/ui/", "/api/v1/topology", "/api/v1/live")) {
        String said = raw("GET " + path + " HTTP/1.1\r\nHost: " + host);
        assertTrue(said.startsWith("HTTP/1.1 421 "), said);
      }
    }
    for (String host : List.of("localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]:80")) {
      assertTrue(raw("GET /ui/ HTTP/1.1\r\nHost: " + host).startsWith("HTTP/1.1 200 "), host);
    }
  }

  private String raw(String head) throws IOException {
    try (Socket socket = new Socket(ui.address().getAddress(), ui.address().getPort())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write((head + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void listenerIsToldWhatIsAndThenEachChange() throws Exception {
    try (Socket socket = new Socket(ui.address().getAddress(), ui.address().getPort())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              "GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 1\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      awaited(in, "retry: 2000");
      awaited(in, "event: topology");
      awaited(in, "\"edges\":[]");
      ui.told(Reporter.SOURCE, "shop/web", "shop/cart", 5, "2xx", "", "", NOW);
      awaited(in, "event: topology");
      awaited(in, "\"from\":\"shop/web\"");
    }
  }

  private static void awaited(BufferedReader in, String part) throws IOException {
    String line = in.readLine();
    while (line != null && !line.contains(part)) {
      line = in.readLine();
    }
    assertTrue(line != null, "the stream ended before " + part);
  }
}
