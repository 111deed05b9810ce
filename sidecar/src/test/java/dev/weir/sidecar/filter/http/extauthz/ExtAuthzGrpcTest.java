package dev.weir.sidecar.filter.http.extauthz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.BoolValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.rpc.Status;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.config.core.v3.QueryParameter;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.envoyproxy.envoy.type.v3.StatusCode;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that a server of gRPC is asked about, through a whole sidecar. */
class ExtAuthzGrpcTest {
  @TempDir Path folder;

  private TestUpstream app;
  private AuthzServer authz;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("hello");
    authz = AuthzServer.answering(AuthzServer.OK);
  }

  @AfterEach
  void stop() throws IOException {
    authz.close();
    app.close();
  }

  private TestSidecar sidecar(String more) {
    return sidecar(TestConfig.to(app), more);
  }

  private TestSidecar sidecar(TestConfig config, String more) {
    return AuthzConfig.start(AuthzConfig.grpc(config, more), authz.port(), true);
  }

  private static RawClient.Response get(TestSidecar sidecar, String path, String fields)
      throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
      return client.read(false);
    }
  }

  private static CheckResponse ok(OkHttpResponse.Builder ok) {
    return CheckResponse.newBuilder().setOkResponse(ok).build();
  }

  private static HeaderValueOption header(String name, String value) {
    return HeaderValueOption.newBuilder()
        .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
        .build();
  }

  @SuppressWarnings("deprecation")
  private static HeaderValueOption appended(String name, String value) {
    return header(name, value).toBuilder().setAppend(BoolValue.of(true)).build();
  }

  private static HeaderValueOption header(String name, String value, HeaderAppendAction action) {
    return header(name, value).toBuilder().setAppendAction(action).build();
  }

  @Test
  void requestGoesOnWhenTheServerSaysSo() throws Exception {
    try (TestSidecar sidecar = sidecar("")) {
      assertEquals(200, get(sidecar, "/", "").status());
      assertEquals(1, sidecar.stat("http.in.ext_authz.ok"));
      app.next();
      authz.answer(AuthzServer.DENIED);
      RawClient.Response refused = get(sidecar, "/", "");
      assertEquals(403, refused.status());
      assertEquals("forbidden", refused.field("x-weir-cause"));
      assertEquals(1, sidecar.stat("http.in.ext_authz.denied"));
      assertEquals(0, app.all().size(), "it has not seen it");
      authz.answer(AuthzServer.OK);
      assertEquals(200, get(sidecar, "/", "").status(), "no decision is kept");
    }
  }

  @Test
  void serverIsToldOfTheRequest() throws Exception {
    try (TestSidecar sidecar = sidecar("metadata_context_namespaces: [none], stat_prefix: first")) {
      get(
          sidecar,
          "/a//b?c=%64",
          "X-Request-ID: r1\r\nX-A: 1\r\nx-a: 2\r\nX-Latin: \u00e9\r\nCookie: a=b\r\nCookie: c=d\r\n");
      AttributeContext asked = authz.next();
      AttributeContext.HttpRequest http = asked.getRequest().getHttp();
      assertEquals("GET", http.getMethod());
      assertEquals("/a//b?c=%64", http.getPath());
      assertEquals("a", http.getHost());
      assertEquals("http", http.getScheme());
      assertEquals("HTTP/1.1", http.getProtocol());
      assertEquals("r1", http.getId());
      assertEquals(0, http.getSize());
      Map<String, String> headers = http.getHeadersMap();
      assertEquals("1,2", headers.get("x-a"));
      assertEquals("a=b; c=d", headers.get("cookie"));
      assertEquals("!", headers.get("x-latin"), "it is no UTF-8");
      assertEquals("GET", headers.get(":method"));
      assertEquals("/a//b?c=%64", headers.get(":path"));
      assertEquals("a", headers.get(":authority"));
      assertEquals("http", headers.get(":scheme"));
      assertEquals("127.0.0.1", asked.getSource().getAddress().getSocketAddress().getAddress());
      assertEquals(
          sidecar.port(), asked.getDestination().getAddress().getSocketAddress().getPortValue());
      assertTrue(asked.getRequest().getTime().getSeconds() > 0);
      assertFalse(asked.hasTlsSession());
      assertFalse(asked.hasMetadataContext());
      assertEquals(1, sidecar.stat("http.in.ext_authz.first.ok"));
    }
  }

  @Test
  void fieldsThatAreToldAreChosen() throws Exception {
    try (TestSidecar sidecar =
        sidecar(
            "allowed_headers: {patterns: [{prefix: x-}]}, disallowed_headers: {patterns: [{exact: x-b}]}, encode_raw_headers: true")) {
      get(sidecar, "/", "X-A: 1\r\nx-a: 2\r\nx-b: 3\r\nauthorization: s\r\n");
      AttributeContext.HttpRequest http = authz.next().getRequest().getHttp();
      assertEquals(0, http.getHeadersCount());
      assertEquals(
          List.of("x-a=1", "x-a=2", "x-forwarded-proto=http"),
          http.getHeaderMap().getHeadersList().stream()
              .map(each -> each.getKey() + "=" + each.getRawValue().toStringUtf8())
              .sorted()
              .toList());
    }
  }

  @Test
  void serverIsToldWhoCalled() throws Exception {
    TestCa ca = TestCa.create(folder, "ca");
    try (TestSidecar sidecar =
        sidecar(
            TestConfig.to(app)
                .downstreamTls(
                    ca.issue("spiffe://shop/app", "localhost"),
                    "validation_context: {trusted_ca: {filename: %s}}".formatted(ca.certificate()),
                    ""),
            "include_peer_certificate: true, include_tls_session: true")) {
      try (SSLSocket socket =
          (SSLSocket)
              ca.context(ca.issue("spiffe://shop/me"))
                  .getSocketFactory()
                  .createSocket(InetAddress.getLoopbackAddress(), sidecar.port())) {
        var parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new javax.net.ssl.SNIHostName("a.shop")));
        socket.setSSLParameters(parameters);
        OutputStream out = socket.getOutputStream();
        out.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        AttributeContext asked = authz.next();
        assertEquals("spiffe://shop/me", asked.getSource().getPrincipal());
        assertTrue(
            asked.getSource().getCertificate().startsWith("-----BEGIN%20CERTIFICATE-----%0A"),
            asked.getSource().getCertificate());
        assertEquals("spiffe://shop/app", asked.getDestination().getPrincipal());
        assertEquals("a.shop", asked.getTlsSession().getSni());
        assertEquals('H', socket.getInputStream().read());
      }
    }
  }

  @Test
  void serverChangesTheRequest() throws Exception {
    authz.answer(
        ok(
            OkHttpResponse.newBuilder()
                .addHeaders(header("X-Set", "new"))
                .addHeaders(appended("x-behind", "2"))
                .addHeaders(appended("x-nothing", "2"))
                .addHeaders(header("x-absent", "1", HeaderAppendAction.ADD_IF_ABSENT))
                .addHeaders(header("x-there", "1", HeaderAppendAction.ADD_IF_ABSENT))
                .addHeaders(header("x-over", "1", HeaderAppendAction.OVERWRITE_IF_EXISTS))
                .addHeaders(header("x-not", "1", HeaderAppendAction.OVERWRITE_IF_EXISTS))
                .addHeaders(header("x-utf", "\u20ac"))
                .addHeadersToRemove("Authorization")
                .addHeadersToRemove(":path")
                .addHeadersToRemove("host")
                .addHeadersToRemove("connection")));
    try (TestSidecar sidecar = sidecar("")) {
      get(
          sidecar,
          "/a",
          "authorization: s\r\nx-set: a\r\nX-Set: b\r\nx-behind: 1\r\nx-there: 0\r\nx-over: 0\r\n");
      TestUpstream.Request seen = app.next();
      assertEquals("GET /a HTTP/1.1", seen.line());
      assertEquals("a", seen.field("host"));
      assertEquals("", seen.field("authorization"));
      assertEquals("new", seen.field("x-set"));
      assertEquals(1, seen.head().toLowerCase(java.util.Locale.ROOT).split("x-set:").length - 1);
      assertEquals("1,2", seen.field("x-behind"));
      assertEquals("", seen.field("x-nothing"));
      assertEquals("1", seen.field("x-absent"));
      assertEquals("0", seen.field("x-there"));
      assertEquals("1", seen.field("x-over"));
      assertEquals("", seen.field("x-not"));
      assertEquals(
          "\u20ac",
          new String(
              seen.field("x-utf").getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
    }
  }

  @Test
  void serverChangesTheQuery() throws Exception {
    authz.answer(
        ok(
            OkHttpResponse.newBuilder()
                .addQueryParametersToSet(
                    QueryParameter.newBuilder().setKey("user").setValue("me%20=1"))
                .addQueryParametersToRemove("token")));
    try (TestSidecar sidecar = sidecar("")) {
      get(sidecar, "/a?token=1&x=1&%74oken=2&user=root&us%65r=root&y", "");
      assertEquals("GET /a?x=1&y&user=me%20=1 HTTP/1.1", app.next().line());
      get(sidecar, "/b", "");
      assertEquals("GET /b?user=me%20=1 HTTP/1.1", app.next().line());
    }
  }

  @Test
  void serverAddsToTheResponse() throws Exception {
    authz.answer(
        ok(
            OkHttpResponse.newBuilder()
                .addResponseHeadersToAdd(header("x-a", "1"))
                .addResponseHeadersToAdd(appended("set-cookie", "a=1"))
                .addResponseHeadersToAdd(appended("set-cookie", "b=2"))
                .addResponseHeadersToAdd(header("content-length", "99"))));
    try (TestSidecar sidecar = sidecar("")) {
      RawClient.Response response = get(sidecar, "/", "");
      assertEquals("hello", response.body());
      assertEquals("1", response.field("x-a"));
      assertTrue(response.head().contains("set-cookie: a=1\r\n"), response.head());
      assertTrue(response.head().contains("set-cookie: b=2\r\n"), response.head());
    }
  }

  @ParameterizedTest(name = "header {0}")
  @CsvSource({
    ":path, /admin",
    ":method, DELETE",
    ":authority, other",
    "Host, other",
    "content-length, 7",
    "transfer-encoding, chunked",
    "connection, close",
    "'x y', 1",
    "'', 1"
  })
  void changeThatWouldMakeAnotherRequestOfItIsRefused(String name, String value)
      throws IOException {
    authz.answer(ok(OkHttpResponse.newBuilder().addHeaders(header(name, value))));
    try (TestSidecar sidecar = sidecar("failure_mode_allow: true")) {
      RawClient.Response refused = get(sidecar, "/", "");
      assertEquals(500, refused.status());
      assertEquals("authorization-unavailable;reason=\"invalid\"", refused.field("x-weir-cause"));
      assertEquals(1, sidecar.stat("http.in.ext_authz.invalid"));
      assertEquals(0, app.connections());
    }
  }

  @Test
  void valueThatWouldBeginAnotherLineIsRefused() throws IOException {
    authz.answer(ok(OkHttpResponse.newBuilder().addHeaders(header("x-a", "1\r\nx-b: 2"))));
    try (TestSidecar sidecar = sidecar("")) {
      assertEquals(500, get(sidecar, "/", "").status());
      authz.answer(
          CheckResponse.newBuilder()
              .setStatus(Status.newBuilder().setCode(7))
              .setDeniedResponse(DeniedHttpResponse.newBuilder().addHeaders(header("x-a", "\r\n")))
              .build());
      assertEquals(500, get(sidecar, "/", "").status());
      authz.answer(
          ok(
              OkHttpResponse.newBuilder()
                  .addQueryParametersToSet(
                      QueryParameter.newBuilder().setKey("a").setValue("1&b=2"))));
      assertEquals(500, get(sidecar, "/", "").status());
      assertEquals(3, sidecar.stat("http.in.ext_authz.invalid"));
      assertEquals(0, app.connections());
    }
  }

  @Test
  void serverSaysHowItIsRefused() throws Exception {
    Path log = folder.resolve("log");
    authz.answer(
        CheckResponse.newBuilder()
            .setStatus(Status.newBuilder().setCode(16))
            .setDeniedResponse(
                DeniedHttpResponse.newBuilder()
                    .setStatus(HttpStatus.newBuilder().setCode(StatusCode.Unauthorized))
                    .addHeaders(header("content-type", "application/json"))
                    .addHeaders(header("content-length", "1"))
                    .addHeaders(header("set-cookie", "a=1"))
                    .addHeaders(header("set-cookie", "b=2"))
                    .setBody("{\"sorry\":true}"))
            .build());
    try (TestSidecar sidecar =
        sidecar(
            TestConfig.to(app).accessLog(log, "%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%"), "")) {
      RawClient.Response refused = get(sidecar, "/", "");
      assertEquals(401, refused.status());
      assertEquals("{\"sorry\":true}", refused.body());
      assertEquals("application/json", refused.field("content-type"));
      assertFalse(refused.head().contains("text/plain"), refused.head());
      assertTrue(refused.head().contains("set-cookie: a=1\r\n"), refused.head());
      assertTrue(refused.head().contains("set-cookie: b=2\r\n"), refused.head());
      sidecar.close();
      assertEquals(List.of("UAEX ext_authz_denied"), Files.readAllLines(log));
    }
  }

  @Test
  void serverThatIsSlowIsNotWaitedFor() throws Exception {
    try (AuthzServer silent = AuthzServer.silent()) {
      String yaml = AuthzConfig.yaml(AuthzConfig.grpc(TestConfig.to(app), ""), silent.port(), true);
      try (TestSidecar sidecar =
          TestSidecar.start(yaml.replace(", timeout: 5s", ""), 1)) { // Envoy's 200 ms
        RawClient.Response refused = get(sidecar, "/", "");
        assertEquals(403, refused.status());
        assertEquals("authorization-unavailable;reason=\"timeout\"", refused.field("x-weir-cause"));
        Await.until(() -> sidecar.stat("cluster.authz.upstream_rq_active") == 0);
        assertEquals(1, sidecar.stat("http.in.ext_authz.error"));
        assertEquals(1, sidecar.stat("http.in.ext_authz.timeout"));
        assertEquals(0, app.connections());
      }
    }
  }

  @Test
  void serverThatIsAwayRefusesOrNotAsIsSaid() throws Exception {
    try (ClosedPort nowhere = new ClosedPort()) {
      try (TestSidecar sidecar = asking(nowhere, "status_on_error: {code: 503}")) {
        RawClient.Response refused = get(sidecar, "/", "");
        assertEquals(503, refused.status());
        assertEquals("authorization-unavailable", refused.field("x-weir-cause"));
        assertEquals(1, sidecar.stat("http.in.ext_authz.error"));
        assertEquals(0, sidecar.stat("http.in.ext_authz.timeout"));
      }
      try (TestSidecar sidecar =
          asking(nowhere, "failure_mode_allow: true, failure_mode_allow_header_add: true")) {
        assertEquals(200, get(sidecar, "/", "").status());
        assertEquals("true", app.next().field("x-envoy-auth-failure-mode-allowed"));
        assertEquals(1, sidecar.stat("http.in.ext_authz.failure_mode_allowed"));
      }
    }
  }

  private TestSidecar asking(ClosedPort nowhere, String more) {
    return AuthzConfig.start(AuthzConfig.grpc(TestConfig.to(app), more), nowhere.port(), true);
  }

  @Test
  void clusterThatIsNotThereIsAServerThatIsAway() throws IOException {
    try (TestSidecar sidecar =
        TestSidecar.start(AuthzConfig.grpc(TestConfig.to(app), "").yaml(), 1)) {
      assertEquals(403, get(sidecar, "/", "").status());
    }
    try (TestSidecar sidecar =
        TestSidecar.start(
            AuthzConfig.grpc(TestConfig.to(app), "failure_mode_allow: true").yaml(), 1)) {
      assertEquals(200, get(sidecar, "/", "").status());
    }
  }

  @Test
  void callThatFailsIsNoDecision() throws IOException {
    try (AuthzServer failing =
            new AuthzServer(
                (asked, to) -> to.onError(io.grpc.Status.PERMISSION_DENIED.asRuntimeException()));
        TestSidecar sidecar =
            AuthzConfig.start(
                AuthzConfig.grpc(TestConfig.to(app), "failure_mode_allow: true"),
                failing.port(),
                true)) {
      assertEquals(200, get(sidecar, "/", "").status());
      assertEquals(1, sidecar.stat("http.in.ext_authz.error"));
    }
  }

  @Test
  void answerThatIsTooLargeIsNone() throws IOException {
    authz.answer(
        CheckResponse.newBuilder()
            .setStatus(Status.newBuilder().setCode(7))
            .setDeniedResponse(DeniedHttpResponse.newBuilder().setBody("x".repeat(1 << 20)))
            .build());
    try (TestSidecar sidecar = sidecar("")) {
      assertEquals("authorization-unavailable", get(sidecar, "/", "").field("x-weir-cause"));
      assertEquals(1, sidecar.stat("http.in.ext_authz.error"));
    }
  }

  @Test
  void causeIsOursToSay() throws IOException {
    authz.answer(
        CheckResponse.newBuilder()
            .setStatus(Status.newBuilder().setCode(7))
            .setDeniedResponse(
                DeniedHttpResponse.newBuilder()
                    .setStatus(HttpStatus.newBuilder().setCodeValue(700))
                    .addHeaders(header("x-weir-cause", "breaker-open")))
            .build());
    try (TestSidecar sidecar = sidecar("")) {
      RawClient.Response refused = get(sidecar, "/", "");
      assertEquals(403, refused.status(), "700 is no status");
      assertFalse(refused.head().contains("breaker-open"), refused.head());
    }
  }

  @Test
  void checkIsGivenUpWhenTheClientGoesAway() throws Exception {
    try (AuthzServer silent = AuthzServer.silent();
        TestSidecar sidecar =
            AuthzConfig.start(AuthzConfig.grpc(TestConfig.to(app), ""), silent.port(), true)) {
      try (RawClient client = new RawClient(sidecar.port())) {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        silent.next();
      }
      assertTrue(silent.cancelled(), "the server is told");
      Await.until(() -> sidecar.stat("cluster.authz.upstream_rq_active") == 0);
      assertEquals(0, sidecar.stat("http.in.ext_authz.error"));
      assertEquals(0, app.connections());
    }
  }

  private static String post(String path, int length) {
    return "POST " + path + " HTTP/1.1\r\nHost: a\r\ncontent-length: " + length + "\r\n\r\n";
  }

  @Test
  void bodyIsAskedAboutAndGoesOn() throws Exception {
    try (TestSidecar sidecar = sidecar("with_request_body: {max_request_bytes: 10}");
        RawClient client = new RawClient(sidecar.port())) {
      client.send(post("/", 10) + "01234");
      client.send("56789");
      assertEquals(200, client.read(false).status());
      AttributeContext.HttpRequest http = authz.next().getRequest().getHttp();
      assertEquals("0123456789", http.getBody());
      assertEquals(10, http.getSize());
      assertEquals("false", http.getHeadersMap().get("x-envoy-auth-partial-body"));
      TestUpstream.Request seen = app.next();
      assertEquals("0123456789", seen.text());
      assertEquals("", seen.field("x-envoy-auth-partial-body"));
      client.send(
          "POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-t: 1\r\n\r\n");
      assertEquals(200, client.read(false).status());
      assertEquals("abc", authz.next().getRequest().getHttp().getBody());
      assertEquals("abc[x-t: 1]", app.next().text());
    }
  }

  @Test
  void bodyThatIsTooLargeIsRefusedUnasked() throws Exception {
    try (TestSidecar sidecar =
            sidecar("failure_mode_allow: true, with_request_body: {max_request_bytes: 10}");
        RawClient client = new RawClient(sidecar.port())) {
      client.send(post("/", 11) + "01234567890");
      assertEquals(413, client.read(false).status());
      assertEquals(0, authz.waiting());
      assertEquals(0, app.connections());
    }
  }

  @Test
  void largeBodyIsAskedAboutByItsBeginning() throws Exception {
    try (TestSidecar sidecar =
            sidecar(
                TestConfig.to(app).bufferLimit(4096),
                "with_request_body: {max_request_bytes: 10, allow_partial_message: true, pack_as_bytes: true}");
        RawClient client = new RawClient(sidecar.port())) {
      client.send(post("/", 200_000) + "0123456789ab");
      AttributeContext.HttpRequest http = authz.next().getRequest().getHttp();
      assertEquals("0123456789", http.getRawBody().toStringUtf8());
      assertEquals("true", http.getHeadersMap().get("x-envoy-auth-partial-body"));
      client.send("x".repeat(200_000 - 12));
      assertEquals(200, client.read(false).status());
      assertEquals(200_000, app.next().body().length);
    }
  }

  @Test
  void requestWithoutABodyIsAskedAboutAtOnce() throws Exception {
    try (TestSidecar sidecar = sidecar("with_request_body: {max_request_bytes: 10}")) {
      assertEquals(200, get(sidecar, "/", "").status());
      assertEquals(
          "",
          authz
              .next()
              .getRequest()
              .getHttp()
              .getHeadersMap()
              .getOrDefault("x-envoy-auth-partial-body", ""));
    }
  }

  @Test
  void routeTurnsItOffOrSaysMore() throws Exception {
    String settings = "typed_per_filter_config: {authz: {" + AuthzConfig.PER_ROUTE + ", ";
    String yaml =
        AuthzConfig.yaml(
                AuthzConfig.grpc(TestConfig.to(app), "with_request_body: {max_request_bytes: 4}"),
                authz.port(),
                true)
            .replace(
                "            - name: app\n",
                "            - name: app\n              "
                    + settings
                    + "check_settings: {context_extensions: {a: host, b: host}}}}\n")
            .replace(
                "              - match: {prefix: \"/\"}\n",
                """
                              - match: {prefix: "/open"}
                                route: {cluster: app}
                                %sdisabled: true}}
                              - match: {prefix: "/large"}
                                route: {cluster: app}
                                %scheck_settings: {context_extensions: {a: route}, with_request_body: {max_request_bytes: 10}}}}
                              - match: {prefix: "/none"}
                                route: {cluster: app}
                                %scheck_settings: {disable_request_body_buffering: true}}}
                              - match: {prefix: "/"}
                """
                    .formatted(settings, settings, settings));
    try (TestSidecar sidecar = TestSidecar.start(yaml, 1);
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET /open HTTP/1.1\r\nHost: a\r\n\r\n");
      assertEquals(200, client.read(false).status());
      assertEquals(0, authz.waiting());
      client.send(post("/large", 10) + "0123456789");
      assertEquals(200, client.read(false).status());
      AttributeContext asked = authz.next();
      assertEquals(Map.of("a", "route", "b", "host"), asked.getContextExtensionsMap());
      assertEquals("0123456789", asked.getRequest().getHttp().getBody());
      client.send(post("/none", 10) + "0123456789");
      assertEquals(200, client.read(false).status());
      assertEquals("", authz.next().getRequest().getHttp().getBody());
      client.send(post("/", 10) + "0123456789");
      assertEquals(413, client.read(false).status());
    }
  }

  @Test
  void onlyRequestsWithTheMetadataAreAskedAbout() throws Exception {
    String rbac =
        "shadow_rules: {action: LOG, policies: {shop/ask: {permissions: [{url_path: {path: {prefix: /ask}}}], principals: [{any: true}]}}}, shadow_rules_stat_prefix: x_";
    String enabled =
        "filter_enabled_metadata: {filter: envoy.filters.http.rbac, path: [{key: x_shadow_effective_policy_id}], value: {string_match: {prefix: shop/}}}";
    Path log = folder.resolve("log");
    authz.answer(AuthzServer.DENIED);
    try (TestSidecar sidecar =
        sidecar(
            TestConfig.to(app)
                .accessLog(log, "%WEIR_SHADOW_CAUSE%")
                .filter("rbac", "envoy.extensions.filters.http.rbac.v3.RBAC", rbac),
            enabled + ", metadata_context_namespaces: [envoy.filters.http.rbac]")) {
      assertEquals(200, get(sidecar, "/a", "").status());
      assertEquals(0, authz.waiting());
      assertEquals(1, sidecar.stat("http.in.ext_authz.disabled"));
      RawClient.Response refused = get(sidecar, "/ask", "");
      assertEquals(403, refused.status());
      assertEquals("forbidden;policy=\"shop/ask\"", refused.field("x-weir-cause"));
      assertEquals(
          "shop/ask",
          authz
              .next()
              .getMetadataContext()
              .getFilterMetadataOrThrow("envoy.filters.http.rbac")
              .getFieldsOrThrow("x_shadow_effective_policy_id")
              .getStringValue());
      sidecar.close();
      assertEquals(List.of("-", "-"), Files.readAllLines(log), "nothing would be refused");
    }
  }

  @Test
  void shareOfRequestsIsAskedAboutAndOthersMayBeDenied() throws Exception {
    try (TestSidecar sidecar = sidecar("filter_enabled: {default_value: {numerator: 0}}")) {
      assertEquals(200, get(sidecar, "/", "").status());
      assertEquals(0, authz.waiting());
    }
    try (TestSidecar sidecar =
        sidecar(
            "filter_enabled: {default_value: {numerator: 0}}, deny_at_disable: {default_value: true, runtime_key: x}")) {
      assertEquals(403, get(sidecar, "/", "").status());
      assertEquals(0, authz.waiting());
      assertEquals(1, sidecar.stat("http.in.ext_authz.disabled"));
    }
  }

  @Test
  void whatTheServerFindsOutIsMetadata() throws Exception {
    Struct found =
        Struct.newBuilder()
            .putFields("user", Value.newBuilder().setStringValue("me").build())
            .build();
    authz.answer(CheckResponse.newBuilder().setDynamicMetadata(found).build());
    String rule =
        "rules: {action: DENY, policies: {p: {permissions: [{any: true}], principals: [{metadata: {filter: envoy.filters.http.ext_authz, path: [{key: user}], value: {string_match: {exact: me}}}}]}}}";
    try (TestSidecar sidecar =
        AuthzConfig.start(
            AuthzConfig.grpc(TestConfig.to(app), "")
                .filter("rbac", "envoy.extensions.filters.http.rbac.v3.RBAC", rule),
            authz.port(),
            true)) {
      assertEquals(403, get(sidecar, "/", "").status(), "a filter behind sees it");
    }
    try (TestSidecar sidecar =
        AuthzConfig.start(
            AuthzConfig.grpc(TestConfig.to(app), "enable_dynamic_metadata_ingestion: false")
                .filter("rbac", "envoy.extensions.filters.http.rbac.v3.RBAC", rule),
            authz.port(),
            true)) {
      assertEquals(200, get(sidecar, "/", "").status());
      assertEquals(1, sidecar.stat("http.in.ext_authz.ignored_dynamic_metadata"));
    }
  }

  @Test
  void callOfTheCheckHasWhatIsConfigured() throws Exception {
    String yaml =
        AuthzConfig.yaml(AuthzConfig.grpc(TestConfig.to(app), ""), app.port(), false)
            .replace("timeout: 5s", "timeout: 5s, initial_metadata: [{key: X-Key, value: secret}]");
    try (TestSidecar sidecar = TestSidecar.start(yaml, 1)) {
      get(sidecar, "/", "");
      // It speaks HTTP/1.1, and no gRPC: the check fails.
      TestUpstream.Request check = app.next();
      assertEquals("POST /envoy.service.auth.v3.Authorization/Check HTTP/1.1", check.line());
      assertEquals("authz.test", check.field("host"));
      assertEquals("secret", check.field("x-key"));
      assertEquals("5000m", check.field("grpc-timeout"));
      assertEquals(1, sidecar.stat("http.in.ext_authz.error"));
    }
  }

  @Test
  void requestsOfHttp2AreHeldOneByOne() throws Exception {
    try (AuthzServer byPath =
            new AuthzServer((asked, to) -> {
              if (!asked.getRequest().getHttp().getPath().equals("/silent")) {
                AuthzServer.answer(
                    asked.getRequest().getHttp().getPath().equals("/no")
                        ? AuthzServer.DENIED
                        : AuthzServer.OK,
                    to);
              }
            });
        TestSidecar sidecar =
            AuthzConfig.start(AuthzConfig.grpc(TestConfig.to(app), ""), byPath.port(), true);
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client.get(1, "/silent").get(3, "/no").get(5, "/yes").flush();
      assertEquals(403, client.status(3));
      assertEquals(200, client.status(5));
      client.reset(1).flush();
      assertTrue(byPath.cancelled());
    }
  }

  @Test
  void grpcClientGetsAStatus() throws Exception {
    authz.answer(AuthzServer.DENIED);
    try (TestSidecar sidecar = sidecar("");
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client
          .headers(
              1,
              true,
              ":method",
              "POST",
              ":path",
              "/a.B/C",
              ":scheme",
              "http",
              ":authority",
              "a",
              "content-type",
              "application/grpc",
              "te",
              "trailers")
          .flush();
      var head = client.head(1);
      assertEquals("200", head.status().toString());
      assertEquals("7", head.get("grpc-status").toString());
      assertEquals("application/grpc", head.get("content-type").toString());
    }
  }
}
