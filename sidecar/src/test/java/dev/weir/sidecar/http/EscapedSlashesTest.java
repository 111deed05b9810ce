package dev.weir.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that escape slashes are sent to the path without. */
final class EscapedSlashesTest {
  private TestUpstream app;
  private TestSidecar sidecar;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("app");
    sidecar =
        TestConfig.to(app)
            .manager("path_with_escaped_slashes_action: UNESCAPE_AND_REDIRECT")
            .manager("normalize_path: true")
            .manager("merge_slashes: true")
            .start();
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    app.close();
  }

  private RawClient.Response ask(String path, String fields) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      return client
          .send("GET " + path + " HTTP/1.1\r\nHost: app\r\n" + fields + "\r\n")
          .read(false);
    }
  }

  @Test
  void clientIsRedirectedToThePathWithItsQuery() throws IOException {
    RawClient.Response response = ask("/a%2F%2fb%5C..%2Fc?to=%2Fx", "");
    assertEquals(307, response.status());
    assertEquals("/a/c?to=%2Fx", response.field("location"));
    assertEquals(List.of(), app.all());
    assertEquals(1, sidecar.stat("http.in.downstream_rq_redirected_with_normalized_path"));

    assertEquals(200, ask(response.field("location"), "").status(), "there it is served");
  }

  @Test
  void pathWithoutAnEscapedSlashIsServed() throws Exception {
    assertEquals(200, ask("//a/./%61?to=%2Fx", "").status());
    assertEquals("GET /a/a?to=%2Fx HTTP/1.1", app.next().line());
  }

  @Test
  void callOfGrpcIsRefused() throws IOException {
    RawClient.Response response = ask("/a%2Fb", "content-type: application/grpc\r\n");
    assertEquals("13", response.field("grpc-status"));
    assertTrue(response.field("location").isEmpty());
    assertEquals(List.of(), app.all());
    assertEquals(1, sidecar.stat("http.in.downstream_rq_failed_path_normalization"));
  }
}
