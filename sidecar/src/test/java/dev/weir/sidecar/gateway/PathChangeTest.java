package dev.weir.sidecar.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.testkit.GatewayMesh;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code URLRewrite} and {@code RequestRedirect} of an HTTPRoute, by what apps and clients see. */
class PathChangeTest {
  private static GatewayMesh mesh(String rules) {
    GatewayMesh mesh =
        GatewayMesh.of(GatewayMesh.services("app") + GatewayMesh.route("app", "app", rules));
    assertEquals(List.of(), mesh.findings());
    return mesh;
  }

  /** The first eleven are the table in the documentation of {@code HTTPPathModifier}. */
  @ParameterizedTest(name = "{0}: {1} by {2} is {3}")
  @CsvSource({
    "/foo/bar, /foo, /xyz, /xyz/bar",
    "/foo/bar, /foo, /xyz/, /xyz/bar",
    "/foo/bar, /foo/, /xyz, /xyz/bar",
    "/foo/bar, /foo/, /xyz/, /xyz/bar",
    "/foo, /foo, /xyz, /xyz",
    "/foo/, /foo, /xyz, /xyz/",
    "/foo/bar, /foo, '', /bar",
    "/foo/, /foo, '', /",
    "/foo, /foo, '', /",
    "/foo/, /foo, /, /",
    "/foo, /foo, /, /",
    "/foo/bar?a=/foo, /foo, /xyz, /xyz/bar?a=/foo",
    "/foo?a=b, /foo, /, /?a=b",
    "/foo/bar/?a=b, /foo, '', /bar/?a=b",
    "/bar, /, /xyz, /xyz/bar",
    "/, /, /xyz, /xyz/",
    "/bar, /, /, /bar",
    "/a.b/c, /a.b, '', /c",
    "/foo/foo/bar, /foo, '', /foo/bar",
    "/foo/bar, /foo/bar, /a/b/c, /a/b/c"
  })
  void matchedPrefixIsReplacedByWholeElements(
      String path, String prefix, String replacement, String expected) throws Exception {
    String modifier =
        "{path: {type: ReplacePrefixMatch, replacePrefixMatch: '%s'}}".formatted(replacement);
    String match = "matches: [{path: {value: %s}}], ".formatted(prefix);
    try (TestUpstream app = TestUpstream.replying("hello")) {
      GatewayMesh rewrites =
          mesh(
              "[{%sfilters: [{type: URLRewrite, urlRewrite: %s}], backendRefs: [{name: app, port: 8080}]}]"
                  .formatted(match, modifier));
      try (TestSidecar sidecar = rewrites.start("app", Map.of("app", app.port()));
          RawClient client = new RawClient(sidecar.port())) {
        assertEquals(200, client.get(path).status());
      }
      TestUpstream.Request request = app.next();
      assertEquals("GET " + expected + " HTTP/1.1", request.line());
      assertEquals(path, request.field("x-envoy-original-path"));
    }
    GatewayMesh redirects =
        mesh(
            "[{%sfilters: [{type: RequestRedirect, requestRedirect: %s}]}]"
                .formatted(match, modifier));
    try (TestSidecar sidecar = redirects.start("app", Map.of());
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response response =
          client.send("GET " + path + " HTTP/1.1\r\nHost: app:8080\r\n\r\n").read(false);
      assertEquals(302, response.status());
      assertEquals("http://app:8080" + expected, response.field("location"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/a, '{path: {type: ReplaceFullPath, replaceFullPath: /b}}', /b, app:8080",
    "/a/b/c?d=e, '{path: {type: ReplaceFullPath, replaceFullPath: /b}}', /b?d=e, app:8080",
    "/a, '{path: {type: ReplaceFullPath, replaceFullPath: /b$1%41(x)}}', /b$1%41(x), app:8080",
    "/a, '{hostname: example.org}', /a, example.org",
    "/a, '{hostname: example.org, path: {type: ReplaceFullPath, replaceFullPath: /}}', /, example.org",
    "/a, '{}', /a, app:8080"
  })
  void appSeesTheWholePathAndTheHostAsRewritten(
      String path, String rewrite, String expected, String host) throws Exception {
    GatewayMesh mesh =
        mesh(
            "[{matches: [{path: {type: RegularExpression, value: '/a.*'}}], filters: [{type: URLRewrite, urlRewrite: %s}], backendRefs: [{name: app, port: 8080}]}]"
                .formatted(rewrite));
    try (TestUpstream app = TestUpstream.replying("hello");
        TestSidecar sidecar = mesh.start("app", Map.of("app", app.port()));
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET " + path + " HTTP/1.1\r\nHost: app:8080\r\n\r\n").read(false);
      TestUpstream.Request request = app.next();
      assertEquals("GET " + expected + " HTTP/1.1", request.line());
      assertEquals(host, request.field("host"));
    }
  }

  /** The port as the documentation of {@code HTTPRequestRedirectFilter} derives it. */
  @ParameterizedTest
  @CsvSource({
    "{}, app:8080, 302, http://app:8080/a?b=c",
    "{statusCode: 301}, app:8080, 301, http://app:8080/a?b=c",
    "{statusCode: 303}, app:8080, 303, http://app:8080/a?b=c",
    "{statusCode: 307}, app:8080, 307, http://app:8080/a?b=c",
    "{statusCode: 308}, app:8080, 308, http://app:8080/a?b=c",
    "{scheme: http}, app:8080, 302, http://app:80/a?b=c",
    "{scheme: https}, app:8080, 302, https://app:443/a?b=c",
    "'{scheme: https, hostname: x.org}', app:8080, 302, https://x.org/a?b=c",
    "'{scheme: http, hostname: x.org}', app:8080, 302, http://x.org/a?b=c",
    "'{scheme: https, port: 8443}', app:8080, 302, https://app:8443/a?b=c",
    "'{scheme: https, port: 443, hostname: x.org}', app:8080, 302, https://x.org/a?b=c",
    "'{scheme: http, port: 443, hostname: x.org}', app:8080, 302, http://x.org:443/a?b=c",
    "{hostname: x.org}, app:8080, 302, http://x.org:8080/a?b=c",
    "'{hostname: x.org, port: 80}', app:8080, 302, http://x.org/a?b=c",
    "{port: 81}, app, 302, http://app:81/a?b=c",
    "'{hostname: x.org, port: 80, path: {type: ReplaceFullPath, replaceFullPath: /z}}', app, 302, http://x.org/z?b=c"
  })
  void redirectLeadsWhereItSays(String redirect, String host, int status, String location)
      throws Exception {
    GatewayMesh mesh =
        mesh("[{filters: [{type: RequestRedirect, requestRedirect: %s}]}]".formatted(redirect));
    try (TestSidecar sidecar = mesh.start("app", Map.of());
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response response =
          client.send("GET /a?b=c HTTP/1.1\r\nHost: " + host + "\r\n\r\n").read(false);
      assertEquals(status, response.status());
      assertEquals(location, response.field("location"));
    }
  }
}
