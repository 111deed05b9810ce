package dev.weir.sidecar.transport;

import static dev.weir.sidecar.transport.TlsDecision.NOT_VALID;
import static dev.weir.sidecar.transport.TlsDecision.NO_CERTIFICATE;
import static dev.weir.sidecar.transport.TlsDecision.NO_CHAIN;
import static dev.weir.sidecar.transport.TlsDecision.NO_HANDSHAKE;
import static dev.weir.sidecar.transport.TlsDecision.OTHER_HASH;
import static dev.weir.sidecar.transport.TlsDecision.OTHER_NAME;
import static dev.weir.sidecar.transport.TlsDecision.TAKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.EnvoyProcess;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients of all kinds that call a listener with TLS, through a whole sidecar. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("slow")
class DownstreamTlsTableTest {
  private static final String SUBJECT_ALT_NAME = "2.5.29.17";
  private static final String NAME_CONSTRAINTS = "2.5.29.30";
  private static final String UNKNOWN = "1.3.6.1.4.1.99999.1";
  private static final String ANY_USE = "2.5.29.37.0";
  private static final String ME = "spiffe://shop/ns/shop/sa/me";

  private static final KeyPair RSA = keys("RSA", "", 2048);

  private static final String INSPECTOR =
      "    listener_filters: [{name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector}}]\n";

  private static final String TAKES = "Envoy takes it";
  private static final String REFUSES = "Envoy refuses it";

  /**
   * The JDK holds what certifies others to say so: that it is a CA though it is trusted by itself,
   * and that it signs lists of what is revoked (RFC 5280, 4.2.1.3 and 4.2.1.9).
   */
  private static final Set<String> STRICTER =
      Set.of(
          "trusted: one that is no CA",
          "of the leaf alone: intermediate that does not say that it signs lists");

  /** Of a listener: fields of its chain, of the common context and of the context around it. */
  record Config(String chain, String common, String context, boolean rsa) {
    Config(String chain, String common, String context) {
      this(chain, common, context, false);
    }
  }

  /** Calls the port; true if it is answered. */
  interface Caller {
    boolean call(int port) throws IOException;
  }

