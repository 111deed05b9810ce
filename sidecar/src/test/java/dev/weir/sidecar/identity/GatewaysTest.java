package dev.weir.sidecar.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.AdsBootstrap;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an app gets in {@code x-forwarded-client-cert} when sidecars call each other: callers and
 * callee have what the real control plane compiles and certifies. Nothing redirects here: the
 * callee's listener is called at the port of its app, and its cluster is at the app's own.
 */
class GatewaysTest {
  /** What a client says of who called it. */
  private static final String WORD = "By=spiffe://edge;Hash=00;URI=spiffe://user";

  private static final String ID = "spiffe://mesh.test/ns/shop/sa/";

  @TempDir Path folder;

  private CertifyingControlPlane controlPlane;
  private TestUpstream app;
  private TestSidecar callee;
  private int port;

  @SuppressWarnings("NullAway.Init")
  GatewaysTest() {}

  @BeforeEach
  void begin() throws Exception {
    controlPlane = new CertifyingControlPlane(folder);
    app =
        TestUpstream.start((request, out) ->
            TestUpstream.reply(out, 200, "<" + request.field("x-forwarded-client-cert") + ">"));
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    write(
        "cart",
        """
        apiVersion: v1
        kind: Service
        metadata: {name: cart, namespace: shop}
        spec: {ports: [{name: http, port: 8080, targetPort: %d}]}
        """
            .formatted(port));
    Await.until(() -> controlPlane.page("/services").contains(Integer.toString(port)));
    callee = TestSidecar.start(calleeYaml(), 2);
    Await.until(() -> callee.sidecar().addresses().containsKey("inbound"));
  }

  @AfterEach
  void end() throws Exception {
    callee.close();
    controlPlane.close();
    app.close();
  }

  private void write(String name, String yaml) throws IOException {
    Path beside = Files.writeString(folder.resolve("." + name), yaml);
    Files.move(
        beside, folder.resolve("mesh/" + name + ".yaml"), StandardCopyOption.REPLACE_EXISTING);
  }

  /** Puts {@code gateways}, in brackets, in force. */
  private void gateways(String gateways) throws IOException {
    write(
        "mesh-config",
        """
        apiVersion: weir.dev/v1alpha1
        kind: MeshConfig
        metadata: {name: default, namespace: weir-system}
        spec: {gateways: %s}
        """
            .formatted(gateways));
  }

  private String calleeYaml() throws IOException {
    String cluster =
        """
          - name: %s
            type: STATIC
            load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]}
        """;
    return "node: {id: cart-1, cluster: cart, metadata: {WEIR_SERVICE: cart, WEIR_NAMESPACE: shop,"
        + " WEIR_INBOUND_PORT: "
        + port
        + ", WEIR_OUTBOUND_PORT: 0, WEIR_MARK: 0}}\n"
        + "admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}\n"
        + AdsBootstrap.dynamicResources(AdsBootstrap.DELTA)
        + "  lds_config: {ads: {}, resource_api_version: V3}\n"
        + controlPlane.extension("cart", controlPlane.token("cart"), "3600s")
        + "static_resources:\n  clusters:\n"
        + cluster.formatted("\"inbound|8080|shop/cart\"", app.port())
        + cluster.formatted("inbound-passthrough", app.port())
        + cluster.formatted("passthrough", app.port())
        + controlPlane.cluster("ca", "")
        + controlPlane.cluster("xds", "tls_certificate_sds_secret_configs: [{name: default}],");
  }

  /** A sidecar that calls the callee as {@code service}, by mutual TLS. */
  private TestSidecar caller(String service) throws IOException {
    String own =
        "alpn_protocols: [istio-http/1.1], tls_certificate_sds_secret_configs: [{name: default}],"
            + " validation_context_sds_secret_config: {name: ROOTCA}";
    TestSidecar caller =
        TestSidecar.start(
            controlPlane.extension(service, controlPlane.token(service), "3600s")
                + TestConfig.to(port)
                    .upstreamTls(own, "")
                    .yaml()
                    .replace("  - name: in\n", "  - name: in\n    traffic_direction: OUTBOUND\n")
                    .stripTrailing()
                + "\n"
                + controlPlane.cluster("ca", ""),
            1);
    Await.until(() -> ready(caller));
    return caller;
  }

  private static boolean ready(TestSidecar sidecar) {
    try (RawClient client = new RawClient(sidecar.adminPort())) {
      return client.get("/ready").status() == 200;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the app gets of a client that says {@link #WORD}. */
  private static String seen(RawClient client) throws IOException {
    client.send("GET / HTTP/1.1\r\nHost: a\r\nx-forwarded-client-cert: " + WORD + "\r\n\r\n");
    String body = client.read(false).body();
    assertTrue(body.startsWith("<") && body.endsWith(">"), body);
    return body.substring(1, body.length() - 1);
  }

  private static String seen(int port) {
    try (RawClient client = new RawClient(port)) {
      return seen(client);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without the hash, which is another for each certificate. */
  private static String ofCaller(String seen) {
    return seen.replaceFirst("Hash=[0-9a-f]{64}", "Hash=");
  }

  private static String callBy(String service) {
    return "By=" + ID + "cart;Hash=;Subject=\"\";URI=" + ID + service;
  }

  @Test
  void aGatewaysWordIsBelievedAndNobodyElses() throws Exception {
    try (TestSidecar gateway = caller("frontend");
        TestSidecar other = caller("cart");
        RawClient kept = new RawClient(gateway.port())) {
      assertEquals(callBy("frontend"), ofCaller(seen(kept)), "nobody is a gateway");

      gateways("[{serviceAccount: shop/frontend}]");
      Await.until(() -> seen(gateway.port()).startsWith(WORD));
      assertEquals(WORD + "," + callBy("frontend"), ofCaller(seen(kept)));
      assertEquals(callBy("cart"), ofCaller(seen(other.port())), "of another workload");
      assertEquals("", seen(port), "of plain text");

      gateways("[{principal: \"" + ID + "cart\"}]");
      Await.until(() -> seen(other.port()).startsWith(WORD));
      assertEquals(WORD + "," + callBy("cart"), ofCaller(seen(other.port())));
      assertEquals(callBy("frontend"), ofCaller(seen(kept)), "of one that was a gateway");
      assertEquals("", seen(port), "of plain text");
    }
  }
}
