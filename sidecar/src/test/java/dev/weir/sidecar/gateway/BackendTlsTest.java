package dev.weir.sidecar.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.GatewayMesh;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.EnvoyProcess;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawClient.Response;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server outside of the mesh that takes TLS, called in plain text. */
class BackendTlsTest {
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: api, namespace: shop}
      spec:
        type: ExternalName
        externalName: api.example.com
        ports: [{name: %s, port: 8080, targetPort: 443}]
      ---
      apiVersion: weir.dev/v1alpha1
      kind: ResiliencePolicy
      metadata: {name: once, namespace: shop}
      spec: {targetRefs: [{group: "", kind: Service, name: api}], retry: {attempts: 0}}
      ---
      """;

  @TempDir Path folder;

  private TestCa ca;

  @BeforeEach
  void makeCa() {
    ca = TestCa.create(folder, "ca");
  }

  private TestUpstream server(String... names) throws IOException {
    return TestUpstream.start(
        (request, out) -> TestUpstream.reply(out, 200, "from outside"),
        ca.context(ca.issue(names)).getServerSocketFactory());
  }

  private String configMap() throws IOException {
    return """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: ca, namespace: shop}
    data:
      ca.crt: |
    %s---
    """
        .formatted(Files.readString(ca.certificate()).indent(4));
  }

  private static String policy(String more) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: BackendTLSPolicy
    metadata: {name: api, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: api}]
      validation:
        hostname: api.example.com
        caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}]
        %s
    ---
    """
        .formatted(more);
  }

  private String mesh(String more) throws IOException {
    return SERVICE.formatted("http") + configMap() + policy(more);
  }

  private static Response get(int port) throws IOException {
    try (RawClient client = new RawClient(port)) {
      return client.get("/");
    }
  }

  /** What the app gets of a server that shows a certificate for {@code names}. */
  private Response called(String more, String... names) throws IOException {
    try (TestUpstream server = server(names);
        TestSidecar sidecar =
            GatewayMesh.of(mesh(more)).start("api", Map.of("api", server.port()))) {
      return get(sidecar.port());
    }
  }

  @Test
  void serverIsSpokenTlsToByItsNameAndHost() throws Exception {
    GatewayMesh mesh = GatewayMesh.of(mesh(""));
    assertEquals(List.of(), mesh.findings());
    try (TestUpstream server = server("api.example.com");
        TestSidecar sidecar = mesh.start("api", Map.of("api", server.port()))) {
      assertEquals("from outside", get(sidecar.port()).body());
      assertEquals("api.example.com", server.next().field("host"));
      assertEquals(1, sidecar.stat("cluster.outbound|8080|shop/api.ssl.handshake"));
    }
  }

  @Test
  void serverByAnotherNameIsNotCalled() throws IOException {
    Response refused = called("", "www.example.com");
    assertEquals(503, refused.status());
    assertEquals("connect-failure", refused.field("x-weir-cause"));
  }

  @Test
  void subjectAltNamesTakeThePlaceOfTheHostname() throws IOException {
    String names = "subjectAltNames: [{type: Hostname, hostname: \"*.example.org\"}]";
    assertEquals("from outside", called(names, "a.example.org").body());
    assertEquals("from outside", called(names, "*.example.org").body());
    assertEquals(503, called(names, "api.example.com").status());
    String uri = "subjectAltNames: [{type: URI, uri: \"spiffe://example.com/api\"}]";
    assertEquals("from outside", called(uri, "spiffe://example.com/api").body());
    assertEquals(503, called(uri, "api.example.com").status());
  }

  @Test
  void withoutACertificateToTrustConnectionsFailAndNothingIsSent() throws Exception {
    GatewayMesh mesh = GatewayMesh.of(SERVICE.formatted("http") + policy(""));
    assertEquals(2, mesh.findings().size(), () -> mesh.findings().toString());
    try (TestUpstream server = server("api.example.com");
        TestSidecar sidecar = mesh.start("api", Map.of("api", server.port()))) {
      Response refused = get(sidecar.port());
      assertEquals(503, refused.status());
      assertEquals("connect-failure", refused.field("x-weir-cause"));
      assertEquals(List.of(), server.all());
    }
  }

  @Test
  void serverIsSpokenToAsThePortSays() throws Exception {
    String rest = configMap() + policy("");
    try (TestUpstream app = TestUpstream.replying("by two");
        TestSidecar server =
            TestConfig.to(app)
                .manager("codec_type: HTTP2")
                .downstreamTls(ca.issue("api.example.com"), "alpn_protocols: [h2]", "")
                .start();
        TestSidecar http2 =
            GatewayMesh.of(SERVICE.formatted("http2") + rest)
                .start("api", Map.of("api", server.port()));
        TestSidecar http =
            GatewayMesh.of(SERVICE.formatted("http") + rest)
                .start("api", Map.of("api", server.port()))) {
      assertEquals("by two", get(http2.port()).body());
      assertTrue(get(http.port()).status() >= 502);
    }
  }

  @Test
  @Tag("envoy")
  void realEnvoyDoesTheSameByTheSamePolicy() throws Exception {
    try (TestUpstream server = server("api.example.com");
        TestUpstream another = server("www.example.com")) {
      assertEquals("from outside", byEnvoy(mesh(""), server).body());
      assertEquals(503, byEnvoy(mesh(""), another).status());
      assertEquals(503, byEnvoy(SERVICE.formatted("http") + policy(""), server).status());
      String wild = "subjectAltNames: [{type: Hostname, hostname: \"*.example.com\"}]";
      assertEquals("from outside", byEnvoy(mesh(wild), another).body());
      assertTrue(another.all().size() == 1, () -> another.all().toString());
    }
  }

  private Response byEnvoy(String mesh, TestUpstream server) throws IOException {
    String bootstrap =
        GatewayMesh.ofEnvoy(mesh).bootstrap("api", Map.of("api", List.of(server.port())));
    try (EnvoyProcess envoy = EnvoyProcess.start(bootstrap, folder)) {
      return get(envoy.port());
    }
  }
}
