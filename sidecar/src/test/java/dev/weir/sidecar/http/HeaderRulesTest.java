package dev.weir.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What configuration does to headers, and what it asks of them. */
class HeaderRulesTest {
  private static String ask(TestUpstream app, TestSidecar sidecar, String fields) throws Exception {
    try (RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\n" + fields + "\r\n").read(false);
    }
    return app.next().head();
  }

  @Test
  void valueOfAnAbsentHeaderIsNotAdded() throws Exception {
    String add = "{header: {key: %s, value: \"%s\"}, keep_empty_value: %s}";
    try (TestUpstream app = TestUpstream.replying("ok");
        TestSidecar sidecar =
            TestSidecar.start(
                TestConfig.to(app)
                    .yaml()
                    .replaceFirst(
                        "( +)domains: (.*)",
                        "$1domains: $2\n$1request_headers_to_add: ["
                            + add.formatted("x-gone", "%REQ(x-nope)%", false)
                            + ", "
                            + add.formatted("x-mix", "a[%REQ(x-nope)%]", false)
                            + ", "
                            + add.formatted("x-keep", "%REQ(x-nope)%", true)
                            + ", "
                            + add.formatted("x-first", "%REQ(x-twice)%", false)
                            + "]"),
                1)) {
      String head = ask(app, sidecar, "X-Twice: 1\r\nX-Twice: 2\r\n");
      assertFalse(head.contains("x-gone"), head);
      assertTrue(head.contains("x-mix: a[]\r\n"), head);
      assertTrue(head.contains("x-keep: \r\n"), head);
      assertTrue(head.contains("x-first: 1\r\n"), head);
    }
  }

  /** A name, a claim or a certificate's subject may hold a line break. */
  @Test
  void valueThatOperatorsFillInIsOneLine() throws Exception {
    String add =
        "%s_headers_to_add: [{header: {key: x-route, value: \" %%ROUTE_NAME%% \"}}]\n                ";
    try (TestUpstream app = TestUpstream.replying("ok");
        TestSidecar sidecar =
            TestSidecar.start(
                TestConfig.to(app)
                    .yaml()
                    .replaceFirst(
                        "- match: [{]prefix: \"/\"[}]\n +",
                        "- match: {prefix: \"/\"}\n                "
                            + "name: \"a\\\\r\\\\nx-evil: –\"\n                "
                            + add.formatted("request")
                            + add.formatted("response")),
                1);
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals("a%0D%0Ax-evil: ?", client.get("/").field("x-route"));
      assertEquals("a%0D%0Ax-evil: ?", app.next().field("x-route"));
    }
  }

  @Test
  void remoteAddressSaysWhatAStrangerMayNot() throws Exception {
    try (TestUpstream app = TestUpstream.replying("ok");
        TestSidecar sidecar = TestConfig.to(app).manager("use_remote_address: true").start()) {
      String head =
          ask(app, sidecar, "X-Forwarded-Proto: https\r\nX-Forwarded-Client-Cert: By=x\r\n");
      assertTrue(head.contains("x-forwarded-proto: http\r\n"), head);
      assertFalse(head.toLowerCase(java.util.Locale.ROOT).contains("client-cert"), head);
    }
  }

  @Test
  void clustersBoundOfHeadersIsItsOwn() throws Exception {
    String fields = "X-A: a\r\n".repeat(150);
    try (TestUpstream app =
            TestUpstream.start((request, out) -> {
              TestUpstream.write(out, "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: 0\r\n\r\n");
              return true;
            });
        TestSidecar usual = TestConfig.to(app).start();
        TestSidecar more =
            TestConfig.to(app)
                .cluster(
                    """
                    typed_extension_protocol_options:
                      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                        common_http_protocol_options: {max_headers_count: 200}
                        explicit_http_config: {http_protocol_options: {}}\
                    """)
                .start();
        RawClient toUsual = new RawClient(usual.port());
        RawClient toMore = new RawClient(more.port())) {
      assertEquals(502, toUsual.get("/").status());
      assertEquals(200, toMore.get("/").status());
    }
  }

