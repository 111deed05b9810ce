package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLServerSocketFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster with a TLS transport socket, to real servers. */
@Tag("slow")
class UpstreamTlsTest {
  private static final String AUTO =
      """
      typed_extension_protocol_options:
        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
          "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
          auto_config: {}\
      """;

  @TempDir Path folder;

  private TestCa ca;

  @BeforeEach
  void makeCa() {
    ca = TestCa.create(folder, "ca");
  }

  private String trusting(String more) {
    return "validation_context: {trusted_ca: {filename: " + ca.certificate() + "}" + more + "}";
  }

  private TestUpstream app(TestCa.Issued own, TestUpstream.Script script) throws IOException {
    SSLServerSocketFactory sockets = ca.context(own).getServerSocketFactory();
    return TestUpstream.start(script, sockets);
  }

  private static HttpResponse<String> get(TestSidecar sidecar)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://localhost:" + sidecar.port() + "/"))
              .timeout(Duration.ofSeconds(10))
              .version(HttpClient.Version.HTTP_1_1)
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void serverOfTheCaIsCalledAndItsConnectionKept() throws Exception {
    try (TestUpstream app =
            app(ca.issue("app"), (request, out) -> TestUpstream.reply(out, 200, "secret"));
        TestSidecar sidecar = TestConfig.to(app).upstreamTls(trusting(""), "sni: app").start()) {
      assertEquals("secret", get(sidecar).body());
      assertEquals("secret", get(sidecar).body());
      assertEquals(1, app.connections());
      assertEquals(1, sidecar.stat("cluster.app.ssl.handshake"));
    }
  }

  @Test
  void nameThatMustMatchIsLookedAt() throws Exception {
    String name = ", match_typed_subject_alt_names: [{san_type: DNS, matcher: {exact: \"%s\"}}]";
    try (TestUpstream app =
        app(ca.issue("*.shop"), (request, out) -> TestUpstream.reply(out, 200, "secret"))) {
      try (TestSidecar sidecar =
          TestConfig.to(app).upstreamTls(trusting(name.formatted("app.shop")), "").start()) {
        assertEquals("secret", get(sidecar).body());
      }
      try (TestSidecar sidecar =
          TestConfig.to(app).upstreamTls(trusting(name.formatted("app.bank")), "").start()) {
        HttpResponse<String> refused = get(sidecar);
        assertEquals(503, refused.statusCode());
        assertEquals(1, sidecar.stat("cluster.app.ssl.fail_verify_san"));
        assertEquals(1, sidecar.stat("cluster.app.upstream_cx_connect_fail"));
      }
    }
  }

  @Test
  void serverIsToldTheNameThatIsCalled() throws Exception {
    assertEquals("hello", calledBy("app.shop"));
  }

  /** Istio's. The JDK sends it; only to take it is what it refuses. */
  @Test
  void nameThatIsNoneOfDnsIsSent() throws Exception {
    String answer = calledBy("outbound_.80_._.app.shop.svc.cluster.local");

    if (TlsProvider.standard().get() == TlsProvider.JDK) {
      assertTrue(answer.endsWith("Received fatal alert: illegal_parameter"), answer);
    } else {
      assertEquals("hello", answer);
    }
  }

  /** What one gets who calls by this name a server that goes by it. */
  private String calledBy(String name) throws Exception {
    try (TestUpstream app = TestUpstream.replying("hello");
        TestSidecar callee =
            TestSidecar.start(
                TestConfig.to(app)
                    .downstreamTls(ca.issue("app"), "", "")
                    .yaml()
                    .replaceFirst(
                        "- transport_socket:",
                        "- filter_chain_match: {server_names: ["
                            + name
                            + "]}\n      transport_socket:"),
                1);
        TestSidecar caller =
            TestConfig.to(callee.port()).upstreamTls(trusting(""), "sni: " + name).start();
        TestSidecar another =
            TestConfig.to(callee.port()).upstreamTls(trusting(""), "sni: app.bank").start()) {
      assertEquals(503, get(another).statusCode());
      return get(caller).body();
    }
  }

