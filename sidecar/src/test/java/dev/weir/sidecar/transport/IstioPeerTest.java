package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.EnvoyProcess;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawClient.Response;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sidecars of Istio's and ours call each other, with certificates of one root. Istio's are real
 * Envoy by what istiod sends of a port in PERMISSIVE mode (istio 86c9f01,
 * pilot/pkg/networking/core/listener_builder.go and util.go), ours as the control plane compiles
 * them.
 */
class IstioPeerTest {
  private static final String CART = "spiffe://cluster.local/ns/shop/sa/cart";
  private static final String FRONTEND = "spiffe://cluster.local/ns/shop/sa/frontend";

  private static final String INSPECTOR =
      """
          listener_filters:
          - {name: tls, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector}}
      """;

  @TempDir Path folder;
  private TestCa ca;

  @SuppressWarnings("NullAway.Init")
  IstioPeerTest() {}

  @BeforeEach
  void makeCa() {
    ca = TestCa.create(folder, "root");
  }

  private String own(String identity) {
    TestCa.Issued issued = ca.issue(identity);
    return "tls_certificates: [{certificate_chain: {filename: \"%s\"}, private_key: {filename: \"%s\"}}]"
        .formatted(issued.chain(), issued.key());
  }

  private String trusted(String more) {
    return "validation_context: {trusted_ca: {filename: \"%s\"}%s}"
        .formatted(ca.certificate(), more);
  }

  private String expecting(String identity) {
    return trusted(
        ", match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: \"%s\"}}]"
            .formatted(identity));
  }

  /** A chain of the listener {@code in} of {@code base}, whose own chain takes plain text. */
  private static String withTls(String base, String protocols, String common) {
    int filters = base.indexOf("    - filters:\n");
    int end = base.indexOf("  clusters:\n");
    String chain = base.substring(filters, end);
    String mutual =
        chain.replaceFirst(
            "    - filters:\n",
            """
                - filter_chain_match: {transport_protocol: tls, application_protocols: [%s]}
                  transport_socket: {name: tls, typed_config: {"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, require_client_certificate: true, common_tls_context: {%s}}}
                  filters:
            """
                .formatted(protocols, common));
    return (base.substring(0, filters) + mutual + base.substring(filters))
        .replaceFirst("  - name: in\n", "  - name: in\n" + INSPECTOR);
  }

  private static TestConfig callee(TestUpstream app) {
    return TestConfig.to(app)
        .manager(
            """
            forward_client_cert_details: SANITIZE_SET
            set_current_client_cert_details: {uri: true}\
            """);
  }

  private String ofIstio(TestUpstream app) {
    return withTls(
        callee(app).yaml(),
        "istio-http/1.0, istio-http/1.1, istio-h2",
        own(CART) + ", alpn_protocols: [h2, http/1.1], " + trusted(""));
  }

  private String ofWeir(TestUpstream app) {
    return withTls(
        callee(app).yaml(),
        "istio-http/1.1, istio-h2, istio-http/1.0",
        own(CART)
            + ", alpn_protocols: [istio-http/1.1, istio-h2, istio-http/1.0, istio, h2, http/1.1], "
            + trusted(""));
  }

  private String caller(int port, String protocols, String sni, String callee) {
    return TestConfig.to(port)
        .upstreamTls(
            own(FRONTEND) + ", alpn_protocols: [" + protocols + "], " + expecting(callee),
            "sni: " + sni)
        .yaml();
  }

  private static String seen(TestUpstream app) throws Exception {
    return app.next().field("x-forwarded-client-cert");
  }

  private static Response get(int port) throws IOException {
    try (RawClient client = new RawClient(port)) {
      return client.get("/");
    }
  }

  @Test
  @Tag("envoy")
  void istiosSidecarTakesOurCalls() throws Exception {
    try (TestUpstream app = TestUpstream.replying("hello");
        EnvoyProcess istio = EnvoyProcess.start(ofIstio(app), folder);
        TestSidecar ours =
            TestSidecar.start(
                caller(istio.port(), "istio-http/1.1", "cart.shop.svc.cluster.local", CART), 1)) {
      assertEquals("hello", get(ours.port()).body());
      assertTrue(seen(app).contains("URI=" + FRONTEND));
      assertEquals("hello", get(istio.port()).body()); // a stranger's, in plain text
    }
  }

  @Test
  @Tag("envoy")
  void istiosSidecarOfAnotherServiceIsNotCalled() throws Exception {
    try (TestUpstream app = TestUpstream.replying("hello");
        EnvoyProcess istio = EnvoyProcess.start(ofIstio(app), folder);
        TestSidecar ours =
            TestSidecar.start(
                caller(istio.port(), "istio-http/1.1", "stock.shop.svc.cluster.local", FRONTEND),
                1)) {
      assertEquals(503, get(ours.port()).status());
      assertEquals(List.of(), app.all());
    }
  }

  /** By a name with underscores, which the JDK's engine refuses. */
  @Test
  @Tag("envoy")
  void istiosSidecarCallsOurs() throws Exception {
    boolean taken = TlsProvider.standard().get() != TlsProvider.JDK;
    try (TestUpstream app = TestUpstream.replying("hello");
        TestSidecar ours = TestSidecar.start(ofWeir(app), 1);
        EnvoyProcess istio =
            EnvoyProcess.start(
                caller(
                    ours.port(),
                    "istio-http/1.1, istio, http/1.1",
                    "outbound_.80_._.cart.shop.svc.cluster.local",
                    CART),
                folder)) {
      Response answer = get(istio.port());
      assertEquals(taken ? 200 : 503, answer.status());
      if (taken) {
        assertTrue(seen(app).contains("URI=" + FRONTEND));
      }
    }
  }

  /** What Istio's sidecars say to each other before the app's bytes they say by that name alone. */
  @Test
  void sidecarThatWouldSayMoreThanBytesIsAnsweredByTheNameOfBytes() throws Exception {
    String chain = own(CART) + ", alpn_protocols: [istio-http/1.1, istio, h2], " + trusted("");
    try (TestUpstream app = TestUpstream.replying("hello");
        TestSidecar ours =
            TestSidecar.start(withTls(callee(app).yaml(), "istio, istio-peer-exchange", chain), 1);
        SSLSocket istio =
            (SSLSocket)
                ca.context(ca.issue(FRONTEND))
                    .getSocketFactory()
                    .createSocket("127.0.0.1", ours.port())) {
      SSLParameters parameters = istio.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"istio-peer-exchange", "istio"});
      istio.setSSLParameters(parameters);
      istio.startHandshake();
      assertEquals("istio", istio.getApplicationProtocol());
    }
  }
}
