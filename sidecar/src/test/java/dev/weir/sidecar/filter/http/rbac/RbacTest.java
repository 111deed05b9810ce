package dev.weir.sidecar.filter.http.rbac;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may call, through a whole sidecar. */
class RbacTest {
  private static final String FILTER = "envoy.extensions.filters.http.rbac.v3.RBAC";
  private static final String ANY = "[{any: true}]";

  @TempDir Path folder;

  private TestUpstream app;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("hello");
  }

  @AfterEach
  void stop() throws IOException {
    app.close();
  }

  private static String rules(String action, String permissions, String principals) {
    return "rules: {action: %s, policies: {shop/a: {permissions: %s, principals: %s}}}"
        .formatted(action, permissions, principals);
  }

  private TestConfig config(String filter) {
    return TestConfig.to(app).filter("rbac", FILTER, filter);
  }

  private static String answer(TestSidecar sidecar, String head) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      client.send(head + "\r\n\r\n");
      return client.readUntil(text -> text.contains("\r\n\r\n"));
    }
  }

  private static String status(TestSidecar sidecar, String head) throws IOException {
    return answer(sidecar, head).substring(9, 12);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{any: true} | 200",
        "{not_rule: {any: true}} | 403",
        "{header: {name: x-a, string_match: {exact: '1'}}} | 200",
        "{header: {name: x-a, string_match: {exact: '2'}}} | 403",
        "{header: {name: ':method', string_match: {exact: GET}}} | 200",
        "{url_path: {path: {exact: /a/b}}} | 200",
        "{url_path: {path: {exact: '/a/b?c'}}} | 403",
        "{url_path: {path: {prefix: /a/}}} | 200",
        "{url_path: {path: {safe_regex: {regex: '/a/.'}}}} | 200",
        "{destination_ip: {address_prefix: 127.0.0.0, prefix_len: 8}} | 200",
        "{destination_ip: {address_prefix: 10.0.0.0, prefix_len: 8}} | 403",
        "{destination_port: 1} | 403",
        "{destination_port_range: {start: 1, end: 65535}} | 200",
        "{and_rules: {rules: [{any: true}, {not_rule: {any: true}}]}} | 403",
        "{or_rules: {rules: [{any: true}, {not_rule: {any: true}}]}} | 200",
        "{metadata: {filter: x, path: [{key: a}], value: {present_match: true}}} | 403",
        "{metadata: {filter: x, path: [{key: a}], value: {present_match: false}}} | 200",
        "{metadata: {filter: x, path: [{key: a}], value: {present_match: true}, invert: true}} | 200",
        "{sourced_metadata: {metadata_matcher: {filter: x, path: [{key: a}], value: {string_match: {exact: a}}}}} | 403",
        "{requested_server_name: {exact: a}} | 403"
      })
  void permissionIsAskedOfTheRequest(String permission, String expected) throws IOException {
    try (TestSidecar sidecar = config(rules("ALLOW", "[" + permission + "]", ANY)).start()) {
      assertEquals(expected, status(sidecar, "GET /a/b?c HTTP/1.1\r\nHost: a\r\nx-a: 1"));
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{any: true} | 200",
        "{not_id: {any: true}} | 403",
        "{direct_remote_ip: {address_prefix: 127.0.0.1, prefix_len: 32}} | 200",
        "{remote_ip: {address_prefix: 127.0.0.0, prefix_len: 8}} | 200",
        "{source_ip: {address_prefix: 10.0.0.0, prefix_len: 8}} | 403",
        "{header: {name: x-a, present_match: true}} | 200",
        "{url_path: {path: {suffix: b}}} | 200",
        "{authenticated: {}} | 403",
        "{and_ids: {ids: [{any: true}, {authenticated: {}}]}} | 403",
        "{or_ids: {ids: [{any: true}, {authenticated: {}}]}} | 200",
        "{metadata: {filter: x, path: [{key: a}], value: {list_match: {one_of: {string_match: {exact: a}}}}}} | 403"
      })
  void principalIsAskedOfTheCaller(String principal, String expected) throws IOException {
    try (TestSidecar sidecar = config(rules("ALLOW", ANY, "[" + principal + "]")).start()) {
      assertEquals(expected, status(sidecar, "GET /a/b HTTP/1.1\r\nHost: a\r\nx-a: 1"));
    }
  }

  @Test
  void denyRefusesWhatMatchesAndSaysByWhichPolicy() throws IOException {
    Path log = folder.resolve("log");
    try (TestSidecar sidecar =
        config(rules("DENY", "[{url_path: {path: {prefix: /admin}}}]", ANY))
            .accessLog(log, "%RESPONSE_CODE_DETAILS%")
            .start()) {
      assertEquals("200", status(sidecar, "GET /a HTTP/1.1\r\nHost: a"));
      String refused = answer(sidecar, "GET /admin HTTP/1.1\r\nHost: a");
      assertTrue(refused.contains(" 403 "), refused);
      assertTrue(
          refused.contains(
              "x-weir-cause: forbidden;policy=\"shop/a\";reason=\"the caller came in plain text\"\r\n"),
          refused);
      assertEquals(1, sidecar.stat("http.in.rbac.denied"));
      assertEquals(1, sidecar.stat("http.in.rbac.allowed"));
      sidecar.close();
      assertEquals(
          List.of("via_upstream", "rbac_access_denied_matched_policy[shop/a]"),
          java.nio.file.Files.readAllLines(log));
    }
  }

  @ParameterizedTest(name = "{0} called as {1}")
  @CsvSource({
    "/admin, /admin, 403, 200",
    "/admin, //x/../%61dmin, 403, 200",
    "/admin, /admin;x=1, 403, 403",
    "/admin, /;x/admin, 403, 403",
    "/admin, /healthz/..;/admin, 403, 403",
    "/admin, /admin;/.., 200, 403",
    "/caf%C3%A9, /caf%C3%A9, 403, 200",
    "/caf%C3%A9, /caf%c3%a9, 403, 403",
    "/caf%C3%A9, /caf\u00c3\u00a9, 403, 403",
    "/a;b, /a;b, 403, 200",
    "/other, /admin;x, 200, 403"
  })
  void pathIsDeniedInAnySpellingAndAllowedInEach(
      String path, String called, String denied, String allowed) throws IOException {
    for (String action : List.of("DENY", "ALLOW")) {
      try (TestSidecar sidecar =
          config(rules(action, "[{url_path: {path: {exact: '" + path + "'}}}]", ANY))
              .manager(
                  "normalize_path: true\nmerge_slashes: true\npath_with_escaped_slashes_action: KEEP_UNCHANGED")
              .start()) {
        assertEquals(
            action.equals("DENY") ? denied : allowed,
            status(sidecar, "GET " + called + " HTTP/1.1\r\nHost: a"),
            action);
      }
    }
  }

  @Test
  void whatIsNotDeniedIsAllowedInEachSpellingAlone() throws IOException {
    try (TestSidecar sidecar =
        config(rules("DENY", "[{not_rule: {url_path: {path: {prefix: /open/}}}}]", ANY)).start()) {
      assertEquals("200", status(sidecar, "GET /open/a;b HTTP/1.1\r\nHost: a"));
      assertEquals("403", status(sidecar, "GET /open/..;/admin HTTP/1.1\r\nHost: a"));
    }
  }

  @Test
  void logAndShadowRefuseNothing() throws IOException {
    Path log = folder.resolve("log");
    try (TestSidecar sidecar =
        config(
                rules("LOG", ANY, ANY)
                    + ", shadow_rules: {action: DENY, policies: {trial: {permissions: "
                    + ANY
                    + ", principals: "
                    + ANY
                    + "}}}, shadow_rules_stat_prefix: t_")
            .accessLog(log, "%WEIR_SHADOW_CAUSE%")
            .start()) {
      assertEquals("200", status(sidecar, "GET /a HTTP/1.1\r\nHost: a"));
      assertEquals(1, sidecar.stat("http.in.rbac.t_shadow_denied"));
      sidecar.close();
      assertEquals(
          List.of("forbidden;policy=\"trial\";reason=\"the caller came in plain text\""),
          java.nio.file.Files.readAllLines(log));
    }
  }

  @Test
  void routeHasRulesInsteadOfTheFilters() throws IOException {
    String yaml =
        config(rules("DENY", ANY, ANY))
            .yaml()
            .replace(
                "              - match: {prefix: \"/\"}\n",
                "              - match: {prefix: \"/open\"}\n                route: {cluster: app}\n                typed_per_filter_config: {rbac: {\"@type\": type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBACPerRoute, rbac: {}}}\n              - match: {prefix: \"/\"}\n");
    try (TestSidecar sidecar = TestSidecar.start(yaml, 1)) {
      assertEquals("200", status(sidecar, "GET /open HTTP/1.1\r\nHost: a"));
      assertEquals("403", status(sidecar, "GET /a HTTP/1.1\r\nHost: a"));
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{authenticated: {}} | 200",
        "{authenticated: {principal_name: {exact: 'spiffe://shop/me'}}} | 200",
        "{authenticated: {principal_name: {prefix: 'spiffe://shop/'}}} | 200",
        "{authenticated: {principal_name: {exact: 'spiffe://shop/other'}}} | 403",
        "{authenticated: {principal_name: {exact: me.shop}}} | 200",
        "{authenticated: {principal_name: {exact: CN=leaf}}} | 200",
        "{authenticated: {principal_name: {exact: you.shop}}} | 403"
      })
  void whoCallsIsWhatItsCertificateSays(String principal, String expected) throws Exception {
    TestCa ca = TestCa.create(folder, "ca");
    try (TestSidecar sidecar =
        config(rules("ALLOW", ANY, "[" + principal + "]"))
            .downstreamTls(
                ca.issue("localhost"),
                "validation_context: {trusted_ca: {filename: %s}}".formatted(ca.certificate()),
                "")
            .start()) {
      assertEquals(
          expected, status(sidecar, ca.context(ca.issue("spiffe://shop/me", "me.shop")), "a"));
      assertEquals("403", status(sidecar, ca.context(), "a"), "without a certificate");
    }
  }

  @Test
  void refusedCallerIsToldAsWhomItWasSeen() throws Exception {
    TestCa ca = TestCa.create(folder, "ca");
    try (TestSidecar sidecar =
        config(rules("DENY", ANY, ANY))
            .downstreamTls(
                ca.issue("localhost"),
                "validation_context: {trusted_ca: {filename: %s}}".formatted(ca.certificate()),
                "")
            .start()) {
      assertTrue(
          answer(sidecar, ca.context(ca.issue("spiffe://shop/me")), "a")
              .contains("forbidden;policy=\"shop/a\";reason=\"the caller is spiffe://shop/me\""));
      assertTrue(
          answer(sidecar, ca.context(), "a")
              .contains("reason=\"the caller has shown no certificate"));
    }
  }

  @Test
  void serverNameThatIsCalledIsSeen() throws Exception {
    TestCa ca = TestCa.create(folder, "ca");
    try (TestSidecar sidecar =
        config(rules("ALLOW", "[{requested_server_name: {exact: a.shop}}]", ANY))
            .downstreamTls(ca.issue("a.shop"), "", "")
            .start()) {
      assertEquals("200", status(sidecar, ca.context(), "a.shop"));
      assertEquals("403", status(sidecar, ca.context(), "b.shop"));
    }
  }

  private static String status(TestSidecar sidecar, SSLContext context, String name)
      throws IOException {
    return answer(sidecar, context, name).substring(9, 12);
  }

  private static String answer(TestSidecar sidecar, SSLContext context, String name)
      throws IOException {
    try (SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      socket.setSoTimeout(5000);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(name)));
      socket.setSSLParameters(parameters);
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  @Test
  void connectionThatMayNotIsClosedBeforeAByteGoesOn() throws IOException {
    String filter =
        "        - {name: rbac, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC, stat_prefix: tcp, "
            + rules("ALLOW", ANY, "[{direct_remote_ip: {address_prefix: 10.0.0.0, prefix_len: 8}}]")
            + "}}\n";
    String yaml = TestConfig.to(app).yaml();
    try (TestSidecar sidecar =
            TestSidecar.start(
                yaml.replace("    - filters:\n", "    - filters:\n" + filter.substring(2)), 1);
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      Await.until(() -> sidecar.stat("tcp.rbac.denied") == 1);
      Await.until(() -> sidecar.stat("listener.in.downstream_cx_active") == 0);
      assertEquals(0, app.connections());
    }
  }
}
