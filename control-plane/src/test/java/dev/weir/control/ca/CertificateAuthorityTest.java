package dev.weir.control.ca;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.model.SpiffeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the CA certifies, and what it signs with. */
@Tag("slow")
class CertificateAuthorityTest {
  private static final Instant NOW = Instant.parse("2030-01-01T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final SpiffeId CART = new SpiffeId("mesh.test", "shop", "cart");

  @TempDir Path folder;
  private final List<String> told = new ArrayList<>();
  private final AtomicLong nanos = new AtomicLong();

  private CertificateAuthority authority(Path ca) throws IOException {
    return new CertificateAuthority(
        ca, "mesh.test", CLOCK, nanos::get, new SecureRandom(), told::add);
  }

  private static X509Certificate first(String pem) {
    try {
      return Pem.certificates(pem).getFirst();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> names(X509Certificate certificate) throws Exception {
    return certificate.getSubjectAlternativeNames().stream()
        .map(name -> name.get(0) + " " + name.get(1))
        .toList();
  }

  private static void assertLeadsTo(List<X509Certificate> roots, List<X509Certificate> chain)
      throws Exception {
    PKIXParameters parameters =
        new PKIXParameters(
            roots.stream().map(root -> new TrustAnchor(root, null)).collect(Collectors.toSet()));
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(NOW));
    CertPathValidator.getInstance("PKIX")
        .validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), parameters);
  }

