package dev.weir.sidecar.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.AdsBootstrap;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sidecars that are certified by the real control plane's CA. */
@Tag("slow")
class WorkloadIdentityTest {
  private static final String OWN =
      "tls_certificate_sds_secret_configs: [{name: default}], validation_context_sds_secret_config:"
          + " {name: ROOTCA}";

  @TempDir Path folder;
  private CertifyingControlPlane controlPlane;
  private TestUpstream app;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  @SuppressWarnings("NullAway.Init")
  WorkloadIdentityTest() {}

  @BeforeEach
  void begin() throws Exception {
    controlPlane = new CertifyingControlPlane(folder);
    app = TestUpstream.replying("hello");
  }

  @AfterEach
  void end() throws Exception {
    controlPlane.close();
    app.close();
  }

  /** Its listener takes mutual TLS alone, and leads to the app. */
  private String callee(Path token, String lifetime) {
    return controlPlane.extension("cart", token, lifetime)
        + TestConfig.to(app)
            .yaml()
            .replace(
                "    - filters:\n",
                "    - transport_socket: {name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: {"
                    + OWN
                    + "}, require_client_certificate: true}}\n      filters:\n")
            .stripTrailing()
        + "\n"
        + controlPlane.cluster("ca", "");
  }

  private String caller(int to, String lifetime) throws IOException {
    return controlPlane.extension("frontend", controlPlane.token("frontend"), lifetime)
        + TestConfig.to(to).upstreamTls(OWN, "").yaml().stripTrailing()
        + "\n"
        + controlPlane.cluster("ca", "");
  }

  private TestSidecar sidecar(String yaml) {
    return TestSidecar.start(
        yaml, 2, Optional.empty(), new PrintStream(said, true, StandardCharsets.UTF_8));
  }

