package dev.weir.sidecar.filter.http.extauthz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that a server of HTTP is asked about, through a whole sidecar. */
class ExtAuthzHttpTest {
  private TestUpstream app;
  private TestUpstream authz;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("hello");
    authz = TestUpstream.replying("fine");
  }

  @AfterEach
  void stop() throws IOException {
    authz.close();
    app.close();
  }

  private TestSidecar sidecar(String service, String more) {
    return AuthzConfig.start(
        AuthzConfig.http(TestConfig.to(app), service, more), authz.port(), false);
  }

  private void answer(int status, String fields, String body) {
    authz.script((request, out) -> {
      TestUpstream.write(
          out,
          "HTTP/1.1 "
              + status
              + " X\r\n"
              + fields
              + "content-length: "
              + body.length()
              + "\r\n\r\n"
              + body);
      return true;
    });
  }

  private static RawClient.Response send(TestSidecar sidecar, String head) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      client.send(head);
      return client.read(false);
    }
  }

  private static RawClient.Response get(TestSidecar sidecar, String path, String fields)
      throws IOException {
    return send(sidecar, "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
  }

  @Test
  void checkLooksLikeTheRequest() throws Exception {
    try (TestSidecar sidecar =
        sidecar(
            "path_prefix: /check, authorization_request: {headers_to_add: [{key: X-Key, value: secret}]}",
            "allowed_headers: {patterns: [{prefix: x-}]}, disallowed_headers: {patterns: [{exact: x-b}]}")) {
      assertEquals(
          200,
          get(
                  sidecar,
                  "/a?b=c",
                  "authorization: me\r\nX-A: 1\r\nx-a: 2\r\nx-b: 3\r\nx-key: forged\r\ncookie: c\r\n")
              .status());
      TestUpstream.Request check = authz.next();
      assertEquals("GET /check/a?b=c HTTP/1.1", check.line());
      assertEquals("a", check.field("host"));
      assertEquals("me", check.field("authorization"));
      assertEquals("1,2", check.field("x-a"));
      assertEquals("", check.field("x-b"));
      assertEquals("secret", check.field("x-key"));
      assertEquals("", check.field("cookie"));
      assertEquals("0", check.field("content-length"));
      assertEquals("forged", app.next().field("x-key"), "the request has its own");
    }
  }

  @Test
  void fewFieldsAreToldUnasked() throws Exception {
    try (TestSidecar sidecar =
        sidecar("authorization_request: {allowed_headers: {patterns: [{exact: cookie}]}}", "")) {
      get(sidecar, "/", "authorization: me\r\nx-a: 1\r\ncookie: c=1\r\n");
      TestUpstream.Request check = authz.next();
      assertEquals("me", check.field("authorization"));
      assertEquals("c=1", check.field("cookie"));
      assertEquals("", check.field("x-a"));
    }
    try (TestSidecar sidecar =
        sidecar("", "disallowed_headers: {patterns: [{exact: authorization}]}")) {
      get(sidecar, "/", "authorization: me\r\n");
      assertEquals("", authz.next().field("authorization"));
    }
  }

  @Test
  void answerThatAllowsChangesTheRequestAndTheResponse() throws Exception {
    answer(
        200,
        "x-user: me\r\nx-more: 2\r\nx-client: 3\r\nx-other: 4\r\nx-envoy-auth-headers-to-remove: authorization, X-Gone\r\n",
        "fine");
    try (TestSidecar sidecar =
        sidecar(
            "authorization_response: {allowed_upstream_headers: {patterns: [{exact: x-user}, {exact: content-length}]}, allowed_upstream_headers_to_append: {patterns: [{exact: x-more}]}, allowed_client_headers_on_success: {patterns: [{exact: x-client}]}}",
            "")) {
      RawClient.Response response =
          get(
              sidecar,
              "/",
              "authorization: s\r\nx-gone: 1\r\nx-user: root\r\nx-more: 1\r\nx-other: own\r\n");
      assertEquals("hello", response.body());
      assertEquals("3", response.field("x-client"));
      TestUpstream.Request seen = app.next();
      assertEquals("me", seen.field("x-user"));
      assertEquals("1,2", seen.field("x-more"));
      assertEquals("own", seen.field("x-other"));
      assertEquals("", seen.field("authorization"));
      assertEquals("", seen.field("x-gone"));
      assertEquals("", seen.field("content-length"));
    }
  }

  @Test
  void answerThatDeniesIsTheClients() throws Exception {
    answer(
        302,
        "Location: /login\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-type: text/html\r\nconnection: x-hop\r\n",
        "<a>");
    try (TestSidecar sidecar = sidecar("", "")) {
      RawClient.Response refused = get(sidecar, "/", "");
      assertEquals(302, refused.status());
      assertEquals("<a>", refused.body());
      assertEquals("/login", refused.field("location"));
      assertEquals("text/html", refused.field("content-type"));
      assertEquals("forbidden", refused.field("x-weir-cause"));
      assertTrue(refused.head().contains("set-cookie: a=1\r\nset-cookie: b=2\r\n"), refused.head());
      assertEquals(1, sidecar.stat("http.in.ext_authz.denied"));
      assertEquals(0, app.connections());
    }
    try (TestSidecar sidecar =
        sidecar(
            "authorization_response: {allowed_client_headers: {patterns: [{exact: x-a}]}}", "")) {
      RawClient.Response refused = get(sidecar, "/", "");
      assertEquals("/login", refused.field("location"), "always");
      assertEquals("", refused.field("set-cookie"));
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"500", "503", "599"})
  void errorOfTheServerIsNoDecision(int status) throws IOException {
    answer(status, "", "");
    try (TestSidecar sidecar = sidecar("", "")) {
      RawClient.Response refused = get(sidecar, "/", "");
      assertEquals(403, refused.status());
      assertEquals("authorization-unavailable", refused.field("x-weir-cause"));
    }
    try (TestSidecar sidecar = sidecar("", "failure_mode_allow: true")) {
      assertEquals(200, get(sidecar, "/", "").status());
      assertEquals(1, sidecar.stat("http.in.ext_authz.failure_mode_allowed"));
    }
  }

  @Test
  void refusalByASidecarOnTheWayIsNoDecision() throws IOException {
    answer(429, "x-weir-cause: rate-limited\r\n", "");
    try (TestSidecar sidecar = sidecar("", "failure_mode_allow: true")) {
      assertEquals(200, get(sidecar, "/", "").status());
      assertEquals(1, sidecar.stat("http.in.ext_authz.error"));
    }
  }

  @Test
  void slowServerIsNotWaitedFor() throws Exception {
    authz.script((request, out) -> true);
    String yaml =
        AuthzConfig.yaml(AuthzConfig.http(TestConfig.to(app), "", ""), authz.port(), false);
    try (TestSidecar sidecar =
        TestSidecar.start(yaml.replace("timeout: 5s", "timeout: 0.05s"), 1)) {
      assertEquals(
          "authorization-unavailable;reason=\"timeout\"",
          get(sidecar, "/", "").field("x-weir-cause"));
      Await.until(() -> authz.openConnections() == 0);
      assertEquals(1, sidecar.stat("http.in.ext_authz.timeout"));
    }
  }

  @Test
  void answerWithoutEndIsNone() throws Exception {
    authz.script((request, out) -> {
      TestUpstream.write(out, "HTTP/1.1 403 X\r\ntransfer-encoding: chunked\r\n\r\n");
      String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
      for (int i = 0; i < 17; i++) {
        TestUpstream.write(out, chunk);
      }
      return true;
    });
    try (TestSidecar sidecar = sidecar("", "")) {
      RawClient.Response refused = get(sidecar, "/", "");
      assertEquals(403, refused.status());
      assertEquals("authorization-unavailable", refused.field("x-weir-cause"));
    }
  }

  @Test
  void bodyIsSentWithTheCheckAndWithTheRequest() throws Exception {
    try (TestSidecar sidecar =
        sidecar("", "with_request_body: {max_request_bytes: 5000, allow_partial_message: true}")) {
      String body = "0123456789".repeat(1000);
      assertEquals(
          200,
          send(
                  sidecar,
                  "PUT / HTTP/1.1\r\nHost: a\r\nx-envoy-auth-partial-body: forged\r\ncontent-length: 10000\r\n\r\n"
                      + body)
              .status());
      TestUpstream.Request check = authz.next();
      assertEquals("PUT / HTTP/1.1", check.line());
      assertEquals("true", check.field("x-envoy-auth-partial-body"));
      assertEquals(body.substring(0, 5000), check.text());
      assertEquals(body, app.next().text());
    }
  }

  @Test
  void fieldsOfTheAnswerAreMetadata() throws Exception {
    answer(200, "x-user: me\r\n", "");
    String rule =
        "rules: {action: DENY, policies: {p: {permissions: [{any: true}], principals: [{metadata: {filter: envoy.filters.http.ext_authz, path: [{key: x-user}], value: {string_match: {exact: me}}}}]}}}";
    try (TestSidecar sidecar =
        AuthzConfig.start(
            AuthzConfig.http(
                    TestConfig.to(app),
                    "authorization_response: {dynamic_metadata_from_headers: {patterns: [{exact: x-user}]}}",
                    "")
                .filter("rbac", "envoy.extensions.filters.http.rbac.v3.RBAC", rule),
            authz.port(),
            false)) {
      assertEquals(403, get(sidecar, "/", "").status());
    }
  }
}
