package dev.weir.sidecar.filter.http.statefulsession;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawClient.Response;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests that name the host that they are to go to. */
class StatefulSessionTest {
  private static final String NAME = "envoy.filters.http.stateful_session";
  private static final String TYPE =
      "envoy.extensions.filters.http.stateful_session.v3.StatefulSession";
  private static final String HEADER =
      "session_state: {name: h, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState, name: X-Host}}";
  private static final String COOKIE =
      "session_state: {name: c, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState, cookie: {name: host, ttl: 60s, path: /shop}}}";

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

  /** The filter's own word, and what the virtual host says in its place. */
  private TestSidecar start(String own, String perRoute) {
    String config =
        "typed_per_filter_config: {%s: {\"@type\": type.googleapis.com/%sPerRoute, %s}}\n"
            .formatted(NAME, TYPE, perRoute);
    return TestSidecar.start(
        TestConfig.to(one, other)
            .filter(NAME, TYPE, own)
            .yaml()
            .replace(
                "            - name: app\n", "            - name: app\n              " + config),
        1);
  }

  private static Response get(TestSidecar sidecar, String path, String field) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      return client
          .send("GET %s HTTP/1.1\r\nHost: app\r\n%s\r\n".formatted(path, field))
          .read(false);
    }
  }

  private static String named(int port) {
    String address = "127.0.0.1:" + port;
    return "X-Host: "
        + Base64.getEncoder().encodeToString(address.getBytes(StandardCharsets.US_ASCII))
        + "\r\n";
  }

  @Test
  void namedHostIsCalledAndNothingIsSaidOfIt() throws IOException {
    try (TestSidecar sidecar = TestConfig.to(one, other).filter(NAME, TYPE, HEADER).start()) {
      for (int i = 0; i < 10; i++) {
        Response response = get(sidecar, "/", named(other.port()));
        assertEquals("other", response.body());
        assertEquals("", response.field("x-host"));
      }
    }
  }

  @Test
  void hostThatIsGoneIsLeftForAnotherWhichIsNamed() throws IOException {
    try (TestSidecar sidecar = TestConfig.to(one).filter(NAME, TYPE, HEADER).start()) {
      Response response = get(sidecar, "/", named(other.port()));
      assertEquals("one", response.body());
      assertEquals(named(one.port()).strip(), "X-Host: " + response.field("x-host"));
    }
  }

  @Test
  void strictlyNoOtherHostWillDo() throws IOException {
    try (TestSidecar sidecar =
        TestConfig.to(one).filter(NAME, TYPE, HEADER + ", strict: true").start()) {
      Response response = get(sidecar, "/", named(other.port()));
      assertEquals(503, response.status());
      assertEquals("no-healthy-upstream", response.field("x-weir-cause"));
      assertEquals("one", get(sidecar, "/", "").body());
    }
  }

  @Test
  void hostThatCannotBeReachedIsLeftByTheRetry() throws IOException {
    try (ClosedPort closed = new ClosedPort();
        TestSidecar sidecar =
            TestConfig.to(closed.port(), one.port())
                .filter(NAME, TYPE, HEADER)
                .route("retry_policy: {retry_on: connect-failure}")
                .start()) {
      Response response = get(sidecar, "/", named(closed.port()));
      assertEquals("one", response.body());
      assertEquals(named(one.port()).strip(), "X-Host: " + response.field("x-host"));
    }
  }

  @Test
  void cookieIsForItsPathAlone() throws IOException {
    try (TestSidecar sidecar = TestConfig.to(one, other).filter(NAME, TYPE, COOKIE).start()) {
      assertEquals("", get(sidecar, "/", "").field("set-cookie"));
      String cookie = get(sidecar, "/shop/cart", "").field("set-cookie");
      assertTrue(cookie.startsWith("host=\""), cookie);
      assertTrue(cookie.endsWith("\"; Max-Age=60; Path=/shop; HttpOnly"), cookie);
    }
  }

  @Test
  void routeSaysOtherwise() throws IOException {
    try (TestSidecar off = start(HEADER, "disabled: true");
        TestSidecar on = start("", "stateful_session: {" + HEADER + "}")) {
      Set<String> answers = new HashSet<>();
      for (int i = 0; i < 40; i++) {
        answers.add(get(off, "/", named(one.port())).body());
        assertEquals("one", get(on, "/", named(one.port())).body());
      }
      assertEquals(Set.of("one", "other"), answers);
    }
  }

  @Test
  void whatIsNoNameIsRefused() {
    assertRefused(
        HEADER.replace("X-Host", "'a b'"), "typed_config.name: \"a b\" is no name of a header");
    assertRefused(HEADER.replace("X-Host", "Trailer"), "\"Trailer\" frames the message");
    assertRefused(COOKIE.replace("name: host", "name: 'a=b'"), "cookie.name: is no name");
    assertRefused(COOKIE.replace("/shop", "'/a;b'"), "cookie.path: is no path of a cookie");
    assertRefused(
        "session_state: {name: b, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer, max_request_bytes: 1}}",
        "there is no session state envoy.extensions.filters.http.buffer.v3.Buffer");
  }

  private void assertRefused(String state, String reason) {
    AssertionError refused =
        assertThrows(
            AssertionError.class,
            () -> TestConfig.to(one).filter(NAME, TYPE, state).start().close());
    assertTrue(String.valueOf(refused.getMessage()).contains(reason), refused.getMessage());
  }
}
