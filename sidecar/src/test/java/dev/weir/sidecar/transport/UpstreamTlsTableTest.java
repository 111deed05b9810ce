package dev.weir.sidecar.transport;

import static dev.weir.sidecar.transport.TlsDecision.NOT_VALID;
import static dev.weir.sidecar.transport.TlsDecision.NO_HANDSHAKE;
import static dev.weir.sidecar.transport.TlsDecision.OTHER_HASH;
import static dev.weir.sidecar.transport.TlsDecision.OTHER_NAME;
import static dev.weir.sidecar.transport.TlsDecision.TAKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.EnvoyProcess;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import io.netty.pkitesting.CertificateBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers of all kinds that a cluster with TLS calls, through a whole sidecar. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("slow")
class UpstreamTlsTableTest {
  private static final String TAKES = "Envoy takes it";
  private static final String REFUSES = "Envoy refuses it";

  /**
   * Envoy lets an asterisk stand for a part of a label, which RFC 9525 (6.3) forbids, and counts
   * the certificates above a client's alone: {@code max_verify_depth} is said of every peer.
   */
  private static final Set<String> STRICTER =
      Set.of(
          "wildcard for a part of a label",
          "wildcard that is no label of its own",
          "depth 0, one",
          "depth 0, two",
          "depth 1, one",
          "depth 1, two",
          "depth 2, two");

  /**
   * A cluster of Envoy's speaks TLS 1.2 and no later one where its configuration does not say so,
   * and holds a server that is called by its address to a name of DNS.
   */
  private static final Set<String> MORE = Set.of("TLS 1.3 alone", "SNI 127.0.0.1 of 127.0.0.1");

  /**
   * @param common fields of the common context
   * @param context fields of the context around it
   * @param port of the server that comes
   * @param decision by BoringSSL
   * @param byTheJdk by the JDK's engine
   */
  record Case(
      String name,
      String common,
      String context,
      int port,
      TlsDecision decision,
      TlsDecision byTheJdk) {
    TlsDecision expected() {
      return TlsProvider.standard().get() == TlsProvider.JDK ? byTheJdk : decision;
    }

    @Override
    public String toString() {
      return name + ": " + expected();
    }
  }

  private final Instant now = Instant.now();
  private final List<Case> cases = new ArrayList<>();
  private final List<AutoCloseable> servers = new ArrayList<>();

  private Path folder;
  private TestCa ca;
  private TestSidecar sidecar;

  @BeforeAll
  void start(@TempDir Path temporary) throws Exception {
    folder = temporary;
    ca = TestCa.create(folder, "ca");
    ofTheCertificate();
    ofNames();
    ofChains();
    ofRevocation();
    ofHashes();
    ofTheHandshake();
    sidecar = TestSidecar.start(yaml(), 1);
  }

  @AfterAll
  void stop() throws Exception {
    sidecar.close();
    for (AutoCloseable server : servers) {
      server.close();
    }
  }

  /** A listener for each case, with a cluster of its own. */
  private String yaml() {
    StringBuilder listeners = new StringBuilder();
    StringBuilder clusters = new StringBuilder();
    String head = "";
    for (int i = 0; i < cases.size(); i++) {
      Case each = cases.get(i);
      String yaml = TestConfig.to(each.port).upstreamTls(each.common, each.context).yaml();
      int listener = yaml.indexOf("  - name: in\n");
      int end = yaml.indexOf("  clusters:\n");
      int cluster = yaml.indexOf("  - name: app\n", end);
      head = yaml.substring(0, listener);
      listeners.append(
          yaml.substring(listener, end)
              .replace("  - name: in\n", "  - name: in" + i + "\n")
              .replace("cluster: app\n", "cluster: app" + i + "\n"));
      clusters.append(
          yaml.substring(cluster)
              .replace("  - name: app\n", "  - name: app" + i + "\n")
              .replace("cluster_name: app\n", "cluster_name: app" + i + "\n")
              .replace("connect_timeout: 1s", "connect_timeout: 10s"));
    }
    return head + listeners + "  clusters:\n" + clusters;
  }

