package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.sidecar.config.Parsed;
import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.snapshot.CompileCheck;
import dev.weir.sidecar.testkit.Resources;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that are told what their tickets are encrypted by. */
class TicketKeysTest {
  private static final String A = key('a', 80);
  private static final String B = key('b', 80);

  @TempDir Path folder;

  private TestUpstream app;
  private TestCa ca;

  @BeforeEach
  void startApp() throws IOException {
    app = TestUpstream.replying("hello");
    ca = TestCa.create(folder, "ca");
  }

  @AfterEach
  void stop() throws IOException {
    app.close();
  }

  private static void assumeBoringSsl() {
    assumeTrue(
        TlsProvider.standard().get() == TlsProvider.BORINGSSL, "the JDK's TLS has no such keys");
  }

  private static String key(char each, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) each);
    return "{inline_bytes: \"" + Base64.getEncoder().encodeToString(bytes) + "\"}";
  }

  private static String keys(String... keys) {
    return "session_ticket_keys: {keys: [" + String.join(", ", keys) + "]}";
  }

  private TestConfig server(String context) {
    return TestConfig.to(app).downstreamTls(ca.issue("localhost"), "", context);
  }

  /** When the session was made, which is before for one that is resumed, and the answer. */
  private record Seen(long begun, String answer) {}

  private static Seen call(SSLContext context, TestSidecar sidecar, String version)
      throws IOException {
    Socket plain =
        new Socket(InetAddress.getLoopbackAddress(), sidecar.port()) {
          // By name and port the JDK finds sessions again: all are the same server to it.
          @Override
          public int getPort() {
            return 443;
          }
        };
    plain.setSoTimeout(5000);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(plain, "localhost", 443, true)) {
      socket.setEnabledProtocols(new String[] {version});
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      return new Seen(socket.getSession().getCreationTime(), answer);
    }
  }

  /** Whether a new client is resumed by the one with the ticket that it has of the other. */
  private boolean resumes(TestSidecar by, TestSidecar of, String version) {
    SSLContext context = ca.context();
    try {
      long first = call(context, of, version).begun();
      long now = System.currentTimeMillis();
      Await.until(() -> System.currentTimeMillis() > now); // another's session has another time
      return call(context, by, version).begun() == first;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void serversOfTheSameKeyResumeEachOthersSessions(String version) {
    assumeBoringSsl();
    try (TestSidecar first = server(keys(A)).start();
        TestSidecar second = server(keys(A)).start();
        TestSidecar other = server(keys(B)).start();
        TestSidecar own = server("").start()) {
      assertTrue(resumes(second, first, version));
      assertFalse(resumes(other, first, version));
      assertFalse(resumes(own, first, version));
      assertTrue(resumes(own, own, version));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void keysRotateWhileTheServerRuns(String version) throws Exception {
    assumeBoringSsl();
    Path sds = folder.resolve("sds.yaml");
    moveIn(sds, keys(A));
    try (TestSidecar ofA = server(keys(A)).start();
        TestSidecar ofB = server(keys(B)).start();
        TestSidecar rotating =
            TestSidecar.start(
                "node: {id: a, cluster: a}\n"
                    + server(
                            "session_ticket_keys_sds_secret_config: {name: tickets, sds_config: {path_config_source: {path: "
                                + sds
                                + "}}}")
                        .yaml(),
                1)) {
      Await.until(() -> rotating.sidecar().addresses().containsKey("in"));
      assertTrue(resumes(rotating, ofA, version));
      assertFalse(resumes(rotating, ofB, version));

      moveIn(sds, keys(B, A));
      Await.until(() -> resumes(ofB, rotating, version));
      assertTrue(resumes(rotating, ofA, version), "the second key decrypts");
      assertTrue(resumes(rotating, ofB, version));

      moveIn(sds, keys(B));
      Await.until(() -> !resumes(rotating, ofA, version));
      assertTrue(resumes(rotating, ofB, version));
    }
  }

  private void moveIn(Path sds, String content) throws IOException {
    Path beside =
        Files.writeString(
            folder.resolve("new"),
            "resources: [{\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret, name: tickets, "
                + content
                + "}]\n");
    Files.move(beside, sds, StandardCopyOption.ATOMIC_MOVE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void sessionOfWhoAsksForNoCertificateOpensNothingWhereOneIsRequired(String version)
      throws Exception {
    assumeBoringSsl();
    try (TestSidecar open = server(keys(A)).start();
        TestSidecar closed =
            TestConfig.to(app)
                .downstreamTls(
                    ca.issue("localhost"),
                    "validation_context: {trusted_ca: {filename: " + ca.certificate() + "}}",
                    "require_client_certificate: true, " + keys(A))
                .start()) {
      SSLContext nobody = ca.context();
      assertTrue(call(nobody, open, version).answer().startsWith("HTTP/1.1 200"));
      assertThrows(IOException.class, () -> call(nobody, closed, version));
      assertEquals(0, closed.stat("listener.in.ssl.handshake"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void sessionIsOfTheServersNameAndNotOfItsCertificate(String version) {
    assumeBoringSsl();
    try (TestSidecar first = server(keys(A)).start();
        TestSidecar renewed = server(keys(A)).start();
        TestSidecar other =
            TestConfig.to(app).downstreamTls(ca.issue("localhost", "other"), "", keys(A)).start()) {
      assertTrue(resumes(renewed, first, version));
      assertFalse(resumes(other, first, version));
    }
  }

  @Test
  void keyOfAnotherLengthIsRefused() {
    assumeBoringSsl();
    assertEquals(
        new Parsed.Rejected<>(
            "filter_chains[0].transport_socket.typed_config.session_ticket_keys.keys[1]",
            "must have 80 bytes, and has 48"),
        new CompileCheck().listener(http(keys(A, key('b', 48))), none -> Optional.empty()));
  }

  private Listener http(String context) {
    return listener(
        context,
        "{name: http, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: t, route_config: {}, http_filters: [{name: router, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]}}");
  }

  private Listener listener(String context, String filter) {
    return Resources.listener(
        "name: in\naddress: {socket_address: {address: 127.0.0.1, port_value: 0}}\nfilter_chains:\n- transport_socket: {name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: {tls_certificates: ["
            + TestConfig.certificate(ca.issue("localhost"))
            + "]}, "
            + context
            + "}}\n  filters: ["
            + filter
            + "]\n");
  }

  @Test
  void keysAreRefusedBeforeARelay() {
    assumeBoringSsl();
    assertEquals(
        new Parsed.Rejected<>(
            "filter_chains[0].transport_socket.typed_config.session_ticket_keys_sds_secret_config",
            "is not supported before a tcp_proxy: its TLS is the JDK's, which has no such keys"),
        new CompileCheck()
            .listener(
                listener(
                    "session_ticket_keys_sds_secret_config: {name: tickets}",
                    "{name: tcp, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: c}}"),
                none -> Optional.empty()));
  }

  @Test
  void keysAreRefusedWhereTheJdkSpeaksTls() {
    TransportSocketCompiler jdk =
        new TransportSocketCompiler(Runnable::run, new Secrets(), () -> TlsProvider.JDK);
    Unfit refusal =
        assertThrows(
            Unfit.class,
            () -> jdk.downstream(http(keys(A)).filterChains().getFirst().tls().orElseThrow()));
    assertEquals(
        "session_ticket_keys: needs BoringSSL, which does not run here: the JDK's TLS has no such keys",
        refusal.getMessage());
  }

  @Test
  void keysAreNotShown() throws IOException {
    assumeBoringSsl();
    try (TestSidecar sidecar = server(keys(A)).start();
        RawClient admin = new RawClient(sidecar.adminPort())) {
      String dump = admin.get("/config_dump").body();
      assertTrue(dump.contains("session_ticket_keys"));
      assertFalse(dump.contains("YWFhYWFh"), dump);
    }
  }
}
