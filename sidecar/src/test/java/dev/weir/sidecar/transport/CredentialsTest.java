package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.Parsed;
import dev.weir.sidecar.snapshot.CompileCheck;
import dev.weir.sidecar.testkit.Resources;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import io.netty.pkitesting.CertificateBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates and keys are looked at before a listener or a cluster is taken. */
class CredentialsTest {
  private static final String CERTIFICATES =
      "transport_socket.typed_config.common_tls_context.tls_certificates[0].";

  private static final String OTHER_KIND = "has no key of the kind that its certificate has, EC";

  @TempDir Path folder;

  private TestCa ca;

  @BeforeEach
  void makeCa() {
    ca = TestCa.create(folder, "ca");
  }

  private static String cluster(Path chain, Path key) {
    return "name: app\ntype: STATIC\nload_assignment: {cluster_name: app}\n"
        + "transport_socket: {name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, common_tls_context: {tls_certificates: [{certificate_chain: {filename: "
        + chain
        + "}, private_key: {filename: "
        + key
        + "}}]}}}";
  }

  private static String listener(Path chain, Path key) {
    return "name: in\naddress: {socket_address: {address: 127.0.0.1, port_value: 0}}\nfilter_chains:\n- transport_socket: {name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: {tls_certificates: [{certificate_chain: {filename: "
        + chain
        + "}, private_key: {filename: "
        + key
        + "}}]}}}\n  filters: [{name: tcp, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: c}}]\n";
  }

  private static void expectRefused(String field, String reason, Path chain, Path key) {
    assertEquals(
        new Parsed.Rejected<>(CERTIFICATES + field, reason),
        new CompileCheck().cluster(Resources.cluster(cluster(chain, key))));
    assertEquals(
        new Parsed.Rejected<>("filter_chains[0]." + CERTIFICATES + field, reason),
        new CompileCheck()
            .listener(Resources.listener(listener(chain, key)), none -> Optional.empty()));
  }

  @Test
  void certificateWithItsKeyIsTaken() {
    TestCa.Issued own = ca.issue("a");
    assertInstanceOf(
        Parsed.Accepted.class,
        new CompileCheck().cluster(Resources.cluster(cluster(own.chain(), own.key()))));
    assertInstanceOf(
        Parsed.Accepted.class,
        new CompileCheck()
            .listener(
                Resources.listener(listener(own.chain(), own.key())), none -> Optional.empty()));
  }

  @Test
  void keyOfAnotherCertificateIsRefused() {
    expectRefused(
        "private_key",
        "is not the key of its certificate",
        ca.issue("a").chain(),
        ca.issue("b").key());
  }

  @Test
  void fileThatIsNotThereIsRefused() {
    Path none = folder.resolve("none");
    expectRefused("certificate_chain.filename", "there is no " + none, none, ca.issue("b").key());
  }

  @Test
  void whatIsNoKeyIsRefusedWithoutBeingQuoted() throws IOException {
    TestCa.Issued own = ca.issue("a");
    Path other = folder.resolve("other");
    Files.writeString(other, "secret");
    expectRefused("private_key", "has no private key in PEM", own.chain(), other);
    for (String kind : List.of("", "EC ", "RSA ")) {
      Files.writeString(other, pem(kind, "c2VjcmV0"));
      expectRefused("private_key", OTHER_KIND, own.chain(), other);
      Files.writeString(other, pem(kind, "c2Vj_cmV0="));
      expectRefused("private_key", OTHER_KIND, own.chain(), other);
    }
    Files.writeString(other, pem("DSA ", "c2VjcmV0"));
    expectRefused(
        "private_key",
        "has a key of kind \"DSA\"; it must be PKCS #8, PKCS #1 or SEC 1",
        own.chain(),
        other);
  }

  private static String pem(String kind, String base64) {
    return "-----BEGIN %1$sPRIVATE KEY-----\n%2$s\n-----END %1$sPRIVATE KEY-----\n"
        .formatted(kind, base64);
  }