  @ParameterizedTest(name = "{0} of {1}{2} said to be {3}: {4}")
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "path_redirect: /new, app, /old?q=1, http, http://app/new?q=1",
        "`path_redirect: \"/new?own\"`, app, /old?q=1, http, http://app/new?own",
        "`path_redirect: /new, strip_query: true`, app, /old?q=1, http, http://app/new",
        "`prefix_rewrite: /n/`, app, /old?q=1, http, http://app/n/old?q=1",
        "strip_query: true, app, /old?q=1, http, http://app/old",
        "https_redirect: true, app:80, /, http, https://app/",
        "https_redirect: true, app:8080, /, http, https://app:8080/",
        "https_redirect: true, `[::1]:80`, /, http, https://[::1]/",
        "host_redirect: other, app:81, /x, http, http://other/x",
        "port_redirect: 8443, app:80, /x, http, http://app:8443/x",
        "path_redirect: /n, app, /, https, https://app/n",
        "path_redirect: /n, app, /, gopher, http://app/n",
        "scheme_redirect: http, app:443, /, https, http://app/"
      })
  void redirectLeadsWhereEnvoysDoes(
      String redirect, String host, String path, String proto, String location) throws Exception {
    try (TestUpstream app = TestUpstream.replying("never");
        TestSidecar sidecar =
            TestSidecar.start(
                TestConfig.to(app)
                    .yaml()
                    .replaceAll("(?s)route:\\s+cluster: app\\s", "redirect: {" + redirect + "}\n"),
                1);
        RawClient client = new RawClient(sidecar.port())) {
      String request =
          "GET %s HTTP/1.1\r\nHost: %s\r\nX-Forwarded-Proto: %s\r\n\r\n"
              .formatted(path, host, proto);
      assertEquals(location, client.send(request).read(false).field("location"));
    }
  }

  @Test
  void pathAndHostAreRewrittenAndTheOldPathIsTold() throws Exception {
    try (TestUpstream app = TestUpstream.replying("ok");
        TestSidecar sidecar =
            TestConfig.to(app).route("prefix_rewrite: /new/\nhost_rewrite_literal: other").start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET /a?q HTTP/1.1\r\nHost: app\r\n\r\n").read(false);
      TestUpstream.Request seen = app.next();
      assertTrue(seen.head().startsWith("GET /new/a?q HTTP/1.1\r\n"), seen.head());
      assertEquals("other", seen.field("host"));
      assertEquals("/a?q", seen.field("x-envoy-original-path"));
    }
  }

  @Test
  void clusterOfASplitHasAHostOfItsOwn() throws Exception {
    String split =
        "route: {weighted_clusters: {clusters: [{name: app, weight: 1, host_rewrite_literal:"
            + " api.example.com}]}}\n";
    try (TestUpstream app = TestUpstream.replying("ok");
        TestSidecar sidecar =
            TestSidecar.start(
                TestConfig.to(app).yaml().replaceAll("(?s)route:\\s+cluster: app\\s", split), 1);
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n").read(false);
      assertEquals("api.example.com", app.next().field("host"));
    }
  }

  @Test
  void clusterOfASplitHasHeadersOfItsOwn() throws Exception {
    String split =
        "route: {weighted_clusters: {clusters: [{name: app, weight: 1,"
            + " request_headers_to_add: [{header: {key: x-split, value: one}}],"
            + " response_headers_to_add: [{header: {key: x-from, value: one}}]}]}}\n";
    try (TestUpstream app = TestUpstream.replying("ok");
        TestSidecar sidecar =
            TestSidecar.start(
                TestConfig.to(app)
                    .yaml()
                    .replaceAll("(?s)route:\\s+cluster: app\\s", split)
                    .replaceFirst(
                        "( +)domains: (.*)",
                        "$1domains: $2\n$1response_headers_to_add: [{header: {key: x-host, value: all}}]"),
                1);
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response answer = client.get("/");
      assertEquals("one", answer.field("x-from"));
      assertEquals("all", answer.field("x-host"));
      assertEquals("one", app.next().field("x-split"));
    }
  }

  @Test
  void responseThatIsCutHasItsCauseInTheLog(@TempDir Path folder) throws Exception {
    Path log = folder.resolve("access.log");
    try (TestUpstream app =
            TestUpstream.start((request, out) -> {
              TestUpstream.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
              return false;
            });
        TestSidecar sidecar =
            TestConfig.to(app).accessLog(log, "%RESPONSE_CODE% %WEIR_CAUSE%").start()) {
      try (RawClient client = new RawClient(sidecar.port())) {
        client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
        assertTrue(client.rest().endsWith("half"));
      } catch (IOException reset) {
        // cut as well
      }
      sidecar.drain();
    }
    assertEquals(List.of("200 upstream-closed"), Files.readAllLines(log));
  }
}
