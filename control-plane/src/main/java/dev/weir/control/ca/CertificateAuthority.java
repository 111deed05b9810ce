package dev.weir.control.ca;

import dev.weir.control.ca.CaFolder.Content;
import dev.weir.control.ca.Refused.Reason;
import dev.weir.control.model.Addresses;
import dev.weir.control.model.SpiffeId;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Certifies keys for the identity that their holder has proved, whatever else a request asks for.
 * What it signs with is the folder's, as it was when it was last right. Any thread, but for {@link
 * #reread}, which is for one at a time.
 */
public final class CertificateAuthority {
  /** RFC 5280 has room for 160. */
  static final int SERIAL_BITS = 159;

  /** The longest that a certificate lasts, and as long as one does whose lifetime is not said. */
  public static final Duration LONGEST = Duration.ofHours(24);

  /** Clocks of others may be that much behind. */
  private static final Duration SKEW = Duration.ofMinutes(2);

  /** An identity is a service: after a restart of all, its instances ask at once. */
  private static final int BURST = 1000;

  private static final Duration REFILL = Duration.ofMillis(100);
  private static final Duration WARN = Duration.ofDays(30);

  private final CaFolder folder;
  private final String trustDomain;
  private final Clock clock;
  private final LongSupplier nanos;
  private final SecureRandom random;
  private final Consumer<String> told;
  private final Rates rates = new Rates(BURST, REFILL);
  private final AtomicLong issued = new AtomicLong();
  private final Map<Reason, AtomicLong> refused = new EnumMap<>(Reason.class);
  private Content content;
  private String lastProblem = "";
  private volatile Issuer issuer;
  private volatile Instant rootsSince;
  private volatile Instant warned = Instant.EPOCH;

  /**
   * Reads the folder; where there is none, or an empty one, makes it with a root of its own.
   *
   * @param nanos a clock that nobody sets
   * @param told is told what people should know, a line each
   */
  public CertificateAuthority(
      Path folder,
      String trustDomain,
      Clock clock,
      LongSupplier nanos,
      SecureRandom random,
      Consumer<String> told)
      throws IOException {
    this.folder = new CaFolder(folder);
    this.trustDomain = trustDomain;
    this.clock = clock;
    this.nanos = nanos;
    this.random = random;
    this.told = told;
    for (Reason reason : Reason.values()) {
      refused.put(reason, new AtomicLong());
    }
    Instant now = clock.instant();
    if (this.folder.makeIfEmpty(trustDomain, now, random)) {
      told.accept("CA: made a root of its own in " + folder + "; keep it, or bring another");
    }
    this.content = this.folder.content();
    this.issuer = this.folder.issuer(content, now);
    this.rootsSince = now;
    if (this.folder.isOpenToOthers()) {
      told.accept(
          "CA: others can read " + folder.resolve(CaFolder.KEY) + ": chmod 600 " + CaFolder.KEY);
    }
    warn(now);
  }

  /** Makes a root in a folder that is empty, or not there; of one with a CA nothing changes. */
  public static void make(Path folder, String trustDomain, Clock clock, SecureRandom random)
      throws IOException {
    boolean made = new CaFolder(folder).makeIfEmpty(trustDomain, clock.instant(), random);
    assert made || Files.isDirectory(folder);
  }

  public String trustDomain() {
    return trustDomain;
  }

  /** What the mesh trusts now. */
  public List<X509Certificate> roots() {
    return issuer.roots();
  }

  /** The same in PEM. */
  public String rootsInPem() {
    return Pem.of(roots());
  }

  /** A certificate, what certifies it, and the roots, in PEM: as Istio's API has them. */
  public record Issued(String certificate, String intermediates, String roots) {
    /** In the order of {@code cert_chain}. */
    public List<String> chain() {
      return intermediates.isEmpty()
          ? List.of(certificate, roots)
          : List.of(certificate, intermediates, roots);
    }
  }

  /**
   * Certifies the key of a request.
   *
   * @param csr PKCS #10 in PEM; its names count for nothing
   * @param lifetime zero: {@link #LONGEST}, which it is at most
   */
  public Issued issue(String csr, SpiffeId who, Duration lifetime) throws Refused {
    try {
      if (!rates.take(who, nanos.getAsLong())) {
        throw new Refused(Reason.RATE, who + " asks for certificates too often; try again later");
      }
      if (lifetime.isNegative()) {
        throw new Refused(Reason.REQUEST, "validity_duration must not be negative");
      }
      PublicKey key = SigningRequest.key(csr);
      Issuer now = issuer;
      X509Certificate certificate =
          sign(now, key, new GeneralName[] {uri(who)}, lifetime.isZero() ? LONGEST : lifetime);
      issued.incrementAndGet();
      return new Issued(
          Pem.of(List.of(certificate)), Pem.of(now.intermediates()), Pem.of(now.roots()));
    } catch (Refused e) {
      java.util.Objects.requireNonNull(refused.get(e.reason())).incrementAndGet();
      throw e;
    }
  }

  /** What is shown with a key of the control plane's own. */
  public record Own(KeyPair pair, List<X509Certificate> chain) {
    /** Without the key. */
    @Override
    public String toString() {
      return "Own[" + chain.size() + " certificates]";
    }
  }