  /** PKCS #1 or SEC 1, as OpenSSL writes it. */
  private Path traditional(TestCa.Issued own) throws IOException {
    PrivateKeyInfo key =
        PrivateKeyInfo.getInstance(own.bundle().getKeyPair().getPrivate().getEncoded());
    PemObject pem =
        own.bundle().getKeyPair().getPrivate() instanceof ECPrivateKey ec
            ? new PemObject(
                "EC PRIVATE KEY",
                new org.bouncycastle.asn1.sec.ECPrivateKey(
                        256, ec.getS(), key.getPrivateKeyAlgorithm().getParameters())
                    .getEncoded())
            : new PemObject(
                "RSA PRIVATE KEY", key.parsePrivateKey().toASN1Primitive().getEncoded());
    Path file = folder.resolve("traditional.pem");
    try (PemWriter writer = new PemWriter(Files.newBufferedWriter(file))) {
      writer.writeObject(pem);
    }
    return file;
  }

  private void expectServed(TestCa.Issued own, Path key) throws IOException {
    try (TestUpstream app = TestUpstream.replying("hello");
        TestSidecar sidecar =
            TestConfig.to(app)
                .downstreamTls(new TestCa.Issued(own.chain(), key, own.bundle()), "", "")
                .start();
        SSLSocket socket =
            (SSLSocket)
                ca.context()
                    .getSocketFactory()
                    .createSocket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      socket.startHandshake();
      assertEquals(own.bundle().getCertificate(), socket.getSession().getPeerCertificates()[0]);
    }
  }

  @Test
  void keyOfRsaInPkcs1Serves() throws IOException {
    TestCa.Issued own = ca.issue(CertificateBuilder::rsa2048);
    Path key = traditional(own);
    assertTrue(Files.readString(key).startsWith("-----BEGIN RSA PRIVATE KEY-----"));
    expectServed(own, key);
  }

  @Test
  void keyOfEcInSec1ServesBehindItsParametersToo() throws IOException {
    TestCa.Issued own = ca.issue("a");
    Path key = traditional(own);
    String pem = Files.readString(key);
    assertTrue(pem.startsWith("-----BEGIN EC PRIVATE KEY-----"));
    expectServed(own, key);
    Files.writeString(
        key,
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + pem);
    expectServed(own, key);
  }

  @Test
  void traditionalKeyOfAnotherCertificateIsRefused() throws IOException {
    TestCa.Issued own = ca.issue("a");
    expectRefused(
        "private_key",
        "is not the key of its certificate",
        own.chain(),
        traditional(ca.issue("b")));
    expectRefused(
        "private_key", OTHER_KIND, own.chain(), traditional(ca.issue(CertificateBuilder::rsa2048)));
  }

  @Test
  void keyWithAPasswordIsRefusedWhateverItsKind() throws IOException {
    TestCa.Issued own = ca.issue("a");
    String reason = "is encrypted; it must be without a password: openssl pkey";
    Path key = folder.resolve("encrypted.pem");
    Files.writeString(
        key,
        pem(
            "EC ",
            """
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-256-CBC,5D4C4F3A0A7B1E2F5D4C4F3A0A7B1E2F

            c2VjcmV0\
            """));
    expectRefused("private_key", reason, own.chain(), key);
    Files.writeString(key, pem("ENCRYPTED ", "c2VjcmV0"));
    expectRefused("private_key", reason, own.chain(), key);
  }

  @Test
  void inlineKeyIsNotShown() throws IOException {
    TestCa.Issued own = ca.issue("a");
    String key = Files.readString(own.key());
    String yaml =
        TestConfig.to(1)
            .downstreamTls(own, "", "")
            .yaml()
            .replace(
                "private_key: {filename: " + own.key() + "}",
                "private_key: {inline_string: \"" + key.replace("\n", "\\n") + "\"}");
    try (TestSidecar sidecar = TestSidecar.start(yaml, 1);
        RawClient admin = new RawClient(sidecar.adminPort())) {
      String dump = admin.get("/config_dump").body();
      assertTrue(dump.contains("[redacted]"));
      assertFalse(dump.contains("BEGIN PRIVATE KEY"));
      assertFalse(dump.contains(key.lines().skip(1).findFirst().orElseThrow()));
    }
  }
}