  @Test
  void serverOfAnotherCaIsNotCalled() throws Exception {
    TestCa other = TestCa.create(folder, "other");
    try (TestUpstream app =
            app(other.issue("app"), (request, out) -> TestUpstream.reply(out, 200, "secret"));
        TestSidecar sidecar = TestConfig.to(app).upstreamTls(trusting(""), "").start()) {
      assertEquals(503, get(sidecar).statusCode());
      assertEquals(1, sidecar.stat("cluster.app.ssl.fail_verify_error"));
    }
  }

  @Test
  void plainServerIsNotCalled() throws Exception {
    try (TestUpstream app = TestUpstream.replying("open");
        TestSidecar sidecar =
            TestConfig.to(app).upstreamTls(trusting(""), "").cluster("").start()) {
      assertEquals(503, get(sidecar).statusCode());
      assertEquals(1, sidecar.stat("cluster.app.ssl.connection_error"));
    }
  }

  @Test
  void certificateThatTheServerWantsIsShown() throws Exception {
    try (TestUpstream app = TestUpstream.replying("hello");
        TestSidecar callee =
            TestConfig.to(app)
                .downstreamTls(ca.issue("app"), trusting(""), "require_client_certificate: true")
                .start();
        TestSidecar caller =
            TestConfig.to(callee.port())
                .upstreamTls(
                    trusting("")
                        + ", tls_certificates: ["
                        + TestConfig.certificate(ca.issue("me"))
                        + "]",
                    "")
                .start()) {
      assertEquals("hello", get(caller).body());
    }
  }

  @Test
  void protocolIsTheOneThatAlpnAgreesOn() throws Exception {
    expectProtocol("h2, http/1.1", "HTTP/2");
    expectProtocol("http/1.1", "HTTP/1.1");
    expectProtocol("", "HTTP/1.1");
  }

  /** A cluster whose protocol is by ALPN calls a server that takes {@code alpn}. */
  private void expectProtocol(String alpn, String spoken) throws Exception {
    Path log = folder.resolve(spoken.replace('/', '-') + alpn.length());
    try (TestUpstream app = TestUpstream.replying("hello");
        TestSidecar callee =
            TestConfig.to(app)
                .downstreamTls(ca.issue("app"), "alpn_protocols: [" + alpn + "]", "")
                .accessLog(log, "%PROTOCOL%")
                .start();
        TestSidecar caller =
            TestConfig.to(callee.port()).upstreamTls(trusting(""), "").cluster(AUTO).start()) {
      for (int i = 0; i < 3; i++) {
        assertEquals("hello", get(caller).body());
      }
      callee.drain();
    }
    assertEquals(List.of(spoken, spoken, spoken), Files.readAllLines(log));
  }

  @Test
  void bodyUntilTheEndIsWholeWithACloseNotifyAndCutWithout() throws Exception {
    TestUpstream.Script untilTheEnd =
        (request, out) -> {
          TestUpstream.write(out, "HTTP/1.1 200 OK\r\n\r\nall of it");
          return false;
        };
    try (TestUpstream app = app(ca.issue("app"), untilTheEnd);
        TestSidecar sidecar = TestConfig.to(app).upstreamTls(trusting(""), "").start()) {
      assertEquals("all of it", get(sidecar).body());
    }
    try (TlsCut app = TlsCut.start(ca.context(ca.issue("app")), "HTTP/1.1 200 OK\r\n\r\nall of");
        TestSidecar sidecar = TestConfig.to(app.port()).upstreamTls(trusting(""), "").start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      String seen = client.readUntil(text -> text.contains("all of")) + client.rest();
      assertTrue(!seen.endsWith("0\r\n\r\n"), "a cut body must not look whole: " + seen);
    }
  }
}