  private void add(String name, String common, String context, int server, TlsDecision decision) {
    add(name, common, context, server, decision, decision);
  }

  private void add(
      String name,
      String common,
      String context,
      int server,
      TlsDecision decision,
      TlsDecision byTheJdk) {
    cases.add(new Case(name, common, context, server, decision, byTheJdk));
  }

  private void add(String name, String common, TestCa.Issued shown, TlsDecision decision)
      throws IOException {
    add(name, common, "", server(shown), decision);
  }

  /**
   * @param more fields of the validation context beside the CA
   */
  private String trusting(String more) {
    return trusting(ca.certificate(), more);
  }

  private static String trusting(Path trusted, String more) {
    return "validation_context: {trusted_ca: {filename: %s}, %s}".formatted(trusted, more);
  }

  private String named(String type, String matcher) {
    return trusting(
        "match_typed_subject_alt_names: [{san_type: %s, matcher: {%s}}]".formatted(type, matcher));
  }

  private int server(TestCa.Issued own) throws IOException {
    return server(ShownKeys.of(own), edit -> {});
  }

  private int server(ShownKeys keys, Consumer<SSLParameters> edit) throws IOException {
    ServerSocketFactory sockets = keys.context().getServerSocketFactory();
    TestUpstream server =
        TestUpstream.start(
            (request, out) -> TestUpstream.reply(out, 200, "hello"), new Edited(sockets, edit));
    servers.add(server);
    return server.port();
  }

  private int boring(TestCa.Issued own, String version, String cipher) throws IOException {
    BoringServer server = BoringServer.start(own, version, cipher);
    servers.add(server);
    return server.port();
  }

  /** Makes TLS sockets with other parameters. */
  private static final class Edited extends ServerSocketFactory {
    private final ServerSocketFactory sockets;
    private final Consumer<SSLParameters> edit;

    Edited(ServerSocketFactory sockets, Consumer<SSLParameters> edit) {
      this.sockets = sockets;
      this.edit = edit;
    }

    @Override
    public ServerSocket createServerSocket(int port) throws IOException {
      return createServerSocket(port, 0);
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog) throws IOException {
      return createServerSocket(port, backlog, InetAddress.getLoopbackAddress());
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog, InetAddress address)
        throws IOException {
      SSLServerSocket socket = (SSLServerSocket) sockets.createServerSocket(port, backlog, address);
      SSLParameters parameters = socket.getSSLParameters();
      edit.accept(parameters);
      socket.setSSLParameters(parameters);
      return socket;
    }
  }

  /** Reads the first byte that comes, answers and closes. */
  private int closing(String answer) throws IOException {
    ServerSocket socket = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    servers.add(socket);
    Thread.ofVirtual()
        .start(() -> {
          try (socket) {
            while (true) {
              try (Socket connection = socket.accept()) {
                int first = connection.getInputStream().read();
                assert first == 22 : "a ClientHello";
                TestUpstream.write(connection.getOutputStream(), answer);
              }
            }
          } catch (IOException e) {
            // closed
          }
        });
    return socket.getLocalPort();
  }

  private Instant hours(int hours) {
    return now.plus(Duration.ofHours(hours));
  }

