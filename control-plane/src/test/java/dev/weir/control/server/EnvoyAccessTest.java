package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.weir.control.TestControlPlane;
import dev.weir.testkit.Await;
import dev.weir.testkit.EnvoyProcess;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real Envoy decides by what policies are compiled to, as the control plane streams it: who may
 * call, by certificate and by token. It says that it has a certificate of the mesh, which is in its
 * bootstrap under the names that the control plane's words have. Nothing redirects here: its
 * listener is called at the port of its app, and its cluster is at the app's own.
 */
@Tag("envoy")
class EnvoyAccessTest {
  private static final String ISSUER = "https://idp.example";
  private static final String MESH = "spiffe://cluster.local/ns/shop/sa/";

  @TempDir Path folder;
  @TempDir Path work;

  private TestCa ca;
  private ECKey key;
  private TestUpstream app;
  private TestControlPlane controlPlane;
  private EnvoyProcess envoy;
  private int port;

  @SuppressWarnings("NullAway.Init")
  EnvoyAccessTest() {}

  @BeforeEach
  void start() throws Exception {
    ca = TestCa.create(work, "mesh");
    key = new ECKeyGenerator(Curve.P_256).keyID("one").generate();
    app = TestUpstream.start((request, out) -> TestUpstream.reply(out, 200, request.line()));
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    write(
        "service",
        """
        apiVersion: v1
        kind: Service
        metadata: {name: inventory, namespace: shop}
        spec: {ports: [{name: http, port: 8080, targetPort: %d}]}
        """
            .formatted(port));
    policy("AuthenticationPolicy", "strict", "mtls: {mode: Strict}");
    controlPlane = new TestControlPlane(folder);
    envoy = EnvoyProcess.start(bootstrap(), work);
  }

  @AfterEach
  void stop() throws IOException {
    envoy.close();
    controlPlane.close();
    app.close();
  }

  private void write(String name, String yaml) throws IOException {
    Files.writeString(folder.resolve(name + ".yaml"), yaml);
  }

  private void policy(String kind, String name, String fields) throws IOException {
    write(
        name,
        """
        apiVersion: weir.dev/v1alpha1
        kind: %s
        metadata: {name: %s, namespace: shop}
        spec: {targetRefs: [{group: "", kind: Service, name: inventory}], %s}
        """
            .formatted(kind, name, fields));
  }

  private String bootstrap() {
    TestCa.Issued own = ca.issue(MESH + "inventory");
    return """
    node:
      id: envoy-1
      cluster: shop
      metadata: {WEIR_SERVICE: inventory, WEIR_NAMESPACE: shop, WEIR_MARK: 0, WEIR_OUTBOUND_PORT: 0, WEIR_INBOUND_PORT: %1$d}
      extensions:
      - {name: weir.bootstrap.identity, type_urls: [type.googleapis.com/weir.extensions.bootstrap.identity.v1alpha1.WorkloadIdentity]}
    admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
    dynamic_resources:
      ads_config:
        api_type: DELTA_GRPC
        transport_api_version: V3
        grpc_services: [{envoy_grpc: {cluster_name: ads}}]
      lds_config: {ads: {}, resource_api_version: V3}
    static_resources:
      secrets:
      - name: default
        tls_certificate: {certificate_chain: {filename: %2$s}, private_key: {filename: %3$s}}
      - name: ROOTCA
        validation_context: {trusted_ca: {filename: %4$s}}
      clusters:
      - name: ads
        connect_timeout: 1s
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
            explicit_http_config: {http2_protocol_options: {}}
        load_assignment: %5$s
      - {name: "inbound|8080|shop/inventory", connect_timeout: 1s, load_assignment: %6$s}
      - {name: inbound-passthrough, connect_timeout: 1s, load_assignment: %6$s}
      - {name: passthrough, connect_timeout: 1s, load_assignment: %6$s}
    """
        .formatted(
            port,
            own.chain(),
            own.key(),
            ca.certificate(),
            at("ads", controlPlane.listen().getPort()),
            at("app", app.port()));
  }

  private static String at(String cluster, int port) {
    return "{cluster_name: %s, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]}"
        .formatted(cluster, port);
  }

  /** Of a workload of the mesh. */
  private SSLContext workload(String account) {
    return ca.context(ca.issue(MESH + account));
  }

