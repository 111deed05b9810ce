package dev.weir.control.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.ui.looker.UiServer;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@code weir ui} shows, and to whom. */
class LookerTest {
  private final OneSidecar mesh = new OneSidecar();
  private final UiServer server = new UiServer(mesh, 0, Duration.ofMillis(100));
  private final HttpClient client =
      HttpClient.newBuilder()
          .cookieHandler(new CookieManager())
          .followRedirects(HttpClient.Redirect.ALWAYS)
          .build();

  LookerTest() throws IOException {}

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private HttpResponse<String> get(String url) throws Exception {
    return client.send(request(url), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest request(String url) {
    return HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10)).build();
  }

  private String at(String path) {
    return server.url().replaceFirst("/ui/.*", path);
  }

  @Test
  void whoHasNotTheAddressThatWasPrintedSeesNothing() throws Exception {
    for (String path : List.of("/ui/", "/api/v1/requests", "/api/v1/live", "/api/v1/tap")) {
      HttpResponse<String> response = get(at(path));
      assertEquals(403, response.statusCode(), path);
      assertFalse(response.body().contains("/a"), path);
    }
    assertEquals(403, get(at("/ui/?key=guessed")).statusCode());
  }

  @Test
  void whoHasItSeesThePageAndKeepsTheKeyInACookie() throws Exception {
    HttpResponse<String> page = get(server.url());
    assertEquals(200, page.statusCode());
    assertEquals("/ui/", page.uri().getPath());
    assertFalse(page.uri().toString().contains("key"), page.uri().toString());
    assertEquals(
        "{\"asked\":\"/api/v1/policy?resource=A%20b/c&minutes=60\"}",
        get(at("/api/v1/policy?resource=A%20b/c&minutes=60")).body());
    assertEquals(503, get(at("/api/v1/proxies")).statusCode());
  }

  @Test
  void addressThatIsShownToOthersForAMomentOpensOnce() throws Exception {
    String url = server.urlOnce();
    assertEquals(200, get(url).statusCode());
    try (HttpClient other =
        HttpClient.newBuilder().followRedirects(HttpClient.Redirect.ALWAYS).build()) {
      assertEquals(
          403, other.send(request(url), HttpResponse.BodyHandlers.ofString()).statusCode());
    }
  }

  @Test
  void failuresLeadToTheirStories() throws Exception {
    get(server.url());
    String requests = get(at("/api/v1/requests")).body();
    assertTrue(
        requests.startsWith("{\"requests\":[{\"sidecar\":\"web-1\",\"service\":\"web\","),
        requests);
    String story = get(at("/api/v1/explain?id=7f")).body();
    assertTrue(story.startsWith("{\"why\":\"the sidecar of web-1 ended it: breaker-open"), story);
    HttpResponse<String> none = get(at("/api/v1/explain?id=8"));
    assertEquals(404, none.statusCode());
    assertTrue(none.body().contains("no sidecar has kept a request or trace 8"), none.body());
  }

  @Test
  void requestsAreToldAsTheyEndByTheFiltersOfWhoWatches() throws Exception {
    get(server.url());
    HttpResponse<Stream<String>> tap =
        client.send(
            request(at("/api/v1/tap?sidecar=web-1&status=5xx&path=/a%26b")),
            HttpResponse.BodyHandlers.ofLines());
    try (Stream<String> lines = tap.body()) {
      String told = lines.filter(line -> line.startsWith("data: ")).findFirst().orElseThrow();
      assertTrue(told.contains("\"request_id\":\"7f\""), told);
    }
    assertTrue(
        mesh.asked().getFirst().endsWith("&path=%2Fa%26b&status=5xx"), mesh.asked().getFirst());
  }

  @Test
  void watchThatIsWrongIsToldWhatItCanBe() throws Exception {
    get(server.url());
    HttpResponse<String> wrong = get(at("/api/v1/tap?status=fine"));
    assertEquals(400, wrong.statusCode());
    assertTrue(wrong.body().contains("expected one of"), wrong.body());
    HttpResponse<String> nobody = get(at("/api/v1/tap?sidecar=none"));
    assertEquals(503, nobody.statusCode());
    assertTrue(nobody.body().contains("no instance of none runs"), nobody.body());
  }
}
