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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates and keys are looked at before a listener or a cluster is taken. */
class CredentialsTest {
  private static final String CERTIFICATES =
      "transport_socket.typed_config.common_tls_context.tls_certificates[0].";

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
        new CompileCheck().listener(Resources.listener(listener(chain, key))));
  }

  @Test
  void certificateWithItsKeyIsTaken() {
    TestCa.Issued own = ca.issue("a");
    assertInstanceOf(
        Parsed.Accepted.class,
        new CompileCheck().cluster(Resources.cluster(cluster(own.chain(), own.key()))));
    assertInstanceOf(
        Parsed.Accepted.class,
        new CompileCheck().listener(Resources.listener(listener(own.chain(), own.key()))));
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
    Files.writeString(other, Files.readString(own.key()).replace("PRIVATE KEY", "EC PRIVATE KEY"));
    expectRefused(
        "private_key",
        "has a key of kind \"EC\"; it must be in PKCS #8, without a password: openssl pkcs8 -topk8 -nodes",
        own.chain(),
        other);
    Files.writeString(other, "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
    expectRefused(
        "private_key", "has no key of the kind that its certificate has, EC", own.chain(), other);
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
