package dev.weir.sidecar.identity;

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
import dev.weir.control.ControlPlane;
import dev.weir.control.Settings;
import dev.weir.testkit.ClosedPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The real control plane with its CA, services frontend and cart, and who makes tokens for it. */
final class CertifyingControlPlane implements AutoCloseable {
  private final Path folder;
  private final ECKey key;
  private final ClosedPort port = new ClosedPort();
  private final List<String> told = new CopyOnWriteArrayList<>();
  private ControlPlane running;

  CertifyingControlPlane(Path folder) throws IOException, JOSEException {
    this.folder = folder;
    Files.createDirectories(folder.resolve("mesh"));
    Files.createDirectories(folder.resolve("tokens"));
    for (String name : List.of("frontend", "cart")) {
      Files.writeString(
          folder.resolve("mesh/" + name + ".yaml"),
          """
          apiVersion: v1
          kind: Service
          metadata: {name: %s, namespace: shop}
          spec: {ports: [{name: http, port: 8080}]}
          """
              .formatted(name));
    }
    key = new ECKeyGenerator(Curve.P_256).keyID("test").generate();
    Files.writeString(folder.resolve("tokens/test.jwks"), new JWKSet(key.toPublicJWK()).toString());
    running = run();
  }

  private ControlPlane run() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    return new ControlPlane(
        new Settings(
            Optional.of(folder.resolve("mesh")),
            Optional.empty(),
            new InetSocketAddress(loopback, port.port()),
            new InetSocketAddress(loopback, 0),
            Optional.empty(),
            Duration.ofMillis(20),
            Duration.ofSeconds(1),
            Duration.ofSeconds(25),
            Duration.ZERO,
            Duration.ofMillis(100),
            Optional.empty(),
            Optional.of(
                new Settings.Security(
                    ca(),
                    "mesh.test",
                    folder.resolve("tokens"),
                    Optional.empty(),
                    List.of(),
                    List.of()))),
        Clock.systemUTC(),
        linked -> {},
        told::add,
        mistake -> {
          throw new AssertionError(mistake);
        });
  }

  Path ca() {
    return folder.resolve("ca");
  }

  int port() {
    return port.port();
  }

  void stop() throws IOException {
    running.close();
  }

  void start() throws IOException {
    running = run();
  }

  /** What it has told people. */
  List<String> told() {
    return told;
  }

  String page(String path) {
    URI uri = URI.create("http://127.0.0.1:" + running.admin().getPort() + path);
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** A file with a token of a service's. */
  Path token(String service) throws IOException {
    return token(service, "weir");
  }

  Path token(String service, String audience) throws IOException {
    try {
      SignedJWT token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("test").build(),
              new JWTClaimsSet.Builder()
                  .subject("spiffe://mesh.test/ns/shop/sa/" + service)
                  .audience(audience)
                  .expirationTime(Date.from(Instant.now().plusSeconds(3600)))
                  .build());
      token.sign(new ECDSASigner(key));
      Path file = folder.resolve("token-" + service + "-" + audience);
      Files.writeString(file, token.serialize() + "\n");
      return file;
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * The bootstrap extension, and the CA's cluster among {@code clusters}, in flow style.
   *
   * @param lifetime of certificates
   */
  String extension(String service, Path token, String lifetime) {
    return """
    bootstrap_extensions:
    - name: weir.bootstrap.identity
      typed_config:
        "@type": type.googleapis.com/weir.extensions.bootstrap.identity.v1alpha1.WorkloadIdentity
        ca_cluster: ca
        spiffe_id: spiffe://mesh.test/ns/shop/sa/%s
        root_file: "%s"
        token_file: "%s"
        lifetime: %s
    """
        .formatted(service, ca().resolve("root-cert.pem"), token, lifetime);
  }

  /** A cluster at this control plane's port. */
  String cluster(String name, String own) {
    return """
      - name: %s
        type: STATIC
        connect_timeout: 1s
        http2_protocol_options: {}
        transport_socket: {name: tls, typed_config: {"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, common_tls_context: {%s combined_validation_context: {default_validation_context: {match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: "spiffe://mesh.test/ns/weir-system/sa/weir-control-plane"}}]}, validation_context_sds_secret_config: {name: ROOTCA}}}}}
        load_assignment: {cluster_name: %s, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]}
    """
        .formatted(name, own, name, port())
        .indent(-2)
        .indent(2);
  }

  @Override
  public void close() throws IOException {
    running.close();
    port.close();
  }
}
