package dev.weir.sidecar.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.weir.sidecar.testkit.AdsBootstrap;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is said with {@code Override} for a namespace holds in traffic whatever an app's team says
 * of its service; each time with the same policies without it, which the team can weaken.
 *
 * <p>Nothing redirects here: the listener is called itself, at the port of its app. So what is let
 * in comes in again, from the sidecar's own address, and is refused then.
 */
@Tag("slow")
class OverrideTest {
  private static final String NOBODY =
      policy("AuthorizationPolicy", "team-deny", "Service", "cart", "action: Deny, rules: [{}]");

  @TempDir Path folder;

  private CertifyingControlPlane controlPlane;

  @SuppressWarnings("NullAway.Init") // each test starts its own
  private TestSidecar sidecar;

  private int port;

  @SuppressWarnings("NullAway.Init")
  OverrideTest() {}

  @BeforeEach
  void begin() throws Exception {
    controlPlane = new CertifyingControlPlane(folder);
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
  }

  @AfterEach
  void end() throws Exception {
    sidecar.close();
    controlPlane.close();
  }

  private static String policy(
      String kind, String name, String target, String targetName, String fields) {
    return """
    ---
    apiVersion: weir.dev/v1alpha1
    kind: %s
    metadata: {name: %s, namespace: shop}
    spec: {targetRefs: [{group: "", kind: %s, name: %s}], %s}
    """
        .formatted(kind, name, target, targetName, fields);
  }

  private static String ofNamespace(String kind, boolean override, String fields) {
    return policy(
        kind, "all", "Namespace", "shop", (override ? "precedence: Override, " : "") + fields);
  }

  /** A sidecar beside the service, with {@code policies} in force. */
  private void start(String policies) throws Exception {
    Files.writeString(
        folder.resolve("mesh/cart.yaml"),
        """
        apiVersion: v1
        kind: Service
        metadata: {name: cart, namespace: shop}
        spec: {ports: [{name: http, port: 8080, targetPort: %d}]}
        """
                .formatted(port)
            + policies);
    Await.until(() -> controlPlane.page("/services").contains(Integer.toString(port)));
    String yaml =
        "node: {id: cart-1, cluster: cart, metadata: {WEIR_SERVICE: cart, WEIR_NAMESPACE: shop,"
            + " WEIR_INBOUND_PORT: "
            + port
            + ", WEIR_OUTBOUND_PORT: 0, WEIR_MARK: 0}}\n"
            + "admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}\n"
            + AdsBootstrap.dynamicResources(AdsBootstrap.DELTA)
            + "  lds_config: {ads: {}, resource_api_version: V3}\n"
            + "  cds_config: {ads: {}, resource_api_version: V3}\n"
            + controlPlane.extension("cart", controlPlane.token("cart"), "3600s")
            + "static_resources:\n  clusters:\n"
            + controlPlane.cluster("ca", "")
            + controlPlane.cluster("xds", "tls_certificate_sds_secret_configs: [{name: default}],");
    sidecar = TestSidecar.start(yaml, 1);
    Await.until(() -> sidecar.sidecar().addresses().containsKey("inbound"));
  }

  /** The status that a caller in plain text gets; 0: it is not answered. */
  private int status() throws IOException {
    String answer = answer();
    return answer.length() < 12 ? 0 : Integer.parseInt(answer.substring(9, 12));
  }

  /** What a caller in plain text is answered, from 127.0.0.9. */
  private String answer() throws IOException {
    try (Socket client =
        new Socket(InetAddress.getLoopbackAddress(), port, InetAddress.ofLiteral("127.0.0.9"), 0)) {
      client.setSoTimeout(5000);
      client
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    } catch (SocketException reset) {
      return "";
    }
  }

  private void assertStrict(boolean override) throws Exception {
    start(
        ofNamespace("AuthenticationPolicy", override, "mtls: {mode: Strict}")
            + policy("AuthenticationPolicy", "team", "Service", "cart", "mtls: {mode: Disabled}")
            + NOBODY);
    assertEquals(override ? 0 : 403, status());
  }

  @Test
  void noTeamWeakensStrict() throws Exception {
    assertStrict(true);
  }

  @Test
  void aTeamDecidesForItselfWhereStrictIsADefault() throws Exception {
    assertStrict(false);
  }

  private void assertTokens(boolean override) throws Exception {
    String keys =
        new JWKSet(new ECKeyGenerator(Curve.P_256).keyID("a").generate().toPublicJWK()).toString();
    String jwt =
        "jwt: {tokens: %s, providers: [{name: idp, issuer: idp, jwks: {inline: '" + keys + "'}}]}";
    start(
        ofNamespace("AuthenticationPolicy", override, jwt.formatted("Required"))
            + policy("AuthenticationPolicy", "team", "Service", "cart", jwt.formatted("Optional"))
            + NOBODY);
    assertEquals(override ? 401 : 403, status());
  }

  @Test
  void noTeamWeakensARequiredToken() throws Exception {
    assertTokens(true);
  }

  @Test
  void aTeamDecidesForItselfWhereATokenIsADefault() throws Exception {
    assertTokens(false);
  }

  private void assertAllowed(boolean override, int letIn) throws Exception {
    start(
        ofNamespace(
                "AuthorizationPolicy",
                override,
                "action: Allow, rules: [{from: [{namespaces: [ops]}]}]")
            + policy(
                "AuthorizationPolicy",
                "team",
                "Service",
                "cart",
                "action: Allow, rules: [{from: [{ipBlocks: [127.0.0.9]}]}]"));
    assertEquals(403, status());
    String page;
    try (RawClient admin = new RawClient(sidecar.adminPort())) {
      page = admin.get("/stats").body();
    }
    long allowed =
        page.lines()
            .filter(line -> line.matches("http\\..*rbac\\.allowed: [1-9]\\d*"))
            .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
            .sum();
    assertEquals(letIn, allowed, page);
  }

  @Test
  void noTeamLetsInWhomTheNamespaceDoesNot() throws Exception {
    assertAllowed(true, 0);
  }

  /**
   * Who takes him is the team's policy, and who does not the namespace's, or the other way round.
   */
  @Test
  void refusalNamesNoPolicyWhereOneOfSeveralHasNotTakenTheCaller() throws Exception {
    assertAllowed(true, 0);
    String answer = answer();
    assertTrue(answer.contains("x-weir-cause: forbidden"), answer);
    assertFalse(answer.contains("policy="), answer);
  }

  @Test
  void aTeamLetsInWhomItWantsBesideADefault() throws Exception {
    assertAllowed(false, 1);
  }
}
