package dev.weir.sidecar.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.GatewayMesh;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.EnvoyProcess;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawClient.Response;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who has come to an instance comes to it again. */
class SessionPersistenceTest {
  private static final int CALLS = 20;

  @TempDir Path folder;

  private TestUpstream one;
  private TestUpstream other;

  @BeforeEach
  void start() throws IOException {
    one = TestUpstream.replying("one");
    other = TestUpstream.replying("other");
  }

  @AfterEach
  void stop() throws IOException {
    one.close();
    other.close();
  }

  private static String mesh(String session) {
    return GatewayMesh.services("app")
        + GatewayMesh.route(
            "app",
            "app",
            "[{backendRefs: [{name: app, port: 8080}], sessionPersistence: {%s}}]"
                .formatted(session));
  }

  private String bootstrap(GatewayMesh mesh) {
    assertEquals(List.of(), mesh.findings());
    return mesh.bootstrap("app", Map.of("app", List.of(one.port(), other.port())));
  }

  private TestSidecar sidecar(String session) {
    return TestSidecar.start(bootstrap(GatewayMesh.of(mesh(session))), 1);
  }

  private static Response get(int port, String field) throws IOException {
    try (RawClient client = new RawClient(port)) {
      return client.send("GET / HTTP/1.1\r\nHost: app\r\n%s\r\n".formatted(field)).read(false);
    }
  }

  /** The field that a client sends after {@code response}. */
  private static String cookie(Response response) {
    String set = response.field("set-cookie");
    assertTrue(set.contains(";"), set);
    return "Cookie: a=b; " + set.substring(0, set.indexOf(';')) + "\r\n";
  }

  private static Set<String> answers(int port, String field) throws IOException {
    Set<String> answers = new HashSet<>();
    for (int i = 0; i < CALLS; i++) {
      Response response = get(port, field);
      assertEquals("", response.field("set-cookie")); // the client has it
      answers.add(response.body());
    }
    return answers;
  }

  private void staysWithItsInstanceWhileItIsThere(int port) throws IOException {
    Response first = get(port, "");
    assertEquals(Set.of(first.body()), answers(port, cookie(first)));
    Set<String> without = new HashSet<>();
    for (int i = 0; i < CALLS * 2; i++) {
      without.add(get(port, "").body());
    }
    assertEquals(Set.of("one", "other"), without);
    boolean byOne = first.body().equals("one");
    (byOne ? one : other).close();
    Response moved = get(port, cookie(first));
    assertEquals(byOne ? "other" : "one", moved.body());
    assertNotEquals(cookie(first), cookie(moved));
    assertEquals(Set.of(moved.body()), answers(port, cookie(moved)));
  }

  @Test
  void callsWithTheCookieStayWithAnInstanceAndMoveWhenItIsGone() throws IOException {
    try (TestSidecar sidecar = sidecar("sessionName: cart")) {
      staysWithItsInstanceWhileItIsThere(sidecar.port());
    }
  }

  @Test
  @Tag("envoy")
  void realEnvoyDoesTheSameByTheSameRoute() throws IOException {
    String bootstrap = bootstrap(GatewayMesh.ofEnvoy(mesh("sessionName: cart")));
    try (EnvoyProcess envoy = EnvoyProcess.start(bootstrap, folder)) {
      staysWithItsInstanceWhileItIsThere(envoy.port());
    }
  }

  @Test
  @Tag("envoy")
  void cookieOfRealEnvoyIsOursAndOursIsEnvoys() throws IOException {
    String session =
        "sessionName: cart, absoluteTimeout: 1h, cookieConfig: {lifetimeType: Permanent}";
    String bootstrap = bootstrap(GatewayMesh.ofEnvoy(mesh(session)));
    try (EnvoyProcess envoy = EnvoyProcess.start(bootstrap, folder);
        TestSidecar sidecar = sidecar(session)) {
      Response byEnvoy = get(envoy.port(), "");
      assertEquals(Set.of(byEnvoy.body()), answers(sidecar.port(), cookie(byEnvoy)));
      Response byUs = get(sidecar.port(), "");
      assertEquals(Set.of(byUs.body()), answers(envoy.port(), cookie(byUs)));
      assertEquals(attributes(byEnvoy.field("set-cookie")), attributes(byUs.field("set-cookie")));
    }
  }

  /** All but the value. */
  private static String attributes(String cookie) {
    return cookie.replaceFirst("\"[^\"]*\"", "");
  }

  @Test
  void cookieLivesAsTheRouteSays() throws IOException {
    try (TestSidecar sidecar = sidecar("sessionName: cart")) {
      assertEquals(
          "cart=; Path=/; HttpOnly", attributes(get(sidecar.port(), "").field("set-cookie")));
    }
    try (TestSidecar sidecar =
        sidecar(
            "sessionName: cart, absoluteTimeout: 90s, cookieConfig: {lifetimeType: Permanent}")) {
      assertEquals(
          "cart=; Max-Age=90; Path=/; HttpOnly",
          attributes(get(sidecar.port(), "").field("set-cookie")));
    }
  }

  @Test
  void headerIsGivenBackByTheClient() throws IOException {
    try (TestSidecar sidecar = sidecar("sessionName: X-Session, type: Header")) {
      Response first = get(sidecar.port(), "");
      String field = "X-Session: " + first.field("x-session") + "\r\n";
      for (int i = 0; i < CALLS; i++) {
        Response response = get(sidecar.port(), field);
        assertEquals(first.body(), response.body());
        assertEquals("", response.field("x-session"));
      }
    }
  }

  @Test
  void addressThatIsNoneOfTheClustersLeadsNowhereElse() throws Exception {
    try (TestUpstream secret = TestUpstream.replying("secret");
        TestSidecar sidecar = sidecar("sessionName: X-Session, type: Header")) {
      String address =
          Base64.getEncoder()
              .encodeToString(("127.0.0.1:" + secret.port()).getBytes(StandardCharsets.US_ASCII));
      Response response = get(sidecar.port(), "X-Session: " + address + "\r\n");
      assertTrue(Set.of("one", "other").contains(response.body()), response.body());
      assertNotEquals(address, response.field("x-session"));
      assertEquals(0, secret.connections());
    }
  }
}
