package dev.weir.testkit;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** A certificate authority whose certificates and keys are files of a test. */
public final class TestCa {
  /** A certificate with its key, and the files they are in. */
  public record Issued(Path chain, Path key, X509Bundle bundle) {}

  private static final char[] PASSWORD = {};

  private final Path folder;
  private final X509Bundle root;
  private final AtomicInteger issued = new AtomicInteger();

  private TestCa(Path folder, X509Bundle root) {
    this.folder = folder;
    this.root = root;
  }

  /**
   * @param folder where its files are written
   */
  public static TestCa create(Path folder, String name) {
    return create(folder, name, root -> {});
  }

  /**
   * @param edit of its own certificate
   */
  public static TestCa create(Path folder, String name, Consumer<CertificateBuilder> edit) {
    try {
      return written(folder, name, authority(name, edit).buildSelfSigned());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /**
   * One that this certifies; what it issues is shown with its certificate.
   *
   * @param edit of its own certificate
   */
  public TestCa intermediate(String name, Consumer<CertificateBuilder> edit) {
    try {
      return written(folder, name, authority(name, edit).buildIssuedBy(root));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static CertificateBuilder authority(String name, Consumer<CertificateBuilder> edit) {
    CertificateBuilder builder =
        new CertificateBuilder().ecp256().subject("CN=" + name).setIsCertificateAuthority(true);
    edit.accept(builder);
    return builder;
  }

  private static TestCa written(Path folder, String name, X509Bundle own) throws IOException {
    Files.writeString(folder.resolve(name + ".pem"), own.getCertificatePEM());
    return new TestCa(Files.createDirectories(folder.resolve(name)), own);
  }

  /** Its own certificate, with its key. */
  public X509Bundle own() {
    return root;
  }

  /** Its own certificate. */
  public Path certificate() {
    return folder.resolveSibling(folder.getFileName() + ".pem");
  }

  /** Certifies {@code names}: with a scheme they are URIs, else addresses or DNS names. */
  public Issued issue(String... names) {
    CertificateBuilder builder =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=leaf")
            .addExtendedKeyUsageServerAuth()
            .addExtendedKeyUsageClientAuth();
    try {
      for (String name : names) {
        if (name.contains("://")) {
          builder.addSanUriName(name);
        } else if (name.startsWith("*")) {
          builder.addExtensionOctetString("2.5.29.17", false, wildcard(name)); // else refused
        } else if (NetUtil.isValidIpV4Address(name) || NetUtil.isValidIpV6Address(name)) {
          builder.addSanIpAddress(name);
        } else {
          builder.addSanDnsName(name);
        }
      }
      return issued(builder.buildIssuedBy(root));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Certifies what {@code edit} makes of a P-256 key that is called {@code leaf} and has no name.
   */
  public Issued issue(Consumer<CertificateBuilder> edit) {
    CertificateBuilder builder = new CertificateBuilder().ecp256().subject("CN=leaf");
    edit.accept(builder);
    try {
      return issued(builder.buildIssuedBy(root));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private Issued issued(X509Bundle bundle) throws IOException {
    int number = issued.incrementAndGet();
    Path chain = folder.resolve("chain" + number + ".pem");
    Path key = folder.resolve("key" + number + ".pem");
    Files.writeString(chain, bundle.getCertificatePathPEM());
    Files.writeString(key, bundle.getPrivateKeyPEM());
    return new Issued(chain, key, bundle);
  }

  /** Its list of those that are revoked, in PEM, made a day before {@code nextUpdate}. */
  public Path crl(Instant nextUpdate, X509Certificate... revoked) {
    Date made = Date.from(nextUpdate.minus(Duration.ofDays(1)));
    X509v2CRLBuilder builder =
        new JcaX509v2CRLBuilder(root.getCertificate().getSubjectX500Principal(), made)
            .setNextUpdate(Date.from(nextUpdate));
    for (X509Certificate each : revoked) {
      builder.addCRLEntry(each.getSerialNumber(), made, CRLReason.keyCompromise);
    }
    try {
      byte[] der =
          builder
              .build(
                  new JcaContentSignerBuilder("SHA256withECDSA")
                      .build(root.getKeyPair().getPrivate()))
              .getEncoded();
      return Files.writeString(
          folder.resolve("crl" + issued.incrementAndGet() + ".pem"),
          "-----BEGIN X509 CRL-----\n"
              + Base64.getMimeEncoder().encodeToString(der)
              + "\n-----END X509 CRL-----\n");
    } catch (IOException | OperatorCreationException e) {
      throw new AssertionError(e);
    }
  }

  /** A SubjectAltName extension of one DNS name, in DER. */
  private static byte[] wildcard(String name) {
    byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(ascii.length + 4)
        .put((byte) 0x30)
        .put((byte) (ascii.length + 2))
        .put((byte) 0x82)
        .put((byte) ascii.length)
        .put(ascii)
        .array();
  }

  /** For a peer that trusts this CA and has no certificate. */
  public SSLContext context() {
    return context(null);
  }

  /** For a peer that trusts this CA and shows {@code own}. */
  public SSLContext context(@Nullable Issued own) {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("ca", root.getCertificate());
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(own == null ? null : own.bundle().toKeyStore(PASSWORD), PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }
}