  /** What is answered to a request; 0: it is not. */
  private static int status(Socket opened, String path, String... headers) throws IOException {
    try (Socket socket = opened) {
      socket.setSoTimeout(10_000);
      StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: inventory\r\n");
      List.of(headers).forEach(header -> request.append(header).append("\r\n"));
      socket
          .getOutputStream()
          .write(
              request
                  .append("Connection: close\r\n\r\n")
                  .toString()
                  .getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      return answer.isEmpty() ? 0 : Integer.parseInt(answer.substring(9, 12));
    } catch (SocketException | SSLException refused) {
      return 0;
    }
  }

  private int status(SSLContext context, String path, String... headers) {
    try {
      return status(
          context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port),
          path,
          headers);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int plainText() {
    try {
      return status(new Socket(InetAddress.getLoopbackAddress(), port), "/");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitStatus(int wanted, SSLContext context, String path, String... headers) {
    Await.until(() -> status(context, path, headers) == wanted);
  }

  private String token(String issuer, String role) throws JOSEException {
    return token(key, issuer, role);
  }

  private static String token(ECKey key, String issuer, String role) throws JOSEException {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("one").build(),
            new JWTClaimsSet.Builder()
                .issuer(issuer)
                .subject("ann")
                .claim("roles", List.of("user", role))
                .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                .build());
    token.sign(new ECDSASigner(key));
    return "authorization: Bearer " + token.serialize();
  }

  @Test
  void strictTakesWorkloadsOfTheMeshAndNobodyElse() throws Exception {
    assertEquals(200, status(workload("frontend"), "/"));
    assertEquals(0, plainText());
    assertEquals(0, status(ca.context(), "/"), "without a certificate");
    TestCa namesake = TestCa.create(Files.createDirectory(work.resolve("other")), "mesh");
    assertEquals(
        0,
        status(ca.context(namesake.issue(MESH + "frontend")), "/"),
        "of another CA of that name");
    assertEquals(1, app.all().size());

    policy("AuthenticationPolicy", "strict", "mtls: {mode: Permissive}");
    Await.until(() -> plainText() == 200);
    policy("AuthenticationPolicy", "strict", "mtls: {mode: Strict}");
    Await.until(() -> plainText() == 0);
    assertEquals(200, status(workload("frontend"), "/"));
  }

  @Test
  void tokensAreWantedAndLookedAt() throws Exception {
    SSLContext frontend = workload("frontend");
    policy(
        "AuthenticationPolicy",
        "strict",
        "mtls: {mode: Strict}, jwt: {tokens: Required, exclude: [{path: {value: /healthz}}], providers: [{name: idp, issuer: \"%s\", jwks: {inline: '%s'}}]}"
            .formatted(ISSUER, new JWKSet(key.toPublicJWK())));
    awaitStatus(401, frontend, "/");
    assertEquals(200, status(frontend, "/", token(ISSUER, "none")));
    assertEquals(401, status(frontend, "/", token("https://other.example", "none")));
    ECKey another = new ECKeyGenerator(Curve.P_256).keyID("one").generate();
    assertEquals(401, status(frontend, "/", token(another, ISSUER, "none")));
    assertEquals(200, status(frontend, "/healthz"), "is left out");
    assertEquals(0, plainText());
    policy("AuthorizationPolicy", "admins", "action: Allow, rules: [{token: {roles: [admin]}}]");
    awaitStatus(403, frontend, "/", token(ISSUER, "none"));
    assertEquals(200, status(frontend, "/", token(ISSUER, "admin")));
    assertEquals(401, status(frontend, "/"), "who it is comes before what it may");
  }

  @Test
  void whoMayCallIsDecidedByCertificateAndRequest() throws Exception {
    SSLContext frontend = workload("frontend");
    SSLContext batch = workload("batch");
    policy(
        "AuthorizationPolicy",
        "callers",
        "action: Allow, rules: [{from: [{serviceAccounts: [shop/frontend]}]},"
            + " {from: [{namespaces: [shop]}], matches: [{path: {value: /public}}]}]");
    awaitStatus(403, batch, "/");
    assertEquals(200, status(frontend, "/"));
    assertEquals(200, status(batch, "/public"));
    policy(
        "AuthorizationPolicy",
        "deny",
        "action: Deny, rules: [{matches: [{path: {value: /admin}}]}]");
    awaitStatus(403, frontend, "/admin/users");
    assertEquals(200, status(frontend, "/administration"));
    assertEquals(0, plainText(), "Strict holds all the while");
    Files.delete(folder.resolve("callers.yaml"));
    awaitStatus(200, batch, "/");
    assertEquals(403, status(batch, "/admin"));
  }
}
