package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets whose files are renewed while handshakes go on. */
@Tag("slow")
class SecretFilesTest {
  private static final String PEERS = "validation_context_sds_secret_config: {name: peers}";
  private static final String FAILED = "sds.key_rotation_failed";

  private final ByteArrayOutputStream told = new ByteArrayOutputStream();
  @TempDir Path folder;

  private TestUpstream app;
  private TestCa ca;
  private TestCa.Issued first;
  private TestCa.Issued second;
  private Path chain;
  private Path key;

  @BeforeEach
  void startApp() throws IOException {
    app = TestUpstream.replying("hello");
    ca = TestCa.create(folder, "ca");
    first = ca.issue("localhost");
    second = ca.issue("localhost");
    chain = folder.resolve("tls.crt");
    key = folder.resolve("tls.key");
    moveIn(first.chain(), chain);
    moveIn(first.key(), key);
  }

  @AfterEach
  void stop() throws IOException {
    app.close();
  }

  private void moveIn(Path from, Path to) throws IOException {
    Path beside = Files.copy(from, folder.resolve("new"));
    Files.move(beside, to, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * The secret {@code own}.
   *
   * @param more fields of the certificate
   */
  private static String own(Path chain, Path key, String more) {
    return "name: own, tls_certificate: {certificate_chain: {filename: %s}, private_key: {filename: %s}, %s}"
        .formatted(chain, key, more);
  }

  /**
   * The listener has the certificate of the secret {@code own}.
   *
   * @param source of the secret; empty for the bootstrap
   * @param common fields of the {@code common_tls_context} beside the certificate
   * @param context fields of the {@code DownstreamTlsContext} beside that
   */
  private String tls(String source, String common, String context) {
    return TestConfig.to(app)
        .yaml()
        .replace(
            "    - filters:\n",
            "    - transport_socket: {name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: {tls_certificate_sds_secret_configs: [{name: own, %s}], %s}, %s}}\n      filters:\n"
                .formatted(source, common, context));
  }

  private TestSidecar start(String yaml) {
    return TestSidecar.start(
        yaml, 1, Optional.empty(), new PrintStream(told, true, StandardCharsets.UTF_8));
  }

  /** The secrets are in the bootstrap. */
  private TestSidecar start(String common, String context, String... secrets) {
    return start(withSecrets(tls("", common, context), secrets));
  }

  private static String withSecrets(String yaml, String... secrets) {
    StringBuilder all = new StringBuilder(yaml.stripTrailing() + "\n  secrets:\n");
    for (String each : secrets) {
      all.append("  - {").append(each).append("}\n");
    }
    return all.toString();
  }

  private static SSLSocket connect(SSLContext context, int port) throws IOException {
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(5000);
    return socket;
  }

  /** The serial number of the certificate that a new handshake is shown. */
  private BigInteger shown(TestSidecar sidecar) {
    // With a context of its own, for a session that is resumed would show the old one.
    return shown(ca.context(), sidecar.port());
  }

  private static BigInteger shown(SSLContext context, int port) {
    try (SSLSocket socket = connect(context, port)) {
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
    } catch (IOException e) {
      return BigInteger.ZERO;
    }
  }

  private static BigInteger serial(TestCa.Issued of) {
    return of.bundle().getCertificate().getSerialNumber();
  }

  private static boolean answers(SSLSocket socket) {
    try {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII)
          .equals("HTTP/1.1 200");
    } catch (IOException e) {
      return false;
    }
  }

  private boolean isLetIn(TestCa.Issued client, TestSidecar sidecar) {
    try (SSLSocket socket = connect(ca.context(client), sidecar.port())) {
      return answers(socket);
    } catch (IOException e) {
      return false;
    }
  }

  private int timesTold(String part) {
    return told.toString(StandardCharsets.UTF_8).split(part, -1).length - 1;
  }

  @Test
  void newPairReachesNewHandshakesAndOpenConnectionsGoOn() throws Exception {
    try (TestSidecar sidecar = start("", "", own(chain, key, ""));
        SSLSocket open = connect(ca.context(), sidecar.port())) {
      assertEquals(serial(first), shown(sidecar));
      open.startHandshake();
      moveIn(second.key(), key);
      moveIn(second.chain(), chain);
      Await.until(() -> shown(sidecar).equals(serial(second)));
      assertTrue(answers(open));
    }
  }

  @Test
  void pairThatIsWrittenInPlaceIsTaken() throws Exception {
    try (TestSidecar sidecar = start("", "", own(chain, key, ""))) {
      Files.write(chain, Files.readAllBytes(second.chain()));
      Files.write(key, Files.readAllBytes(second.key()));
      Await.until(() -> shown(sidecar).equals(serial(second)));
    }
  }

  @Test
  void halfOfAPairChangesNothingAndIsToldAndCounted() throws Exception {
    try (TestSidecar sidecar = start("", "", own(chain, key, ""))) {
      moveIn(second.chain(), chain);
      Await.until(() -> sidecar.stat(FAILED) == 1);
      assertEquals(serial(first), shown(sidecar));
      moveIn(second.key(), key);
      Await.until(() -> shown(sidecar).equals(serial(second)));
      Await.until(() -> timesTold("secret \"own\": its files are good, and in force") == 1);
      assertEquals(1, sidecar.stat(FAILED));
    }
    assertEquals(
        1,
        timesTold(
            "secret \"own\": its files: tls_certificate.private_key: is not the key of its certificate; what they held before stays in force"));
  }

  @Test
  void listenerThatIsMadeAmidASwapHasThePairThatWasRead() throws Exception {
    Path lds = folder.resolve("lds.yaml");
    String yaml = tls("", "", "");
    int begin = yaml.indexOf("  - name: in\n");
    String listener = yaml.substring(begin, yaml.indexOf("  clusters:\n")).indent(-2);
    Files.writeString(lds, "resources: []\n");
    try (TestSidecar sidecar =
        start(
            "node: {id: a, cluster: a}\ndynamic_resources: {lds_config: {path_config_source: {path: "
                + lds
                + "}}}\n"
                + withSecrets(yaml, own(chain, key, "")))) {
      moveIn(second.chain(), chain);
      Await.until(() -> sidecar.stat(FAILED) == 1);
      Path next =
          Files.writeString(
              folder.resolve("next.yaml"),
              "resources:\n"
                  + listener
                      .replace(
                          "- name: in\n",
                          "- \"@type\": type.googleapis.com/envoy.config.listener.v3.Listener\n  name: late\n")
                      // Else it would share what the other was compiled to.
                      .replace("common_tls_context:", "session_timeout: 60s, common_tls_context:"));
      moveIn(next, lds);
      Await.until(() -> sidecar.sidecar().addresses().containsKey("late"));
      assertEquals(serial(first), shown(ca.context(), sidecar.port("late")));
    }
  }

  /** As Kubernetes mounts a Secret: what is there leads through a link that is replaced. */
  private static void mount(Path volume, String version, TestCa.Issued own) throws IOException {
    Path files = Files.createDirectory(volume.resolve(version));
    Files.copy(own.chain(), files.resolve("tls.crt"));
    Files.copy(own.key(), files.resolve("tls.key"));
    Path link = Files.createSymbolicLink(volume.resolve("..data_tmp"), Path.of(version));
    Files.move(link, volume.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
  }

  private Path volume() throws IOException {
    Path volume = Files.createDirectory(folder.resolve("volume"));
    mount(volume, "..1", first);
    for (String name : new String[] {"tls.crt", "tls.key"}) {
      Files.createSymbolicLink(volume.resolve(name), Path.of("..data", name));
    }
    return volume;
  }

  @Test
  void volumeThatKubernetesSwapsIsSeenByItsFiles() throws Exception {
    Path volume = volume();
    try (TestSidecar sidecar =
        start("", "", own(volume.resolve("tls.crt"), volume.resolve("tls.key"), ""))) {
      assertEquals(serial(first), shown(sidecar));
      mount(volume, "..2", second);
      Await.until(() -> shown(sidecar).equals(serial(second)));
      assertEquals(0, sidecar.stat(FAILED));
    }
  }

  @Test
  void volumeThatKubernetesSwapsIsSeenByADirectoryAndTheSecretMayStream() throws Exception {
    Path volume = volume();
    Path sds = folder.resolve("sds.yaml");
    Files.writeString(
        sds,
        "resources: [{\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret, "
            + own(
                volume.resolve("tls.crt"),
                volume.resolve("tls.key"),
                "watched_directory: {path: " + volume + "}")
            + "}]\n");
    try (TestSidecar sidecar =
        start(
            "node: {id: a, cluster: a}\n"
                + tls("sds_config: {path_config_source: {path: " + sds + "}}", "", ""))) {
      Await.until(() -> sidecar.sidecar().addresses().containsKey("in"));
      assertEquals(serial(first), shown(sidecar));
      mount(volume, "..2", second);
      Await.until(() -> shown(sidecar).equals(serial(second)));
    }
  }

  @Test
  void pairIsTakenWhenItsDirectorySaysSo() throws Exception {
    Path watched = Files.createDirectory(folder.resolve("watched"));
    Path roots = folder.resolve("roots.pem");
    moveIn(ca.certificate(), roots);
    try (TestSidecar sidecar =
        start(
            "",
            "",
            own(chain, key, "watched_directory: {path: " + watched + "}"),
            "name: others, validation_context: {trusted_ca: {filename: %s}}".formatted(roots))) {
      moveIn(second.key(), key);
      moveIn(second.chain(), chain);
      moveIn(second.key(), roots);
      Await.until(() -> sidecar.stat(FAILED) == 1); // they have been looked at since
      assertEquals(serial(first), shown(sidecar));

      Files.writeString(watched.resolve("done"), "");
      Await.until(() -> shown(sidecar).equals(serial(second)));
    }
  }

  @Test
  void withADirectoryThatIsWatchedTheFilesThemselvesAreNot() throws Exception {
    Path watched = Files.createDirectory(folder.resolve("watched"));
    Path roots = folder.resolve("roots.pem");
    TestCa other = TestCa.create(folder, "other");
    moveIn(ca.certificate(), roots);
    String peers =
        "name: peers, validation_context: {trusted_ca: {filename: %s}, watched_directory: {path: %s}}"
            .formatted(roots, watched);
    try (TestSidecar sidecar =
        start(PEERS, "require_client_certificate: true", own(chain, key, ""), peers)) {
      TestCa.Issued stranger = other.issue("me");
      assertTrue(isLetIn(ca.issue("me"), sidecar));
      assertFalse(isLetIn(stranger, sidecar));

      moveIn(other.certificate(), roots);
      moveIn(second.key(), key);
      moveIn(second.chain(), chain);
      Await.until(() -> shown(ca.context(ca.issue("me")), sidecar.port()).equals(serial(second)));
      assertTrue(isLetIn(ca.issue("me"), sidecar), "the roots were looked at before that");

      Files.writeString(watched.resolve("done"), "");
      Await.until(() -> isLetIn(stranger, sidecar));
      assertFalse(isLetIn(ca.issue("me"), sidecar));
    }
  }

  @Test
  void newListOfRevokedCertificatesShutsOutWhoIsOnIt() throws Exception {
    TestCa.Issued client = ca.issue("me");
    Path crl = folder.resolve("crl.pem");
    Instant next = Instant.now().plusSeconds(3600);
    moveIn(ca.crl(next), crl);
    try (TestSidecar sidecar =
        start(
            PEERS,
            "require_client_certificate: true",
            own(chain, key, ""),
            "name: peers, validation_context: {trusted_ca: {filename: %s}, crl: {filename: %s}}"
                .formatted(ca.certificate(), crl))) {
      assertTrue(isLetIn(client, sidecar));
      moveIn(ca.crl(next, client.bundle().getCertificate()), crl);
      Await.until(() -> !isLetIn(client, sidecar));
      assertTrue(isLetIn(ca.issue("me"), sidecar));
    }
  }
}