  private void ofTheCertificate() throws Exception {
    String trusting = trusting("");
    TestCa other = TestCa.create(folder, "other");
    TestCa.Issued good = ca.issue("a.shop");
    add("good", trusting, good, TAKEN);
    add("any, where none is trusted", "", other.issue("a.shop"), TAKEN);
    add("expired", trusting, ca.issue(leaf -> leaf.notAfter(hours(-1))), NOT_VALID);
    add(
        "not yet valid",
        trusting,
        ca.issue(leaf -> leaf.notBefore(hours(1)).notAfter(hours(2))),
        NOT_VALID);
    add("another root", trusting, other.issue("a.shop"), NOT_VALID);
    TestCa itself = TestCa.create(folder, "leaf");
    TestCa.Issued self = itself.issue(leaf -> leaf.keyPair(itself.own().getKeyPair()));
    add("self-signed", trusting, self, NOT_VALID);
    add("self-signed and trusted", trusting(self.chain(), ""), self, TAKEN);
    TestCa.Issued late =
        itself.issue(leaf -> leaf.keyPair(itself.own().getKeyPair()).notAfter(hours(-1)));
    add("self-signed and trusted, expired", trusting(late.chain(), ""), late, NOT_VALID);
    TestCa past = TestCa.create(folder, "past", own -> own.notAfter(hours(-1)));
    add("root expired", trusting(past.certificate(), ""), past.issue("a.shop"), NOT_VALID);
    add(
        "key that the server does not have",
        trusting,
        "",
        server(
            ShownKeys.of(
                ca.issue("a.shop").bundle().getKeyPair().getPrivate(),
                good.bundle().getCertificate()),
            edit -> {}),
        NO_HANDSHAKE);
    add("use: server", trusting, ca.issue(leaf -> leaf.addExtendedKeyUsageServerAuth()), TAKEN);
    add(
        "use: client alone",
        trusting,
        ca.issue(leaf -> leaf.addExtendedKeyUsageClientAuth()),
        NOT_VALID);
    add("use: none is said", trusting, ca.issue(leaf -> {}), TAKEN);
    add("use: any", trusting, ca.issue(leaf -> leaf.addExtendedKeyUsage("2.5.29.37.0")), NOT_VALID);
    add(
        "unknown critical extension",
        trusting,
        ca.issue(
            leaf -> leaf.addExtensionOctetString("1.3.6.1.4.1.99999.1", true, new byte[] {5, 0})),
        NOT_VALID);
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair rsa = generator.generateKeyPair();
    add("RSA", trusting, ca.issue(leaf -> leaf.keyPair(rsa)), TAKEN);
    add(
        "RSA, cipher that is out of use",
        trusting,
        "",
        boring(
            ca.issue(leaf -> leaf.keyPair(rsa)), "TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
        NO_HANDSHAKE);
    add(
        "RSA, cipher without forward secrecy",
        trusting,
        "",
        boring(ca.issue(leaf -> leaf.keyPair(rsa)), "TLSv1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256"),
        NO_HANDSHAKE);
  }

  private void ofNames() throws Exception {
    String dns = named("DNS", "exact: a.shop");
    add("SAN", dns, ca.issue("a.shop"), TAKEN);
    add("SAN in other case", dns, ca.issue("A.SHOP"), TAKEN);
    add("another SAN", dns, ca.issue("b.shop"), OTHER_NAME);
    add("SAN that is longer", dns, ca.issue("a.shop.bank"), OTHER_NAME);
    add("SAN of one below", dns, ca.issue("x.a.shop"), OTHER_NAME);
    add("one SAN of several", dns, ca.issue("x.shop", "spiffe://shop/a", "a.shop"), TAKEN);
    add("no SAN", dns, ca.issue(leaf -> {}), OTHER_NAME);
    add("common name alone", dns, ca.issue(leaf -> leaf.subject("CN=a.shop")), OTHER_NAME);
    add("wildcard", dns, ca.issue("*.shop"), TAKEN);
    add("wildcard of another domain", dns, ca.issue("*.bank"), OTHER_NAME);
    add("wildcard of one below", dns, ca.issue("*.a.shop"), OTHER_NAME);
    add("wildcard alone", dns, ca.issue("*"), OTHER_NAME);
    String below = named("DNS", "exact: b.a.shop");
    add("wildcard for one label of two", below, ca.issue("*.shop"), OTHER_NAME);
    add("wildcard for the first label of two", below, ca.issue("*.a.shop"), TAKEN);
    add("wildcard for a part of a label", dns, wildcard("a*.shop"), OTHER_NAME);
    add(
        "wildcard that is no label of its own",
        named("DNS", "exact: ab.shop"),
        wildcard("a*.shop"),
        OTHER_NAME);
    add("SAN by a suffix", named("DNS", "suffix: .shop"), ca.issue("a.shop"), TAKEN);
    add("wildcard by a suffix", named("DNS", "suffix: .shop"), ca.issue("*.shop"), TAKEN);
    String untyped =
        trusting("match_subject_alt_names: [{exact: a.shop}, {exact: \"spiffe://shop/a\"}]");
    add("name of no type, DNS", untyped, ca.issue("a.shop"), TAKEN);
    add("name of no type, URI", untyped, ca.issue("spiffe://shop/a"), TAKEN);
    add("name of no type, another", untyped, ca.issue("b.shop", "spiffe://shop/b"), OTHER_NAME);
    String uri = named("URI", "exact: \"spiffe://shop/a\"");
    add("URI", uri, ca.issue("spiffe://shop/a"), TAKEN);
    add("another URI", uri, ca.issue("spiffe://shop/b"), OTHER_NAME);
    add("address", named("IP_ADDRESS", "exact: 127.0.0.1"), ca.issue("127.0.0.1"), TAKEN);
    add("address of version 6", named("IP_ADDRESS", "exact: \"::1\""), ca.issue("::1"), TAKEN);
    add(
        "another address",
        named("IP_ADDRESS", "exact: 127.0.0.1"),
        ca.issue("127.0.0.2"),
        OTHER_NAME);
    for (String[] each :
        new String[][] {
          {"a.shop", "a.shop"},
          {"A.shop", "a.shop"},
          {"*.shop", "a.shop"},
          {"127.0.0.1", "127.0.0.1"}
        }) {
      add(
          "SNI " + each[1] + " of " + each[0],
          trusting(""),
          "auto_sni_san_validation: true, sni: \"" + each[1] + "\"",
          server(ca.issue(each[0])),
          TAKEN);
    }
    for (String[] each :
        new String[][] {
          {"b.shop", "a.shop"},
          {"*.shop", "b.a.shop"},
          {"*.shop", "shop"},
          {"*", "shop"},
          {"127.0.0.2", "127.0.0.1"},
          {"spiffe://a.shop", "a.shop"}
        }) {
      add(
          "SNI " + each[1] + " of " + each[0],
          trusting(""),
          "auto_sni_san_validation: true, sni: \"" + each[1] + "\"",
          server(ca.issue(each[0])),
          OTHER_NAME);
    }
    add("SNI that is not held to", trusting(""), "sni: a.shop", server(ca.issue("b.shop")), TAKEN);
  }

  /** {@code name} has an asterisk that {@link TestCa} would not take. */
  private TestCa.Issued wildcard(String name) {
    byte[] ascii = name.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    byte[] der = new byte[ascii.length + 4];
    der[0] = 0x30;
    der[1] = (byte) (ascii.length + 2);
    der[2] = (byte) 0x82;
    der[3] = (byte) ascii.length;
    System.arraycopy(ascii, 0, der, 4, ascii.length);
    return ca.issue(leaf -> leaf.addExtensionOctetString("2.5.29.17", false, der));
  }

  private void ofChains() throws Exception {
    String trusting = trusting("");
    TestCa one = ca.intermediate("one", own -> {});
    TestCa two = one.intermediate("two", own -> {});
    TestCa.Issued byOne = one.issue("a.shop");
    TestCa.Issued byTwo = two.issue("a.shop");
    add("with its intermediate", trusting, byOne, TAKEN);
    add("with two intermediates", trusting, byTwo, TAKEN);
    add(
        "without its intermediate",
        trusting,
        "",
        server(
            ShownKeys.of(byOne.bundle().getKeyPair().getPrivate(), byOne.bundle().getCertificate()),
            edit -> {}),
        NOT_VALID);
    add(
        "intermediate that is no CA",
        trusting,
        ca.intermediate("noCa", own -> own.setIsCertificateAuthority(false)).issue("a.shop"),
        NOT_VALID);
    add(
        "intermediate expired",
        trusting,
        ca.intermediate("expired", own -> own.notAfter(hours(-1))).issue("a.shop"),
        NOT_VALID);
    add(
        "intermediate for clients alone",
        trusting,
        ca.intermediate("clients", CertificateBuilder::addExtendedKeyUsageClientAuth)
            .issue("a.shop"),
        NOT_VALID);
    TestCa.Issued direct = ca.issue("a.shop");
    for (int depth = 0; depth <= 3; depth++) {
      String deep = trusting("max_verify_depth: " + depth);
      add("depth " + depth + ", no intermediate", deep, direct, TAKEN);
      add("depth " + depth + ", one", deep, byOne, depth >= 2 ? TAKEN : NOT_VALID);
      add("depth " + depth + ", two", deep, byTwo, depth >= 3 ? TAKEN : NOT_VALID);
    }
  }

  private void ofRevocation() throws Exception {
    TestCa.Issued bad = ca.issue("a.shop");
    String list = trusting("crl: {filename: " + ca.crl(hours(1), certificate(bad)) + "}");
    add("not revoked", list, ca.issue("a.shop"), TAKEN);
    add("revoked", list, bad, NOT_VALID);
    add(
        "list past its next update",
        trusting("crl: {filename: " + ca.crl(hours(-1)) + "}"),
        ca.issue("a.shop"),
        NOT_VALID);
    TestCa other = TestCa.create(folder, "lister");
    add(
        "list of another CA alone",
        trusting("crl: {filename: " + other.crl(hours(1)) + "}"),
        ca.issue("a.shop"),
        NOT_VALID);
  }

  private static X509Certificate certificate(TestCa.Issued issued) {
    return issued.bundle().getCertificate();
  }

  private void ofHashes() throws Exception {
    TestCa.Issued pinned = ca.issue("a.shop");
    TestCa.Issued other = ca.issue("a.shop");
    String hash = HexFormat.of().formatHex(Peer.sha256(certificate(pinned).getEncoded()));
    String certificate = "verify_certificate_hash: [\"" + hash + "\"]";
    add("hash", trusting(certificate), pinned, TAKEN);
    add("another hash", trusting(certificate), other, OTHER_HASH);
    add("hash, without a CA", "validation_context: {" + certificate + "}", pinned, TAKEN);
    add(
        "another hash, without a CA",
        "validation_context: {" + certificate + "}",
        other,
        OTHER_HASH);
    String key =
        "verify_certificate_spki: [\"%s\"]"
            .formatted(
                Base64.getEncoder()
                    .encodeToString(Peer.sha256(certificate(pinned).getPublicKey().getEncoded())));
    add("hash of the key", trusting(key), pinned, TAKEN);
    add("hash of another key", trusting(key), other, OTHER_HASH);
  }

  private void ofTheHandshake() throws Exception {
    String trusting = trusting("");
    TestCa.Issued own = ca.issue("a.shop");
    ShownKeys keys = ShownKeys.of(own);
    add(
        "TLS 1.1 alone",
        trusting,
        "",
        boring(own, "TLSv1.1", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
        NO_HANDSHAKE);
    int old = server(keys, version("TLSv1.2"));
    int modern = server(keys, version("TLSv1.3"));
    add("TLS 1.2 alone", trusting, "", old, TAKEN);
    add("TLS 1.3 alone", trusting, "", modern, TAKEN);
    String from13 =
        trusting
            + ", tls_params: {tls_minimum_protocol_version: TLSv1_3, tls_maximum_protocol_version: TLSv1_3}";
    add("1.2 alone, 1.3 at least", from13, "", old, NO_HANDSHAKE);
    add("1.3 alone, 1.3 at least", from13, "", modern, TAKEN);
    String to13 = trusting + ", tls_params: {tls_maximum_protocol_version: TLSv1_3}";
    add("1.3 alone, 1.3 at most", to13, "", modern, TAKEN);
    String to12 = trusting + ", tls_params: {tls_maximum_protocol_version: TLSv1_2}";
    add("1.3 alone, 1.2 at most", to12, "", modern, NO_HANDSHAKE);
    add("1.2 alone, 1.2 at most", to12, "", old, TAKEN);
    int aes128 = server(keys, ciphers("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"));
    add("cipher in common", trusting, "", aes128, TAKEN);
    add(
        "no cipher in common",
        trusting
            + ", tls_params: {cipher_suites: [ECDHE-ECDSA-AES256-GCM-SHA384], tls_maximum_protocol_version: TLSv1_2}",
        "",
        aes128,
        NO_HANDSHAKE);
    int p256 = server(keys, edit -> edit.setNamedGroups(new String[] {"secp256r1"}));
    add("curve in common", trusting, "", p256, TAKEN);
    add(
        "no curve in common",
        trusting + ", tls_params: {ecdh_curves: [X25519]}",
        "",
        p256,
        NO_HANDSHAKE);
    // By TLS 1.3 the handshake is over when the server looks at who has come.
    add(
        "wants a certificate that we have not",
        trusting,
        "",
        server(
            keys,
            edit -> {
              edit.setNeedClientAuth(true);
              version("TLSv1.2").accept(edit);
            }),
        NO_HANDSHAKE);
    add(
        "wants a certificate that we have",
        trusting + ", tls_certificates: [" + TestConfig.certificate(ca.issue("me")) + "]",
        "",
        server(keys, edit -> edit.setNeedClientAuth(true)),
        TAKEN);
    add(
        "would like a certificate that we have not",
        trusting,
        "",
        server(keys, edit -> edit.setWantClientAuth(true)),
        TAKEN);
    add(
        "ALPN with no protocol in common",
        trusting + ", alpn_protocols: [h2]",
        "",
        server(keys, edit -> edit.setApplicationProtocols(new String[] {"http/1.1"})),
        NO_HANDSHAKE);
    add("closes in the handshake", trusting, "", closing(""), NO_HANDSHAKE);
    add(
        "plain text",
        trusting,
        "",
        closing("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"),
        NO_HANDSHAKE);
  }

  private static Consumer<SSLParameters> version(String version) {
    return edit -> edit.setProtocols(new String[] {version});
  }

  private static Consumer<SSLParameters> ciphers(String... suites) {
    return edit -> {
      edit.setProtocols(new String[] {"TLSv1.2"});
      edit.setCipherSuites(suites);
    };
  }

  Stream<Case> cases() {
    return cases.stream();
  }

  private static boolean answered(int port) throws IOException {
    try (RawClient client = new RawClient(port)) {
      RawClient.Response response = client.get("/");
      assertEquals(response.body().equals("hello") ? 200 : 503, response.status());
      return response.status() == 200;
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void serverIsTakenOrRefused(Case each) throws IOException {
    int number = cases.indexOf(each);

    boolean taken = answered(sidecar.port("in" + number));

    assertEquals(each.expected(), decision("cluster.app" + number), each.name);
    assertEquals(each.expected() == TAKEN, taken, each.name);
  }

  private TlsDecision decision(String cluster) {
    Map<TlsDecision, Long> counts = TlsDecision.counts(sidecar, cluster);
    assertTrue(counts.values().stream().anyMatch(count -> count > 0), cluster);
    return counts.entrySet().stream()
        .filter(each -> each.getValue() > 0)
        .map(Map.Entry::getKey)
        .filter(each -> each == TAKEN || each.ofCertificate())
        .findFirst()
        .orElse(NO_HANDSHAKE);
  }

  @Test
  @Tag("envoy")
  void envoyDecidesTheSameButForWhatIsNamed() throws Exception {
    Map<String, String> others = new TreeMap<>();
    try (EnvoyProcess envoy = EnvoyProcess.start(yaml(), folder)) {
      for (Case each : cases) {
        boolean taken = answered(envoy.port("in" + cases.indexOf(each)));
        if (taken != (each.decision == TAKEN)) {
          others.put(each.name, taken ? TAKES : REFUSES);
        }
      }
    }
    Map<String, String> expected = new TreeMap<>();
    STRICTER.forEach(name -> expected.put(name, TAKES));
    MORE.forEach(name -> expected.put(name, REFUSES));
    assertEquals(expected, others);
  }
}