  /**
   * @param decision by BoringSSL
   * @param byTheJdk by the JDK's engine, which knows more kinds of keys
   */
  record Case(
      String name, Config config, Caller caller, TlsDecision decision, TlsDecision byTheJdk) {
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
  private final List<Config> configs = new ArrayList<>();

  private Path folder;
  private TestCa ca;
  private TestUpstream app;
  private TestSidecar sidecar;

  @BeforeAll
  void start(@TempDir Path temporary) throws Exception {
    folder = temporary;
    ca = TestCa.create(folder, "ca");
    app = TestUpstream.replying("hello");
    ofTheCertificate();
    ofNames();
    ofChains();
    ofRevocation();
    ofUses();
    ofKeys();
    ofHashes();
    ofTheTrustedCa();
    ofTheHandshake();
    sidecar = TestSidecar.start(yaml(), 1);
  }

  @AfterAll
  void stop() throws IOException {
    sidecar.close();
    app.close();
  }

  /** A listener for each configuration. */
  private String yaml() {
    TestCa.Issued own = ca.issue("localhost");
    TestCa.Issued rsa = ca.issue(leaf -> leaf.keyPair(RSA));
    StringBuilder listeners = new StringBuilder();
    String head = "";
    String clusters = "";
    for (int i = 0; i < configs.size(); i++) {
      Config config = configs.get(i);
      String yaml =
          TestConfig.to(app)
              .downstreamTls(config.rsa ? rsa : own, config.common, config.context)
              .yaml();
      int begin = yaml.indexOf("  - name: in\n");
      int end = yaml.indexOf("  clusters:\n");
      listeners.append(
          yaml.substring(begin, end)
              .replace("  - name: in\n", "  - name: in" + i + "\n" + INSPECTOR)
              .replace("    - transport_socket:", "    - " + config.chain + "transport_socket:"));
      head = yaml.substring(0, begin);
      clusters = yaml.substring(end);
    }
    return head + listeners + clusters;
  }

  private void add(String name, Config config, Caller caller, TlsDecision decision) {
    add(name, config, caller, decision, decision);
  }

  private void add(
      String name, Config config, Caller caller, TlsDecision decision, TlsDecision byTheJdk) {
    cases.add(new Case(name, config, caller, decision, byTheJdk));
    if (!configs.contains(config)) {
      configs.add(config);
    }
  }

  private void add(String name, Config config, TestCa.Issued shown, TlsDecision decision) {
    add(name, config, caller(shown), decision);
  }

  /**
   * @param more fields of the validation context beside the CA
   */
  private Config requiring(String more) {
    return trusting(ca.certificate(), more);
  }

  private static Config trusting(Path trusted, String more) {
    return new Config(
        "",
        "validation_context: {trusted_ca: {filename: %s}, %s}".formatted(trusted, more),
        "require_client_certificate: true");
  }

  private static Config parameters(String parameters) {
    return new Config("", "tls_params: {" + parameters + "}", "");
  }

  private Config named(String type, String matcher) {
    return requiring(
        "match_typed_subject_alt_names: [{san_type: %s, matcher: {%s}}]".formatted(type, matcher));
  }

  private static Caller caller(ShownKeys keys) {
    return caller(keys, edit -> {});
  }

  private static Caller caller(TestCa.Issued own) {
    return caller(ShownKeys.of(own));
  }

  private static Caller caller(ShownKeys keys, Consumer<SSLParameters> edit) {
    return port -> {
      try (SSLSocket socket =
          (SSLSocket)
              keys.context()
                  .getSocketFactory()
                  .createSocket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(10_000);
        socket.setTcpNoDelay(true);
        SSLParameters parameters = socket.getSSLParameters();
        edit.accept(parameters);
        socket.setSSLParameters(parameters);
        return answered(
            socket,
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
      } catch (SSLException | SocketException e) {
        return false;
      }
    };
  }

  private static boolean answered(Socket socket, byte[] request) throws IOException {
    socket.getOutputStream().write(request);
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1)
        .endsWith("hello");
  }

  /**
   * Sends these bytes, and is answered if HTTP comes or a record of a handshake.
   *
   * @param last whether it sends its end behind them
   */
  private static Caller raw(byte[] bytes, boolean last) {
    return port -> {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write(bytes);
        if (last) {
          socket.shutdownOutput();
        }
        int first = socket.getInputStream().read();
        return first == 22 || first == 'H';
      } catch (SocketException e) {
        return false;
      }
    };
  }

  /** What a client of {@code version} says first, with the ciphers of BoringSSL or these. */
  private static byte[] hello(String version, String... ciphers) throws SSLException {
    var builder = SslContextBuilder.forClient().sslProvider(SslProvider.OPENSSL).protocols(version);
    if (ciphers.length > 0) {
      builder.ciphers(List.of(ciphers));
    }
    var context = builder.build();
    SSLEngine engine = context.newEngine(ByteBufAllocator.DEFAULT);
    try {
      ByteBuffer bytes = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
      engine.wrap(ByteBuffer.allocate(0), bytes);
      return Arrays.copyOf(bytes.array(), bytes.position());
    } finally {
      ReferenceCountUtil.release(engine);
      ReferenceCountUtil.release(context);
    }
  }