  /** A certificate with a new key, for a server of this process. */
  public Own own(SpiffeId who, List<String> hosts) throws Refused {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      KeyPair pair = generator.generateKeyPair();
      List<GeneralName> names = new ArrayList<>(List.of(uri(who)));
      hosts.forEach(host ->
          names.add(
              new GeneralName(
                  Addresses.isIpv4(host) ? GeneralName.iPAddress : GeneralName.dNSName, host)));
      Issuer now = issuer;
      List<X509Certificate> chain = new ArrayList<>();
      chain.add(sign(now, pair.getPublic(), names.toArray(GeneralName[]::new), LONGEST));
      chain.addAll(now.intermediates());
      return new Own(pair, chain);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("each JDK has P-256", e);
    }
  }

  private static GeneralName uri(SpiffeId who) {
    return new GeneralName(GeneralName.uniformResourceIdentifier, who.toString());
  }

  private X509Certificate sign(Issuer by, PublicKey key, GeneralName[] names, Duration lifetime)
      throws Refused {
    Instant now = clock.instant();
    Instant issuerEnds = by.certificate().getNotAfter().toInstant();
    if (!issuerEnds.isAfter(now)) {
      throw new Refused(Reason.ISSUER, "the CA's own certificate ended at " + issuerEnds);
    }
    Duration length = lifetime.compareTo(LONGEST) > 0 ? LONGEST : lifetime;
    Instant ends = now.plus(length).isAfter(issuerEnds) ? issuerEnds : now.plus(length);
    int usage = KeyUsage.digitalSignature;
    if (key.getAlgorithm().equals("RSA")) {
      usage |= KeyUsage.keyEncipherment;
    }
    try {
      JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              X500Name.getInstance(by.certificate().getSubjectX500Principal().getEncoded()),
              new BigInteger(SERIAL_BITS, random).add(BigInteger.ONE),
              Date.from(now.minus(SKEW)),
              Date.from(ends),
              new X500Name(new org.bouncycastle.asn1.x500.RDN[0]),
              key);
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
          .addExtension(Extension.keyUsage, true, new KeyUsage(usage))
          .addExtension(
              Extension.extendedKeyUsage,
              false,
              new ExtendedKeyUsage(
                  new KeyPurposeId[] {
                    KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                  }))
          .addExtension(
              Extension.authorityKeyIdentifier,
              false,
              extensions.createAuthorityKeyIdentifier(by.certificate().getPublicKey()))
          // Critical where there is no subject: RFC 5280, 4.2.1.6.
          .addExtension(Extension.subjectAlternativeName, true, new GeneralNames(names));
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder(by.algorithm()).build(by.key())));
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new Refused(Reason.ISSUER, "the CA cannot sign: " + e.getMessage());
    }
  }

  /**
   * Looks at the folder; what is wrong in it is told once, and what was right goes on.
   *
   * @return whether it signs with something else now
   */
  public boolean reread() {
    Instant now = clock.instant();
    warn(now);
    try {
      Content next = folder.content();
      if (next.equals(content)) {
        lastProblem = "";
        return false;
      }
      Issuer read = folder.issuer(next, now);
      boolean otherRoots = !read.roots().equals(issuer.roots());
      if (otherRoots) {
        rootsSince = now;
      }
      boolean otherSigner = !read.certificate().equals(issuer.certificate());
      content = next;
      issuer = read;
      lastProblem = "";
      told.accept(
          "CA: %s root%s in force%s"
              .formatted(
                  read.roots().size(),
                  read.roots().size() == 1 ? " is" : "s are",
                  otherSigner ? ", and another certificate signs" : ""));
      return true;
    } catch (IOException e) {
      String problem = String.valueOf(e.getMessage());
      if (!problem.equals(lastProblem)) {
        lastProblem = problem;
        told.accept("CA: " + problem + "; what was before goes on");
      }
      return false;
    }
  }

  private void warn(Instant now) {
    if (now.isBefore(warned.plus(Duration.ofDays(1)))) {
      return;
    }
    Instant ends = issuer.certificate().getNotAfter().toInstant();
    if (ends.isBefore(now.plus(WARN))) {
      warned = now;
      told.accept("CA: the certificate that signs ends at " + ends + "; bring another before");
    }
  }

  /** What there is to know, for JSON. */
  public Map<String, Object> page() {
    Issuer now = issuer;
    Map<String, Object> page = new LinkedHashMap<>();
    page.put("trustDomain", trustDomain);
    page.put("signs", fields(now.certificate()));
    page.put("roots", now.roots().stream().map(CertificateAuthority::fields).toList());
    page.put("rootsSince", rootsSince.toString());
    // Who has a certificate asked for it at half of its time, and was told the roots with it.
    page.put("everyoneHasTheRootsAt", rootsSince.plus(LONGEST).toString());
    page.put("issued", issued.get());
    page.put("refused", refused());
    return page;
  }

  /** How many certificates it issued. */
  public long issued() {
    return issued.get();
  }

  /** How many it did not issue, by reason. */
  public Map<String, Long> refused() {
    Map<String, Long> reasons = new LinkedHashMap<>();
    refused.forEach(
        (reason, count) -> reasons.put(reason.name().toLowerCase(Locale.ROOT), count.get()));
    return reasons;
  }

  /** When what it signs with ends. */
  public Instant until() {
    return issuer.certificate().getNotAfter().toInstant();
  }

  private static Map<String, Object> fields(X509Certificate certificate) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("subject", certificate.getSubjectX500Principal().getName());
    fields.put("serial", certificate.getSerialNumber().toString(16));
    fields.put("from", certificate.getNotBefore().toInstant().toString());
    fields.put("until", certificate.getNotAfter().toInstant().toString());
    return fields;
  }
}
