package dev.weir.sidecar.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.testkit.GatewayMesh;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CORS as an HTTPRoute says it, and what else Envoy's filter has. */
class CorsTest {
  private TestUpstream app;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("hello");
  }

  @AfterEach
  void stop() throws IOException {
    app.close();
  }

  private TestSidecar route(String cors) {
    return route(cors, app.port());
  }

  private static TestSidecar route(String cors, int port) {
    GatewayMesh mesh =
        GatewayMesh.of(
            GatewayMesh.services("app")
                + GatewayMesh.route(
                    "app",
                    "app",
                    "[{filters: [{type: CORS, cors: {%s}}], backendRefs: [{name: app, port: 8080}]}]"
                        .formatted(cors)));
    assertEquals(List.of(), mesh.findings());
    return mesh.start("app", Map.of("app", port));
  }

  private TestSidecar policy(String fields) {
    String yaml =
        TestConfig.to(app)
            .filter("cors", "envoy.extensions.filters.http.cors.v3.Cors", "")
            .yaml()
            .replace("Cors, }", "Cors}")
            .replaceFirst(
                "( +)- match: \\{prefix: \"/\"}\n",
                "$1- match: {prefix: \"/\"}\n$1  typed_per_filter_config: {cors: {\"@type\": type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy, "
                    + fields
                    + "}}\n");
    return TestSidecar.start(yaml, 1);
  }

  private static RawClient.Response preflight(TestSidecar sidecar, String origin, String more)
      throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      return client
          .send(
              "OPTIONS /a HTTP/1.1\r\nHost: app\r\nOrigin: %s\r\nAccess-Control-Request-Method: PUT\r\n%s\r\n"
                  .formatted(origin, more))
          .read(false);
    }
  }

  private static RawClient.Response get(TestSidecar sidecar, String fields) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      return client.send("GET /a HTTP/1.1\r\nHost: app\r\n" + fields + "\r\n").read(false);
    }
  }

  private static String allowed(RawClient.Response response) {
    return response.field("access-control-allow-origin");
  }

  @Test
  void preflightIsAnsweredWithoutTheApp() throws IOException {
    try (TestSidecar sidecar =
        route(
            "allowOrigins: ['https://page.example'], allowMethods: [GET, PUT], allowHeaders: [x-a, x-b], exposeHeaders: [x-c], allowCredentials: true, maxAge: 60")) {
      RawClient.Response response = preflight(sidecar, "https://page.example", "");
      assertEquals(200, response.status());
      assertEquals("https://page.example", allowed(response));
      assertEquals("GET, PUT", response.field("access-control-allow-methods"));
      assertEquals("x-a, x-b", response.field("access-control-allow-headers"));
      assertEquals("true", response.field("access-control-allow-credentials"));
      assertEquals("60", response.field("access-control-max-age"));
      assertEquals(0, app.all().size());
      RawClient.Response other = preflight(sidecar, "https://other.example", "");
      assertEquals(200, other.status());
      assertEquals(
          false,
          other.head().toLowerCase(java.util.Locale.ROOT).contains("access-control"),
          other.head());
      assertEquals(0, app.all().size());
      assertEquals(1, sidecar.stat("http.outbound|8080|shop/app.cors.origin_valid"));
      assertEquals(1, sidecar.stat("http.outbound|8080|shop/app.cors.origin_invalid"));
    }
  }

  @Test
  void answerOfTheAppSaysWhoMayReadIt() throws IOException {
    try (TestSidecar sidecar =
        route("allowOrigins: ['https://page.example'], exposeHeaders: [x-a, x-b]")) {
      RawClient.Response response = get(sidecar, "Origin: https://page.example\r\n");
      assertEquals("hello", response.body());
      assertEquals("https://page.example", allowed(response));
      assertEquals("x-a, x-b", response.field("access-control-expose-headers"));
      assertEquals("", response.field("access-control-allow-credentials"));
      assertEquals("", allowed(get(sidecar, "Origin: https://other.example\r\n")));
      assertEquals("", allowed(get(sidecar, "")));
      assertEquals(3, app.all().size());
    }
  }

  @Test
  void wildcardsOfMethodsAndHeadersAreWhatIsAskedFor() throws IOException {
    try (TestSidecar sidecar =
        route(
            "allowOrigins: ['*'], allowMethods: ['*'], allowHeaders: ['*'], allowCredentials: true")) {
      RawClient.Response response =
          preflight(sidecar, "https://any.example", "Access-Control-Request-Headers: x-a, x-b\r\n");
      assertEquals("https://any.example", allowed(response));
      assertEquals("PUT", response.field("access-control-allow-methods"));
      assertEquals("x-a, x-b", response.field("access-control-allow-headers"));
      assertEquals("5", response.field("access-control-max-age"));
      RawClient.Response without = preflight(sidecar, "https://any.example", "");
      assertEquals("", without.field("access-control-allow-headers"));
    }
  }

  @Test
  void optionsThatIsNoPreflightIsTheApps() throws IOException {
    try (TestSidecar sidecar = route("allowOrigins: ['*']");
        RawClient client = new RawClient(sidecar.port())) {
      client.send("OPTIONS /a HTTP/1.1\r\nHost: app\r\nOrigin: https://a\r\n\r\n");
      assertEquals("hello", client.read(false).body());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "https://a.example, https://a.example, true",
    "https://a.example, http://a.example, false",
    "https://a.example, https://a.example:8443, false",
    "https://a.example:443, https://a.example, true",
    "http://a.example:80, http://a.example, true",
    "https://A.Example, https://a.example, true",
    "https://*.example, https://a.example, true",
    "https://*.example, https://a.b.example, true",
    "https://*.example, https://example, false",
    "https://*.example, https://a.example.evil, false",
    "https://*.example, https://a.example:8443, false",
    "https://*.example:8443, https://a.example:8443, true",
    "https://*.ex.ample, https://a.exxample, false",
    "https://*, https://a.b.c, true",
    "https://*, http://a.b.c, false",
    "https://*:8443, https://a:8443, true",
    "*, null, true"
  })
  void originIsComparedByItsParts(String configured, String origin, boolean expected)
      throws IOException {
    try (TestSidecar sidecar = route("allowOrigins: ['" + configured + "']")) {
      assertEquals(expected ? origin : "", allowed(get(sidecar, "Origin: " + origin + "\r\n")));
    }
  }

  private static final String ANY = "allow_origin_string_match: [{exact: 'https://a'}]";

  @Test
  void preflightOfAnotherOriginGoesToTheAppUnlessThePolicySaysNo() throws IOException {
    try (TestSidecar sidecar = policy(ANY)) {
      assertEquals("hello", preflight(sidecar, "https://b", "").body());
    }
    try (TestSidecar sidecar = policy(ANY + ", forward_not_matching_preflights: false")) {
      assertEquals("", preflight(sidecar, "https://b", "").body());
    }
  }

  @Test
  void policyThatIsOffMayStillCount() throws IOException {
    String off = ", filter_enabled: {default_value: {numerator: 0}}";
    try (TestSidecar sidecar = policy(ANY + off)) {
      assertEquals("", allowed(get(sidecar, "Origin: https://a\r\n")));
      assertEquals(0, sidecar.stat("http.in.cors.origin_valid"));
    }
    try (TestSidecar sidecar =
        policy(ANY + off + ", shadow_enabled: {default_value: {numerator: 100}}")) {
      assertEquals("", allowed(get(sidecar, "Origin: https://a\r\n")));
      assertEquals("", allowed(preflight(sidecar, "https://a", "")));
      assertEquals(2, sidecar.stat("http.in.cors.origin_valid"));
      assertEquals(3, app.all().size());
    }
  }

  @Test
  void privateNetworkIsAllowedWhereItIsAskedFor() throws IOException {
    String asked = "Access-Control-Request-Private-Network: true\r\n";
    String field = "access-control-allow-private-network";
    try (TestSidecar sidecar = policy(ANY + ", allow_private_network_access: true")) {
      assertEquals("true", preflight(sidecar, "https://a", asked).field(field));
      assertEquals("", preflight(sidecar, "https://a", "").field(field));
    }
    try (TestSidecar sidecar = policy(ANY)) {
      assertEquals("", preflight(sidecar, "https://a", asked).field(field));
    }
  }

  @Test
  void refusalOfAnotherFilterMayBeReadToo() throws IOException {
    try (ClosedPort closed = new ClosedPort();
        TestSidecar sidecar = route("allowOrigins: ['*']", closed.port())) {
      RawClient.Response response = get(sidecar, "Origin: https://a\r\n");
      assertEquals(503, response.status());
      assertEquals("https://a", allowed(response));
    }
  }
}
