package dev.weir.sidecar.transport;

import static dev.weir.sidecar.transport.TestSecrets.answers;
import static dev.weir.sidecar.transport.TestSecrets.certificate;
import static dev.weir.sidecar.transport.TestSecrets.connect;
import static dev.weir.sidecar.transport.TestSecrets.listening;
import static dev.weir.sidecar.transport.TestSecrets.root;
import static dev.weir.sidecar.transport.TestSecrets.serial;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import dev.weir.sidecar.testkit.AdsBootstrap;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.testkit.AdsTestServer;
import dev.weir.testkit.AdsTestServer.Conversation;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets that stream: how they come into force, and what is without them. */
class SecretsTest {
  private static final String STREAMED = "sds_config: {ads: {}, initial_fetch_timeout: 0.1s}";

  private static final String OWN =
      "tls_certificate_sds_secret_configs: [{name: default, " + STREAMED + "}]";

  private static final String PEERS =
      "combined_validation_context: {default_validation_context: {match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: \"spiffe://shop/app\"}}]}, validation_context_sds_secret_config: {name: ROOTCA, "
          + STREAMED
          + "}}";

  @TempDir Path folder;

  private TestCa ca;

  @BeforeEach
  void makeCa() {
    ca = TestCa.create(folder, "ca");
  }

  /** The listener {@code in} speaks TLS by secrets that stream from {@code port}. */
  private static String callee(TestUpstream app, int port) {
    return withStream(
        TestConfig.to(app)
            .yaml()
            .replace(
                "    - filters:\n",
                "    - transport_socket: {name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: {"
                    + OWN
                    + ", validation_context_sds_secret_config: {name: ROOTCA, "
                    + STREAMED
                    + "}}, require_client_certificate: true}}\n      filters:\n"),
        port);
  }

  private static String caller(int to, int port) {
    return withStream(TestConfig.to(to).upstreamTls(OWN + ", " + PEERS, "").yaml(), port);
  }

  private static String withStream(String yaml, int port) {
    return "node: {id: cart-0, cluster: cart}\n"
        + AdsBootstrap.dynamicResources(AdsBootstrap.SOTW)
        + yaml
        + AdsBootstrap.cluster(port);
  }

  private static void send(
      Conversation<DiscoveryRequest, DiscoveryResponse> stream, String version, Any... secrets) {
    stream.send(TestSecrets.response(version, List.of(secrets)));
  }

  private static DiscoveryRequest secretRequest(
      Conversation<DiscoveryRequest, DiscoveryResponse> stream) {
    DiscoveryRequest request = stream.next();
    while (!request.getTypeUrl().equals(ResourceType.SECRET.typeUrl())) {
      request = stream.next();
    }
    return request;
  }

  private static int status(RawClient client) {
    try {
      return client.get("/").status();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void hopIsMutualOnceBothHaveTheirSecretsAndRefusedBefore() throws Exception {
    try (TestUpstream app = TestUpstream.replying("hello");
        AdsTestServer server = new AdsTestServer();
        TestSidecar callee = listening(callee(app, server.port()))) {
      var ofCallee = server.sotw();
      assertEquals(List.of("ROOTCA", "default"), secretRequest(ofCallee).getResourceNamesList());
      try (TestSidecar caller = listening(caller(callee.port(), server.port()));
          RawClient client = new RawClient(caller.port())) {
        assertEquals(503, status(client), "never in plain text");
        assertTrue(caller.stat("cluster.app.ssl.ssl_context_not_ready") > 0);
        var ofCaller = server.sotw();
        send(ofCaller, "1", certificate(ca.issue("spiffe://shop/me")), root(ca));
        send(ofCallee, "1", certificate(ca.issue("spiffe://shop/app")), root(ca));
        Await.until(() -> status(client) == 200);
        assertEquals(1, callee.stat("listener.in.ssl.handshake"));
        assertEquals(0, callee.stat("listener.in.ssl.no_certificate"));
      }
    }
  }

  @Test
  void newCertificateReachesNewHandshakesAndOpenConnectionsGoOn() throws Exception {
    try (TestUpstream app = TestUpstream.replying("hello");
        AdsTestServer server = new AdsTestServer();
        TestSidecar callee = listening(callee(app, server.port()))) {
      var stream = server.sotw();
      TestCa.Issued first = ca.issue("spiffe://shop/app");
      TestCa.Issued second = ca.issue("spiffe://shop/app");
      TestCa.Issued client = ca.issue("spiffe://shop/me");
      send(stream, "1", certificate(first), root(ca));
      Await.until(() -> shown(client, callee.port()).equals(serial(first)));
      try (SSLSocket open = connect(ca.context(client), callee.port())) {
        open.startHandshake();
        send(stream, "2", certificate(second));
        Await.until(() -> shown(client, callee.port()).equals(serial(second)));
        assertTrue(answers(open), "an open connection goes on");
      }
    }
  }

  @Test
  void certificateThatDoesNotFitItsKeyIsRefusedAndThePreviousOneServesOn() throws Exception {
    try (TestUpstream app = TestUpstream.replying("hello");
        AdsTestServer server = new AdsTestServer();
        TestSidecar callee = listening(callee(app, server.port()))) {
      var stream = server.sotw();
      TestCa.Issued own = ca.issue("spiffe://shop/app");
      TestCa.Issued client = ca.issue("spiffe://shop/me");
      send(stream, "1", certificate(own), root(ca));
      Await.until(() -> shown(client, callee.port()).equals(serial(own)));
      send(stream, "2", certificate(ca.issue("spiffe://shop/app"), own.key()));
      DiscoveryRequest answer = secretRequest(stream);
      while (!answer.hasErrorDetail()) {
        answer = secretRequest(stream);
      }
      assertEquals(
          "secret \"default\": tls_certificate.private_key: is not the key of its certificate",
          answer.getErrorDetail().getMessage().strip());
      assertEquals(serial(own), shown(client, callee.port()));
    }
  }

  @Test
  void secretsAreNeitherOnDiskNorShown() throws Exception {
    Path lastGood = folder.resolve("last-good");
    try (TestUpstream app = TestUpstream.replying("hello");
        AdsTestServer server = new AdsTestServer();
        TestSidecar callee =
            TestSidecar.start(
                callee(app, server.port()),
                1,
                Optional.of(lastGood),
                new PrintStream(PrintStream.nullOutputStream()))) {
      Await.until(() -> callee.sidecar().addresses().get("in") != null);
      var stream = server.sotw();
      TestCa.Issued own = ca.issue("spiffe://shop/app");
      send(stream, "1", certificate(own), root(ca));
      TestCa.Issued client = ca.issue("spiffe://shop/me");
      Await.until(() -> shown(client, callee.port()).equals(serial(own)));
      Await.until(() -> Files.exists(lastGood));
      String line = Files.readString(own.key()).lines().skip(1).findFirst().orElseThrow();
      assertFalse(
          new String(Files.readAllBytes(lastGood), StandardCharsets.ISO_8859_1).contains(line));
      try (RawClient admin = new RawClient(callee.adminPort())) {
        assertFalse(admin.get("/config_dump").body().contains(line));
      }
    }
  }

  /** The serial number of the certificate that is shown; nothing if there is none. */
  private String shown(TestCa.Issued client, int port) {
    // With a context of its own, for a session that is resumed would show the old one.
    try (SSLSocket socket = connect(ca.context(client), port)) {
      socket.startHandshake();
      return TestSecrets.shown(socket);
    } catch (IOException e) {
      return "";
    }
  }
}