  private static RawClient.Response page(TestSidecar sidecar, String path) {
    try (RawClient client = new RawClient(sidecar.adminPort())) {
      return client.get(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void awaitReady(TestSidecar sidecar) {
    Await.until(
        () -> page(sidecar, "/ready").status() == 200, () -> page(sidecar, "/ready").body());
  }

  private static int call(TestSidecar sidecar) {
    try (RawClient client = new RawClient(sidecar.port())) {
      return client.get("/").status();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is answered to a request in plain text. */
  private static String plainText(int port) throws IOException {
    try (RawClient plain = new RawClient(port)) {
      plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      return plain.rest();
    } catch (SocketException reset) {
      return "";
    }
  }

  private static String serial(TestSidecar sidecar) {
    Matcher chain =
        Pattern.compile("\"cert_chain\":\\[\\{\"path\":\"<inline>\",\"serial_number\":\"(\\w+)\"")
            .matcher(page(sidecar, "/certs").body());
    return chain.find() ? chain.group(1) : "";
  }

  @Test
  void certifiedSidecarsCallEachOtherByMutualTls() throws Exception {
    try (TestSidecar callee = sidecar(callee(controlPlane.token("cart"), "3600s"));
        TestSidecar caller = sidecar(caller(callee.port(), "3600s"))) {
      awaitReady(callee);
      awaitReady(caller);
      assertEquals(200, call(caller));
      assertEquals(1, callee.stat("listener.in.ssl.handshake"));
      String certs = page(callee, "/certs").body();
      assertTrue(
          certs.contains(
              "\"subject_alt_names\":[{\"uri\":\"spiffe://mesh.test/ns/shop/sa/cart\"}]"),
          certs);
      assertTrue(certs.contains("\"ready\":true"), certs);
      assertEquals("", plainText(callee.port()));
      assertEquals(1, app.all().size());
    }
  }

  @Test
  void withoutTheCaItIsNotReadyAndSaysWhyAndTakesNothing() throws Exception {
    Path token = controlPlane.token("cart");
    controlPlane.stop();
    try (TestSidecar callee = sidecar(callee(token, "3600s"))) {
      Await.until(
          () -> page(callee, "/ready").body().contains("cluster ca"),
          () -> page(callee, "/ready").body());
      RawClient.Response ready = page(callee, "/ready");
      assertEquals(503, ready.status());
      assertTrue(
          ready.body().startsWith("INITIALIZING: no certificate yet: the CA at cluster ca: "),
          ready.body());
      assertEquals("", plainText(callee.port()));
      assertEquals(0, app.all().size());
      assertTrue(
          said.toString(StandardCharsets.UTF_8)
              .contains("identity: no certificate yet, and so not ready: the CA at cluster ca: "),
          said.toString(StandardCharsets.UTF_8));
      controlPlane.start();
      awaitReady(callee);
      try (TestSidecar caller = sidecar(caller(callee.port(), "3600s"))) {
        awaitReady(caller);
        assertEquals(200, call(caller));
      }
    }
  }

  @Test
  void refusalOfTheCaIsOnThePage() throws Exception {
    try (TestSidecar callee = sidecar(callee(controlPlane.token("cart", "other"), "3600s"))) {
      Await.until(
          () -> page(callee, "/ready").body().contains("audience"),
          () -> page(callee, "/ready").body());
      assertEquals(
          "INITIALIZING: no certificate yet: the CA at cluster ca: the token is not for audience"
              + " \"weir\"\n",
          page(callee, "/ready").body());
      assertTrue(page(callee, "/certs").body().contains("\"failing_since\":"));
    }
  }

  @Test
  void otherIdentityThanItsOwnIsNotTaken() throws Exception {
    try (TestSidecar callee = sidecar(callee(controlPlane.token("frontend"), "3600s"))) {
      Await.until(() -> page(callee, "/ready").body().contains("answer"));
      assertEquals(
          "INITIALIZING: no certificate yet: the CA's answer is for"
              + " [spiffe://mesh.test/ns/shop/sa/frontend] and not for"
              + " spiffe://mesh.test/ns/shop/sa/cart\n",
          page(callee, "/ready").body());
    }
  }

  @Test
  void certificateIsRenewedAndConnectionsGoOn() throws Exception {
    try (TestSidecar callee = sidecar(callee(controlPlane.token("cart"), "2s"));
        TestSidecar caller = sidecar(caller(callee.port(), "2s"))) {
      awaitReady(callee);
      awaitReady(caller);
      assertEquals(200, call(caller));
      String first = serial(callee);
      assertNotEquals("", first);
      try (RawClient kept = new RawClient(caller.port())) {
        assertEquals(200, kept.get("/").status());
        Await.until(
            () -> !serial(callee).equals(first) && callee.stat("server.certificates_issued") > 2);
        assertEquals(200, kept.get("/").status());
      }
      assertEquals(1, callee.stat("listener.in.downstream_cx_total"));
    }
  }

  @Test
  void certificateThatHasEndedBeginsNothing() throws Exception {
    try (TestSidecar callee = sidecar(callee(controlPlane.token("cart"), "3600s"));
        TestSidecar caller = sidecar(caller(callee.port(), "2s"))) {
      awaitReady(callee);
      awaitReady(caller);
      controlPlane.stop();
      Await.until(() -> page(caller, "/ready").status() == 503);
      assertTrue(
          page(caller, "/ready").body().startsWith("INITIALIZING: the certificate ended at "),
          page(caller, "/ready").body());
      Await.until(() ->
          said.toString(StandardCharsets.UTF_8)
              .contains("nobody is called or answered by TLS with it"));
      assertTrue(
          said.toString(StandardCharsets.UTF_8)
              .contains("identity: the certificate is not renewed, and ends at "),
          said.toString(StandardCharsets.UTF_8));
      assertEquals(503, call(caller));
      assertEquals(0, app.all().size());
      controlPlane.start();
      awaitReady(caller);
      Await.until(() -> call(caller) == 200);
    }
  }

  private String streaming(String service, String address, Path token) {
    return """
    node: {id: %1$s-1, cluster: %1$s, metadata: {WEIR_SERVICE: %1$s, WEIR_NAMESPACE: shop, WEIR_ADDRESS: %2$s, WEIR_INBOUND_PORT: 0, WEIR_OUTBOUND_PORT: 0, WEIR_MARK: 0}}
    admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
    %6$s  lds_config: {ads: {}, resource_api_version: V3}
      cds_config: {ads: {}, resource_api_version: V3}
    %3$sstatic_resources:
      clusters:
    %4$s%5$s\
    """
        .formatted(
            service,
            address,
            controlPlane.extension(service, token, "3600s"),
            controlPlane.cluster("ca", ""),
            controlPlane.cluster("xds", "tls_certificate_sds_secret_configs: [{name: default}],"),
            AdsBootstrap.dynamicResources(AdsBootstrap.DELTA));
  }

  @Test
  void streamOpensByTheCertificateAndSaysWhoItIs() throws Exception {
    Path lastGood = folder.resolve("last-good");
    try (TestSidecar sidecar =
        TestSidecar.start(
            streaming("cart", "127.0.0.1", controlPlane.token("cart")),
            2,
            Optional.of(lastGood),
            new PrintStream(said, true, StandardCharsets.UTF_8))) {
      awaitReady(sidecar);
      Await.until(() -> controlPlane.page("/proxies").contains("WorkloadIdentity"));
      Await.until(() -> Files.exists(lastGood));
      RawClient.Response services = page(sidecar, "/services");
      assertEquals(200, services.status());
      assertEquals(controlPlane.page("/services"), services.body());
    }
  }

  @Test
  void whatItTellsOfItsTrafficIsTakenForItsOwn() throws Exception {
    String plain = TestConfig.to(app).listener("traffic_direction: OUTBOUND").yaml();
    int clusters = plain.indexOf("  clusters:\n");
    String yaml =
        streaming("cart", "127.0.0.1", controlPlane.token("cart"))
                .replace(
                    "static_resources:\n",
                    "static_resources:\n"
                        + plain.substring(plain.indexOf("  listeners:"), clusters))
                .stripTrailing()
            + "\n"
            + plain.substring(plain.indexOf("\n", clusters) + 1);
    try (TestSidecar sidecar = sidecar(yaml)) {
      awaitReady(sidecar);
      assertEquals(200, call(sidecar));
      Await.until(
          () -> controlPlane.page("/traffic").contains("\"from\": \"shop/cart\""),
          () -> controlPlane.page("/traffic"));
      assertFalse(controlPlane.told().toString().contains("tells of calls"));
    }
  }

  @Test
  void servicesAreNotToldWhereTheControlPlaneDoesNotTellThem() throws Exception {
    try (TestSidecar alone = sidecar(callee(controlPlane.token("cart"), "3600s"));
        TestSidecar sidecar = sidecar(streaming("cart", "127.0.0.1", controlPlane.token("cart")))) {
      assertEquals(
          "there is no control plane that could be asked\n", page(alone, "/services").body());
      awaitReady(sidecar);
      controlPlane.stop();
      RawClient.Response services = page(sidecar, "/services");
      assertEquals(503, services.status());
      assertTrue(
          services.body().startsWith("the control plane does not tell the services (gRPC status"),
          services.body());
      controlPlane.start();
    }
  }

  @Test
  void whoRegistersAsAnotherGetsNoConfigurationAndIsToldWhy() throws Exception {
    String yaml =
        streaming("cart", "127.0.0.1", controlPlane.token("cart"))
            .replace("WEIR_SERVICE: cart", "WEIR_SERVICE: frontend");
    try (TestSidecar sidecar = sidecar(yaml)) {
      Await.until(
          () ->
              said.toString(StandardCharsets.UTF_8)
                  .contains(
                      "spiffe://mesh.test/ns/shop/sa/cart may not stand beside service"
                          + " shop/frontend"),
          () -> said.toString(StandardCharsets.UTF_8));
      RawClient.Response ready = page(sidecar, "/ready");
      assertEquals(503, ready.status());
      assertTrue(
          ready.body().startsWith("INITIALIZING: the control plane at 127.0.0.1:")
              && ready.body().contains("may not stand beside service shop/frontend"),
          ready.body());
      assertFalse(controlPlane.page("/proxies").contains("frontend"));
    }
  }
}