  private static KeyPair keys(String algorithm, String curve, int size) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (size > 0) {
        generator.initialize(size);
      } else if (!curve.isEmpty()) {
        generator.initialize(new ECGenParameterSpec(curve));
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static void uri(CertificateBuilder builder, String name) {
    builder.addSanUriName(java.net.URI.create(name));
  }

  private static X509Certificate certificate(TestCa.Issued issued) {
    return issued.bundle().getCertificate();
  }

  private static PrivateKey key(TestCa.Issued issued) {
    return issued.bundle().getKeyPair().getPrivate();
  }

  private Instant hours(int hours) {
    return now.plus(Duration.ofHours(hours));
  }

  private void ofTheCertificate() throws Exception {
    Config required = requiring("");
    Config optional = new Config("", required.common, "");
    TestCa other = TestCa.create(folder, "other");
    Files.createDirectory(folder.resolve("twin"));
    TestCa twin = TestCa.create(folder.resolve("twin"), "ca");
    TestCa.Issued good = ca.issue(ME);
    add("good", required, good, TAKEN);
    add("good in 1.2", required, caller(ShownKeys.of(good), version("TLSv1.2")), TAKEN);
    add("none though required", required, caller(ShownKeys.none()), NO_CERTIFICATE);
    add(
        "none though required, in 1.2",
        required,
        caller(ShownKeys.none(), version("TLSv1.2")),
        NO_CERTIFICATE);
    add("none, not required", optional, caller(ShownKeys.none()), TAKEN);
    add("good, not required", optional, good, TAKEN);
    add("of another root, not required", optional, other.issue(ME), NOT_VALID);
    add("expired", required, ca.issue(leaf -> leaf.notAfter(hours(-1))), NOT_VALID);
    add(
        "not yet valid",
        required,
        ca.issue(leaf -> leaf.notBefore(hours(1)).notAfter(hours(2))),
        NOT_VALID);
    add("another root", required, other.issue(ME), NOT_VALID);
    add("another root of the same name", required, twin.issue(ME), NOT_VALID);
    TestCa itself = TestCa.create(folder, "leaf");
    TestCa.Issued self = itself.issue(leaf -> leaf.keyPair(itself.own().getKeyPair()));
    add("self-signed", required, self, NOT_VALID);
    add(
        "key that the client does not have",
        required,
        caller(ShownKeys.of(key(ca.issue(ME)), certificate(good))),
        NO_HANDSHAKE);
    add(
        "key that the client does not have, in 1.2",
        required,
        caller(ShownKeys.of(key(ca.issue(ME)), certificate(good)), version("TLSv1.2")),
        NO_HANDSHAKE);
  }

  private static Consumer<SSLParameters> version(String version) {
    return edit -> edit.setProtocols(new String[] {version});
  }

  private void ofNames() throws Exception {
    Config me = named("URI", "exact: \"" + ME + "\"");
    add("SAN", me, ca.issue(ME), TAKEN);
    add("another SAN", me, ca.issue("spiffe://shop/ns/shop/sa/other"), OTHER_NAME);
    add("SAN that is longer", me, ca.issue(ME + "2"), OTHER_NAME);
    add("SAN in other case", me, ca.issue(ME.toUpperCase(Locale.ROOT)), OTHER_NAME);
    add("no SAN", me, ca.issue(leaf -> leaf.subject("CN=" + ME)), OTHER_NAME);
    add("one SAN of several", me, ca.issue("a.shop", "spiffe://shop/x", ME), TAKEN);
    Config anyCase = named("URI", "exact: \"" + ME + "\", ignore_case: true");
    add("SAN in other case that is as good", anyCase, ca.issue(ME.replace("me", "ME")), TAKEN);
    Config prefix = named("URI", "prefix: \"spiffe://shop/\"");
    add("prefix", prefix, ca.issue(ME), TAKEN);
    add("prefix, another", prefix, ca.issue("spiffe://shopper/ns/a"), OTHER_NAME);
    Config suffix = named("URI", "suffix: \"/sa/me\"");
    add("suffix", suffix, ca.issue(ME), TAKEN);
    add("suffix, another", suffix, ca.issue(ME + "/x"), OTHER_NAME);
    Config regex = named("URI", "safe_regex: {regex: \"spiffe://shop/ns/[a-z]+/sa/me\"}");
    add("regex", regex, ca.issue(ME), TAKEN);
    add("regex that fits a part", regex, ca.issue(ME + "/x"), OTHER_NAME);
    Config dns = named("DNS", "exact: a.shop");
    add("DNS", dns, ca.issue("a.shop"), TAKEN);
    add("DNS in other case", dns, ca.issue("A.Shop"), TAKEN);
    add("DNS as URI", dns, ca.issue("spiffe://a.shop/"), OTHER_NAME);
    add(
        "DNS by the common name alone",
        dns,
        ca.issue(leaf -> leaf.subject("CN=a.shop")),
        OTHER_NAME);
    add(
        "DNS with a NUL",
        dns,
        ca.issue(leaf -> names(leaf, new GeneralName(GeneralName.dNSName, "a.shop\0.bank"))),
        OTHER_NAME);
    add(
        "SAN as DNS where a URI is wanted",
        me,
        ca.issue(leaf -> names(leaf, new GeneralName(GeneralName.dNSName, ME))),
        OTHER_NAME);
    Config address = named("IP_ADDRESS", "exact: 10.0.0.1");
    add("address", address, ca.issue("10.0.0.1"), TAKEN);
    add("another address", address, ca.issue("10.0.0.2"), OTHER_NAME);
    add(
        "address as DNS",
        address,
        ca.issue(leaf -> names(leaf, new GeneralName(GeneralName.dNSName, "10.0.0.1"))),
        OTHER_NAME);
  }

  private static void names(CertificateBuilder builder, GeneralName... names) {
    try {
      builder.addExtensionOctetString(
          SUBJECT_ALT_NAME, false, new GeneralNames(names).getEncoded());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void ofChains() throws Exception {
    Config required = requiring("");
    TestCa one = ca.intermediate("one", own -> {});
    TestCa two = one.intermediate("two", own -> {});
    TestCa.Issued byOne = one.issue(ME);
    TestCa.Issued byTwo = two.issue(ME);
    add("with its intermediate", required, byOne, TAKEN);
    add("with two intermediates", required, byTwo, TAKEN);
    add(
        "intermediates in another order",
        required,
        caller(
            ShownKeys.of(
                key(byTwo),
                certificate(byTwo),
                one.own().getCertificate(),
                two.own().getCertificate())),
        TAKEN);
    add(
        "beside one that has nothing to do with it",
        required,
        caller(
            ShownKeys.of(
                key(byOne), certificate(byOne), certificate(byTwo), one.own().getCertificate())),
        TAKEN);
    TestCa.Issued alone = one.issue(ME);
    add(
        "without its intermediate",
        required,
        caller(ShownKeys.of(key(alone), certificate(alone))),
        NOT_VALID);
    add(
        "intermediate expired",
        required,
        ca.intermediate("expired", own -> own.notAfter(hours(-1))).issue(ME),
        NOT_VALID);
    add(
        "intermediate not yet valid",
        required,
        ca.intermediate("early", own -> own.notBefore(hours(1)).notAfter(hours(2))).issue(ME),
        NOT_VALID);
    add(
        "intermediate that is no CA",
        required,
        ca.intermediate("noCa", own -> own.setIsCertificateAuthority(false)).issue(ME),
        NOT_VALID);
    add(
        "intermediate that must not sign",
        required,
        ca.intermediate(
                "noSign",
                own -> own.setKeyUsage(true, CertificateBuilder.KeyUsage.digitalSignature))
            .issue(ME),
        NOT_VALID);
    add(
        "issued by a leaf",
        required,
        one.intermediate("leaf", own -> uri(own.setIsCertificateAuthority(false), ME)).issue(ME),
        NOT_VALID);
    TestCa none = ca.intermediate("none", own -> own.setPathLengthConstraint(OptionalInt.of(0)));
    TestCa single =
        ca.intermediate("single", own -> own.setPathLengthConstraint(OptionalInt.of(1)));
    add("path as long as it may be", required, none.issue(ME), TAKEN);
    add(
        "path longer than it may be",
        required,
        none.intermediate("below", own -> {}).issue(ME),
        NOT_VALID);
    TestCa within = single.intermediate("within", own -> {});
    add("path of one more as long as it may be", required, within.issue(ME), TAKEN);
    add(
        "path of one more that is longer",
        required,
        within.intermediate("over", own -> {}).issue(ME),
        NOT_VALID);
    for (int depth = 0; depth <= 3; depth++) {
      Config deep = requiring("max_verify_depth: " + depth);
      add("depth " + depth + ", no intermediate", deep, ca.issue(ME), TAKEN);
      add("depth " + depth + ", one", deep, byOne, depth >= 2 ? TAKEN : NOT_VALID);
      add("depth " + depth + ", two", deep, byTwo, depth >= 3 ? TAKEN : NOT_VALID);
    }
    TestCa shop = ca.intermediate("dns", own -> permitted(own, GeneralName.dNSName, "shop"));
    add("name that its CA may certify", required, shop.issue("a.shop"), TAKEN);
    add("name that its CA may not certify", required, shop.issue("a.bank"), NOT_VALID);
    TestCa domain =
        ca.intermediate(
            "uri", own -> permitted(own, GeneralName.uniformResourceIdentifier, "shop"));
    add("URI that its CA may certify", required, domain.issue(ME), TAKEN);
    add("URI that its CA may not certify", required, domain.issue("spiffe://bank/a"), NOT_VALID);
  }

  private static void permitted(CertificateBuilder builder, int kind, String name) {
    try {
      builder.addExtensionOctetString(
          NAME_CONSTRAINTS,
          true,
          new NameConstraints(
                  new GeneralSubtree[] {new GeneralSubtree(new GeneralName(kind, name))}, null)
              .getEncoded());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Config revoking(String more, Path... lists) throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path each : lists) {
      all.append(Files.readString(each));
    }
    Path file = Files.createTempFile(folder, "crl", ".pem");
    Files.writeString(file, all);
    return requiring("crl: {filename: " + file + "}" + more);
  }

  private void ofRevocation() throws Exception {
    TestCa middle = ca.intermediate("middle", DownstreamTlsTableTest::signs);
    TestCa revoked = ca.intermediate("revoked", DownstreamTlsTableTest::signs);
    TestCa silent = ca.intermediate("silent", own -> {});
    TestCa.Issued bad = ca.issue(ME);
    TestCa.Issued badBelow = middle.issue(ME);
    Path ofCa = ca.crl(hours(1), certificate(bad), revoked.own().getCertificate());
    Path ofMiddle = middle.crl(hours(1), certificate(badBelow));
    Path ofRevoked = revoked.crl(hours(1));
    Config all = revoking("", ofCa, ofMiddle, ofRevoked);
    add("not revoked", all, ca.issue(ME), TAKEN);
    add("revoked", all, bad, NOT_VALID);
    add("not revoked, nor its intermediate", all, middle.issue(ME), TAKEN);
    add("revoked by its intermediate", all, badBelow, NOT_VALID);
    add("intermediate revoked", all, revoked.issue(ME), NOT_VALID);
    Config root = revoking("", ofCa);
    add("no list of its intermediate", root, middle.issue(ME), NOT_VALID);
    Config leaf = revoking(", only_verify_leaf_cert_crl: true", ofMiddle, ofRevoked);
    add("of the leaf alone: not revoked", leaf, middle.issue(ME), TAKEN);
    add("of the leaf alone: revoked", leaf, badBelow, NOT_VALID);
    add(
        "of the leaf alone: intermediate revoked",
        revoking(", only_verify_leaf_cert_crl: true", ofCa, ofRevoked),
        revoked.issue(ME),
        TAKEN);
    add(
        "of the leaf alone: intermediate that does not say that it signs lists",
        revoking(", only_verify_leaf_cert_crl: true", silent.crl(hours(1))),
        silent.issue(ME),
        NOT_VALID);
    TestCa stranger = TestCa.create(folder, "stranger");
    add("list of another CA alone", revoking("", stranger.crl(hours(1))), ca.issue(ME), NOT_VALID);
    Files.createDirectory(folder.resolve("forged"));
    TestCa forger = TestCa.create(folder.resolve("forged"), "ca");
    add("list by another key", revoking("", forger.crl(hours(1))), ca.issue(ME), NOT_VALID);
    add("list past its next update", revoking("", ca.crl(hours(-1))), ca.issue(ME), NOT_VALID);
    add("list that is not in force yet", revoking("", ca.crl(hours(48))), ca.issue(ME), NOT_VALID);
  }

  private static void signs(CertificateBuilder own) {
    own.setKeyUsage(
        true, CertificateBuilder.KeyUsage.keyCertSign, CertificateBuilder.KeyUsage.cRLSign);
  }

  private void ofUses() throws Exception {
    Config required = requiring("");
    add("use: client", required, ca.issue(leaf -> leaf.addExtendedKeyUsageClientAuth()), TAKEN);
    add(
        "use: server alone",
        required,
        ca.issue(leaf -> leaf.addExtendedKeyUsageServerAuth()),
        NOT_VALID);
    add("use: none is said", required, ca.issue(leaf -> {}), TAKEN);
    add(
        "use: mail alone",
        required,
        ca.issue(leaf -> leaf.addExtendedKeyUsageEmailProtection()),
        NOT_VALID);
    add("use: any", required, ca.issue(leaf -> leaf.addExtendedKeyUsage(ANY_USE)), NOT_VALID);
    add(
        "use: an intermediate for servers alone",
        required,
        ca.intermediate("servers", own -> own.addExtendedKeyUsageServerAuth()).issue(ME),
        NOT_VALID);
    add(
        "use: an intermediate for clients",
        required,
        ca.intermediate("clients", own -> own.addExtendedKeyUsageClientAuth()).issue(ME),
        TAKEN);
    add(
        "key usage: signature",
        required,
        ca.issue(leaf -> leaf.setKeyUsage(true, CertificateBuilder.KeyUsage.digitalSignature)),
        TAKEN);
    add(
        "key usage without signature",
        required,
        caller(
            ca.issue(leaf -> leaf.setKeyUsage(true, CertificateBuilder.KeyUsage.keyEncipherment))),
        NO_HANDSHAKE,
        NOT_VALID);
    add(
        "key usage: key agreement alone",
        required,
        caller(ca.issue(leaf -> leaf.setKeyUsage(true, CertificateBuilder.KeyUsage.keyAgreement))),
        NO_HANDSHAKE,
        NOT_VALID);
    add(
        "leaf that is a CA",
        required,
        ca.issue(leaf -> leaf.setIsCertificateAuthority(true)),
        TAKEN);
    add(
        "unknown critical extension",
        required,
        ca.issue(leaf -> leaf.addExtensionOctetString(UNKNOWN, true, new byte[] {5, 0})),
        NOT_VALID);
    add(
        "unknown extension that is not critical",
        required,
        ca.issue(leaf -> leaf.addExtensionOctetString(UNKNOWN, false, new byte[] {5, 0})),
        TAKEN);
  }

  private void ofKeys() throws Exception {
    Config required = requiring("");
    add("RSA 2048", required, ca.issue(leaf -> leaf.keyPair(RSA)), TAKEN);
    add("RSA 1024", required, ca.issue(leaf -> leaf.keyPair(keys("RSA", "", 1024))), TAKEN);
    add("P-384", required, ca.issue(leaf -> leaf.keyPair(keys("EC", "secp384r1", 0))), TAKEN);
    add(
        "P-521",
        required,
        caller(ca.issue(leaf -> leaf.keyPair(keys("EC", "secp521r1", 0)))),
        NO_HANDSHAKE,
        TAKEN);
    add(
        "Ed25519",
        required,
        caller(ca.issue(leaf -> leaf.keyPair(keys("Ed25519", "", 0)))),
        NO_CERTIFICATE,
        TAKEN);
    KeyPair own = keys("EC", "secp256r1", 0);
    add(
        "signed with SHA-1",
        required,
        caller(ShownKeys.of(own.getPrivate(), signed("SHA1withECDSA", own))),
        TAKEN);
    add(
        "signed with SHA-512",
        required,
        caller(ShownKeys.of(own.getPrivate(), signed("SHA512withECDSA", own))),
        TAKEN);
  }

  /** By the CA; the builder of the others knows no old algorithm. */
  private X509Certificate signed(String algorithm, KeyPair own) throws Exception {
    return new JcaX509CertificateConverter()
        .getCertificate(
            new JcaX509v3CertificateBuilder(
                    ca.own().getCertificate(),
                    BigInteger.TWO,
                    Date.from(hours(-1)),
                    Date.from(hours(1)),
                    new X500Principal("CN=leaf"),
                    own.getPublic())
                .build(
                    new JcaContentSignerBuilder(algorithm)
                        .build(ca.own().getKeyPair().getPrivate())));
  }

  private static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(Peer.sha256(bytes));
  }

  private static String ofKey(TestCa.Issued issued) {
    return Base64.getEncoder()
        .encodeToString(Peer.sha256(certificate(issued).getPublicKey().getEncoded()));
  }

  private void ofHashes() throws Exception {
    TestCa.Issued pinned = ca.issue(ME);
    TestCa.Issued other = ca.issue(ME);
    String hash = sha256(certificate(pinned).getEncoded());
    Config one = requiring("verify_certificate_hash: [\"" + hash + "\"]");
    add("hash", one, pinned, TAKEN);
    add("another hash", one, other, OTHER_HASH);
    Config colons =
        requiring(
            "verify_certificate_hash: [\"%s\"]"
                .formatted(hash.toUpperCase(Locale.ROOT).replaceAll("(..)(?=.)", "$1:")));
    add("hash with colons", colons, pinned, TAKEN);
    add("another hash with colons", colons, other, OTHER_HASH);
    Config key = requiring("verify_certificate_spki: [\"" + ofKey(pinned) + "\"]");
    add("hash of the key", key, pinned, TAKEN);
    add("hash of another key", key, other, OTHER_HASH);
    add(
        "hash of the key in another certificate",
        key,
        ca.issue(leaf -> leaf.keyPair(pinned.bundle().getKeyPair())),
        TAKEN);
    Config either =
        requiring(
            "verify_certificate_hash: [\"%s\"], verify_certificate_spki: [\"%s\"]"
                .formatted(hash, ofKey(other)));
    add("either hash, of the certificate", either, pinned, TAKEN);
    add("either hash, of the key", either, other, TAKEN);
    TestCa.Issued stranger = TestCa.create(folder, "unknown").issue(ME);
    add(
        "hash of a certificate of another root",
        requiring(
            "verify_certificate_hash: [\"%s\"]"
                .formatted(sha256(certificate(stranger).getEncoded()))),
        stranger,
        NOT_VALID);
    TestCa.Issued late = ca.issue(leaf -> leaf.notAfter(hours(-1)));
    add(
        "hash of one that has expired",
        requiring(
            "verify_certificate_hash: [\"%s\"]".formatted(sha256(certificate(late).getEncoded()))),
        late,
        NOT_VALID);
  }

  private void ofTheTrustedCa() throws Exception {
    TestCa middle = ca.intermediate("anchor", own -> {});
    Config partial = trusting(middle.certificate(), "");
    TestCa.Issued below = middle.issue(ME);
    add("trusted: the intermediate alone", partial, below, TAKEN);
    add("trusted: the intermediate alone, not its root", partial, ca.issue(ME), NOT_VALID);
    TestCa second = TestCa.create(folder, "second");
    Path both =
        Files.writeString(
            folder.resolve("both.pem"),
            Files.readString(ca.certificate()) + Files.readString(second.certificate()));
    add("trusted: the second of two", trusting(both, ""), second.issue(ME), TAKEN);
    TestCa past = TestCa.create(folder, "past", own -> own.notAfter(hours(-1)));
    add(
        "trusted: one that has expired",
        trusting(past.certificate(), ""),
        past.issue(ME),
        NOT_VALID);
    TestCa.Issued self = ca.issue(ME);
    Path itself =
        Files.writeString(folder.resolve("itself.pem"), self.bundle().getCertificatePEM());
    add("trusted: the certificate itself", trusting(itself, ""), self, TAKEN);
    TestCa.Issued old = ca.issue(leaf -> leaf.notAfter(hours(-1)));
    Path expired = Files.writeString(folder.resolve("old.pem"), old.bundle().getCertificatePEM());
    add("trusted: the certificate itself, expired", trusting(expired, ""), old, NOT_VALID);
    TestCa noCa = ca.intermediate("noCaAnchor", own -> own.setIsCertificateAuthority(false));
    add("trusted: one that is no CA", trusting(noCa.certificate(), ""), noCa.issue(ME), NOT_VALID);
    TestCa server = TestCa.create(folder, "serverRoot", own -> own.addExtendedKeyUsageServerAuth());
    add(
        "trusted: one for servers alone",
        trusting(server.certificate(), ""),
        server.issue(ME),
        TAKEN);
  }

  private void ofTheHandshake() throws Exception {
    Config plain = new Config("", "", "");
    ShownKeys none = ShownKeys.none();
    add("TLS 1.1", plain, raw(hello("TLSv1.1"), false), NO_HANDSHAKE);
    add("TLS 1.2", plain, caller(none, version("TLSv1.2")), TAKEN);
    add("TLS 1.3", plain, caller(none, version("TLSv1.3")), TAKEN);
    Config modern = parameters("tls_minimum_protocol_version: TLSv1_3");
    add("1.2 alone, 1.3 at least", modern, caller(none, version("TLSv1.2")), NO_HANDSHAKE);
    add("1.3, 1.3 at least", modern, caller(none), TAKEN);
    Config old = parameters("tls_maximum_protocol_version: TLSv1_2");
    add("1.3 alone, 1.2 at most", old, caller(none, version("TLSv1.3")), NO_HANDSHAKE);
    add("both, 1.2 at most", old, caller(none), TAKEN);
    Config cipher = parameters("cipher_suites: [ECDHE-ECDSA-AES256-GCM-SHA384]");
    add(
        "cipher in common",
        cipher,
        caller(none, ciphers("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")),
        TAKEN);
    add(
        "no cipher in common",
        cipher,
        caller(none, ciphers("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")),
        NO_HANDSHAKE);
    add(
        "cipher that is out of use",
        plain,
        caller(none, ciphers("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA")),
        NO_HANDSHAKE);
    Config rsa = new Config("", "", "", true);
    add("RSA", rsa, caller(none), TAKEN);
    add(
        "RSA, cipher in common",
        rsa,
        caller(none, ciphers("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")),
        TAKEN);
    add(
        "RSA, cipher that is out of use",
        rsa,
        caller(none, ciphers("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA")),
        NO_HANDSHAKE);
    add(
        "RSA, cipher without forward secrecy",
        rsa,
        raw(hello("TLSv1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256"), false),
        NO_HANDSHAKE);
    Config curve = parameters("ecdh_curves: [X25519]");
    add("curve in common", curve, caller(none, curves("x25519")), TAKEN);
    add("no curve in common", curve, caller(none, curves("secp256r1")), NO_HANDSHAKE);
    add(
        "no curve in common, in 1.2",
        curve,
        caller(
            none,
            edit -> {
              version("TLSv1.2").accept(edit);
              curves("secp256r1").accept(edit);
            }),
        NO_HANDSHAKE);
    Config alpn = new Config("", "alpn_protocols: [h2]", "");
    add("ALPN with no protocol in common", alpn, caller(none, protocols("http/1.1")), TAKEN);
    add("without ALPN", alpn, caller(none), TAKEN);
    Config name = new Config("filter_chain_match: {server_names: [a.shop]}\n      ", "", "");
    add("SNI of a chain", name, caller(none, server("a.shop")), TAKEN);
    add("SNI that no chain has", name, caller(none, server("b.shop")), NO_CHAIN);
    add("no SNI", name, caller(none), NO_CHAIN);
    add(
        "plain text",
        plain,
        raw("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII), false),
        NO_HANDSHAKE);
    byte[] hello = hello("TLSv1.2");
    add(
        "ClientHello that is cut",
        plain,
        raw(Arrays.copyOf(hello, hello.length / 2), true),
        NO_HANDSHAKE);
  }

  private static Consumer<SSLParameters> ciphers(String... suites) {
    return edit -> {
      edit.setProtocols(new String[] {"TLSv1.2"});
      edit.setCipherSuites(suites);
    };
  }

  private static Consumer<SSLParameters> curves(String... groups) {
    return edit -> edit.setNamedGroups(groups);
  }

  private static Consumer<SSLParameters> protocols(String... protocols) {
    return edit -> edit.setApplicationProtocols(protocols);
  }

  private static Consumer<SSLParameters> server(String name) {
    return edit -> edit.setServerNames(List.of(new SNIHostName(name)));
  }

  Stream<Case> cases() {
    return cases.stream();
  }

  private String listener(Case each) {
    return "in" + configs.indexOf(each.config);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void clientIsTakenOrRefused(Case each) throws IOException {
    Map<TlsDecision, Long> before = counts(each);

    boolean taken = each.caller.call(sidecar.port(listener(each)));

    Await.until(
        () -> risen(each, before).equals(Set.of(each.expected())),
        () -> each.name + ": " + risen(each, before));
    assertEquals(each.expected() == TAKEN, taken, each.name);
  }

  private Map<TlsDecision, Long> counts(Case each) {
    return TlsDecision.counts(sidecar, "listener." + listener(each));
  }

  private Set<TlsDecision> risen(Case each, Map<TlsDecision, Long> before) {
    Set<TlsDecision> risen = new TreeSet<>();
    counts(each)
        .forEach((decision, count) -> {
          if (count > before.getOrDefault(decision, 0L)) {
            risen.add(decision);
          }
        });
    if (risen.stream().anyMatch(TlsDecision::ofCertificate)) {
      risen.remove(NO_HANDSHAKE); // counted beside
    }
    return risen;
  }

  @Test
  @Tag("envoy")
  void envoyDecidesTheSameOrWeAreStricter() throws Exception {
    Map<String, String> others = new TreeMap<>();
    try (EnvoyProcess envoy = EnvoyProcess.start(yaml(), folder)) {
      for (Case each : cases) {
        boolean taken = each.caller.call(envoy.port(listener(each)));
        if (taken != (each.decision == TAKEN)) {
          others.put(each.name, taken ? TAKES : REFUSES);
        }
      }
    }
    Map<String, String> expected = new TreeMap<>();
    STRICTER.forEach(name -> expected.put(name, TAKES));
    assertEquals(expected, others);
  }
}