  @Test
  void rootIsMadeOnceForItsOwnerAloneAndKept() throws Exception {
    Path ca = folder.resolve("ca");
    CertificateAuthority first = authority(ca);
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(ca)));
    for (String file : List.of("ca-cert.pem", "ca-key.pem", "root-cert.pem")) {
      assertEquals(
          "rw-------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(ca.resolve(file))));
    }
    assertEquals(
        List.of("CA: made a root of its own in " + ca + "; keep it, or bring another"), told);
    assertEquals(first.roots(), authority(ca).roots());
    assertEquals(1, told.size());
  }

  @Test
  void certificateIsForTheCallerWhateverTheRequestAsksFor() throws Exception {
    CertificateAuthority authority = authority(folder.resolve("ca"));
    KeyPair key = Csr.key();
    CertificateAuthority.Issued issued =
        authority.issue(
            Csr.of(key, "spiffe://mesh.test/ns/shop/sa/admin", "spiffe://other/x"),
            CART,
            Duration.ofHours(1));
    X509Certificate certificate = first(issued.certificate());
    assertEquals(List.of("6 spiffe://mesh.test/ns/shop/sa/cart"), names(certificate));
    assertEquals(key.getPublic(), certificate.getPublicKey());
    assertEquals("", certificate.getSubjectX500Principal().getName());
    assertTrue(certificate.getCriticalExtensionOIDs().contains("2.5.29.17"));
    assertEquals(-1, certificate.getBasicConstraints());
    assertEquals(
        List.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"), certificate.getExtendedKeyUsage());
    assertEquals(NOW.plus(Duration.ofHours(1)), certificate.getNotAfter().toInstant());
    assertLeadsTo(authority.roots(), List.of(certificate));
    assertEquals(2, issued.chain().size());
  }

  @Test
  void lifetimeIsADayAtMost() throws Exception {
    CertificateAuthority authority = authority(folder.resolve("ca"));
    for (Duration asked : List.of(Duration.ZERO, Duration.ofDays(3), Duration.ofHours(24))) {
      X509Certificate certificate =
          first(authority.issue(Csr.of(Csr.key()), CART, asked).certificate());
      assertEquals(NOW.plus(Duration.ofHours(24)), certificate.getNotAfter().toInstant());
    }
    assertEquals(
        "validity_duration must not be negative",
        refusal(authority, Csr.of(Csr.key()), Duration.ofSeconds(-1)));
  }

  @Test
  void sameRequestAgainIsAnotherCertificateForTheSameKey() throws Exception {
    CertificateAuthority authority = authority(folder.resolve("ca"));
    String csr = Csr.of(Csr.key());
    X509Certificate one = first(authority.issue(csr, CART, Duration.ZERO).certificate());
    X509Certificate other = first(authority.issue(csr, CART, Duration.ZERO).certificate());
    assertEquals(one.getPublicKey(), other.getPublicKey());
    assertNotEquals(one.getSerialNumber(), other.getSerialNumber());
  }

  private static String refusal(CertificateAuthority authority, String csr, Duration lifetime) {
    return java.util.Objects.requireNonNull(
        assertThrows(Refused.class, () -> authority.issue(csr, CART, lifetime)).getMessage());
  }

  @Test
  void whoDoesNotHoldTheKeyGetsNothing() throws Exception {
    CertificateAuthority authority = authority(folder.resolve("ca"));
    assertEquals(
        "csr is not signed by its own key",
        refusal(authority, Csr.of(Csr.key(), Csr.key()), Duration.ZERO));
    assertTrue(
        authority.page().toString().contains("refused={request=1, rate=0, issuer=0}"),
        authority.page().toString());
  }

  @Test
  void weakAndStrangeKeysAreRefused() throws Exception {
    CertificateAuthority authority = authority(folder.resolve("ca"));
    assertEquals(
        "csr has a key of RSA with 1024 bits; it must have 2048 to 8192",
        refusal(authority, Csr.of(Csr.of("RSA", 1024)), Duration.ZERO));
    assertEquals(
        "csr has a key of 521 bits on a curve; it must be P-256 or P-384",
        refusal(authority, Csr.of(Csr.curve("secp521r1")), Duration.ZERO));
    assertEquals(
        "csr has a key of EdDSA; it must be EC or RSA",
        refusal(authority, Csr.of(Csr.of("Ed25519", 255)), Duration.ZERO));
    for (String none : List.of("", "no PEM", Pem.of(authority.roots()))) {
      assertTrue(
          refusal(authority, none, Duration.ZERO).startsWith("csr must be a PKCS #10 request"));
    }
    assertEquals(
        "csr is longer than 16384 characters",
        refusal(authority, "x".repeat(20_000), Duration.ZERO));
  }

  @Test
  void keysOfRsaAndOfTheLargerCurveAreTaken() throws Exception {
    CertificateAuthority authority = authority(folder.resolve("ca"));
    for (KeyPair key : List.of(Csr.of("RSA", 2048), Csr.curve("secp384r1"))) {
      assertEquals(
          key.getPublic(),
          first(authority.issue(Csr.of(key), CART, Duration.ZERO).certificate()).getPublicKey());
    }
  }

  @Test
  void oneIdentityAsksSoOftenAndNoOtherWaitsForThat() throws Exception {
    CertificateAuthority authority = authority(folder.resolve("ca"));
    String csr = Csr.of(Csr.key());
    int issued = 0;
    try {
      while (true) {
        authority.issue(csr, CART, Duration.ZERO);
        issued++;
      }
    } catch (Refused e) {
      assertEquals(Refused.Reason.RATE, e.reason());
    }
    assertEquals(1000, issued);
    authority.issue(csr, new SpiffeId("mesh.test", "shop", "other"), Duration.ZERO);
    nanos.addAndGet(Duration.ofMillis(100).toNanos());
    authority.issue(csr, CART, Duration.ZERO);
    assertEquals(
        CART + " asks for certificates too often; try again later",
        refusal(authority, csr, Duration.ZERO));
  }

  private record Root(KeyPair key, X509Certificate certificate) {}

  private static Root root(String name) throws Exception {
    KeyPair key = Csr.key();
    return new Root(key, certificate(name, key, name, key, true));
  }

  private static X509Certificate certificate(
      String name, KeyPair key, String by, KeyPair signing, boolean ca) throws Exception {
    return new JcaX509CertificateConverter()
        .getCertificate(
            new JcaX509v3CertificateBuilder(
                    new X500Name("CN=" + by),
                    java.math.BigInteger.valueOf(key.hashCode() & Integer.MAX_VALUE),
                    Date.from(NOW.minus(Duration.ofDays(1))),
                    Date.from(NOW.plus(Duration.ofDays(100))),
                    new X500Name("CN=" + name),
                    key.getPublic())
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(ca))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(signing.getPrivate())));
  }

  private static void write(
      Path ca, KeyPair key, List<X509Certificate> chain, X509Certificate... roots)
      throws IOException {
    Files.createDirectories(ca);
    Files.writeString(ca.resolve("ca-key.pem"), Pem.of(key.getPrivate()));
    Files.setPosixFilePermissions(
        ca.resolve("ca-key.pem"), PosixFilePermissions.fromString("rw-------"));
    Files.writeString(ca.resolve("ca-cert.pem"), Pem.of(chain.subList(0, 1)));
    Files.writeString(ca.resolve("cert-chain.pem"), Pem.of(chain));
    Files.writeString(ca.resolve("root-cert.pem"), Pem.of(List.of(roots)));
  }

  /** As Istio's {@code cacerts}: the chain names the issuing certificate too, and the root. */
  @Test
  void intermediateOfTheCompanysOwnIsShownWithItsCertificates() throws Exception {
    Root root = root("company");
    KeyPair key = Csr.key();
    X509Certificate intermediate = certificate("mesh", key, "company", root.key, true);
    Path ca = folder.resolve("ca");
    write(ca, key, List.of(intermediate, root.certificate), root.certificate);
    CertificateAuthority.Issued issued =
        authority(ca).issue(Csr.of(Csr.key()), CART, Duration.ZERO);
    assertEquals(
        List.of(Pem.of(List.of(intermediate)), Pem.of(List.of(root.certificate))),
        issued.chain().subList(1, 3));
    assertLeadsTo(List.of(root.certificate), List.of(first(issued.certificate()), intermediate));
    assertEquals(List.of(), told);
  }

  @Test
  void rootsOverlapWhileOneTakesThePlaceOfAnother() throws Exception {
    Root old = root("old");
    Root next = root("next");
    Path ca = folder.resolve("ca");
    write(ca, old.key, List.of(old.certificate), old.certificate);
    CertificateAuthority authority = authority(ca);

    write(ca, old.key, List.of(old.certificate), old.certificate, next.certificate);
    assertTrue(authority.reread());
    CertificateAuthority.Issued issued = authority.issue(Csr.of(Csr.key()), CART, Duration.ZERO);
    assertEquals(Pem.of(List.of(old.certificate, next.certificate)), issued.roots());
    assertLeadsTo(List.of(old.certificate), List.of(first(issued.certificate())));

    write(ca, next.key, List.of(next.certificate), old.certificate, next.certificate);
    assertTrue(authority.reread());
    issued = authority.issue(Csr.of(Csr.key()), CART, Duration.ZERO);
    assertLeadsTo(List.of(next.certificate), List.of(first(issued.certificate())));

    write(ca, next.key, List.of(next.certificate), next.certificate);
    assertTrue(authority.reread());
    assertFalse(authority.reread());
    assertEquals(List.of(next.certificate), authority.roots());
    assertEquals(
        List.of(
            "CA: 2 roots are in force",
            "CA: 2 roots are in force, and another certificate signs",
            "CA: 1 root is in force"),
        told);
  }

  @Test
  void whatIsWrongInTheFolderIsToldOnceAndWhatWasGoesOn() throws Exception {
    Root old = root("old");
    Root next = root("next");
    Path ca = folder.resolve("ca");
    write(ca, old.key, List.of(old.certificate), old.certificate);
    CertificateAuthority authority = authority(ca);

    write(ca, next.key, List.of(old.certificate), old.certificate);
    assertFalse(authority.reread());
    assertFalse(authority.reread());
    write(ca, next.key, List.of(next.certificate), old.certificate);
    assertFalse(authority.reread());
    Files.writeString(ca.resolve("root-cert.pem"), "");
    assertFalse(authority.reread());
    assertLeadsTo(
        List.of(old.certificate),
        List.of(first(authority.issue(Csr.of(Csr.key()), CART, Duration.ZERO).certificate())));
    assertEquals(3, told.size(), told.toString());
    assertEquals(
        "CA: " + ca + ": ca-key.pem is not the key of ca-cert.pem; what was before goes on",
        told.get(0));
    assertTrue(
        told.get(1).contains("ca-cert.pem does not lead to a certificate of root-cert.pem"),
        told.get(1));
    assertTrue(told.get(2).contains("root-cert.pem has no certificate in PEM"), told.get(2));
  }

  @Test
  void whatIsNoCasCertificateDoesNotStart() throws Exception {
    Root root = root("company");
    KeyPair key = Csr.key();
    Path ca = folder.resolve("ca");
    write(ca, key, List.of(certificate("leaf", key, "company", root.key, false)), root.certificate);
    assertEquals(
        ca + ": ca-cert.pem is no CA's: its basic constraints do not say CA:TRUE",
        assertThrows(IOException.class, () -> authority(ca)).getMessage());
  }

  /** As it is when a program ends after the first, or the second, of the files is at its place. */
  @ParameterizedTest
  @ValueSource(strings = {"ca-cert.pem root-cert.pem", "ca-cert.pem"})
  void rootThatWasBeingMadeIsFinishedByTheNextStart(String left) throws Exception {
    Path ca = folder.resolve("ca");
    List<X509Certificate> roots = authority(ca).roots();
    for (String name : left.split(" ")) {
      Files.move(ca.resolve(name), ca.resolve(name + ".new"));
    }
    told.clear();

    assertEquals(roots, authority(ca).roots());
    assertEquals(
        List.of("CA: made a root of its own in " + ca + "; keep it, or bring another"), told);
    try (Stream<Path> files = Files.list(ca)) {
      assertEquals(
          List.of("ca-cert.pem", "ca-key.pem", "root-cert.pem"),
          files.map(file -> String.valueOf(file.getFileName())).sorted().toList());
    }
  }

  @Test
  void rootThatWasBeingMadeAndHasNoFileAtItsPlaceIsMadeAnew() throws Exception {
    Path ca = folder.resolve("ca");
    List<X509Certificate> roots = authority(ca).roots();
    for (String name : List.of("ca-cert.pem", "root-cert.pem")) {
      Files.move(ca.resolve(name), ca.resolve(name + ".new"));
    }
    Files.delete(ca.resolve("ca-key.pem"));

    assertNotEquals(roots, authority(ca).roots());
  }

  /** Also where what was left beside it is of another key. */
  @ParameterizedTest
  @ValueSource(strings = {"ca-cert.pem", "ca-key.pem"})
  void whatIsThereWithoutTheOtherIsSaidWithWhatToDo(String missing) throws Exception {
    Path ca = folder.resolve("ca");
    authority(ca);
    Path other = folder.resolve("other");
    authority(other);
    Files.delete(ca.resolve(missing));
    Files.move(other.resolve("ca-cert.pem"), ca.resolve("ca-cert.pem.new"));

    assertEquals(
        "%s has %s and no %s: bring that, or take the first away to have a new root made"
            .formatted(ca, missing.equals("ca-key.pem") ? "ca-cert.pem" : "ca-key.pem", missing),
        assertThrows(IOException.class, () -> authority(ca)).getMessage());
  }

  @Test
  void keyThatOthersCanReadIsSaid() throws Exception {
    Path ca = folder.resolve("ca");
    authority(ca);
    told.clear();
    Files.setPosixFilePermissions(
        ca.resolve("ca-key.pem"), PosixFilePermissions.fromString("rw-r--r--"));
    authority(ca);
    assertEquals(
        List.of("CA: others can read " + ca.resolve("ca-key.pem") + ": chmod 600 ca-key.pem"),
        told);
  }

  @Test
  void keyIsNowhereInWhatIsShown() throws Exception {
    Path ca = folder.resolve("ca");
    CertificateAuthority authority = authority(ca);
    String key =
        Files.readString(ca.resolve("ca-key.pem")).lines().skip(1).findFirst().orElseThrow();
    CertificateAuthority.Own own = authority.own(CART, List.of("localhost"));
    assertEquals(Set.of("6 " + CART, "2 localhost"), Set.copyOf(names(own.chain().getFirst())));
    assertFalse((authority.page() + own.toString() + told).contains(key));
  }
}
