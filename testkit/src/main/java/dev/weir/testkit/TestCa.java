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
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
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
    try {
      X509Bundle root =
          new CertificateBuilder()
              .ecp256()
              .subject("CN=" + name)
              .setIsCertificateAuthority(true)
              .buildSelfSigned();
      Files.writeString(folder.resolve(name + ".pem"), root.getCertificatePEM());
      return new TestCa(Files.createDirectories(folder.resolve(name)), root);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
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
      X509Bundle bundle = builder.buildIssuedBy(root);
      int number = issued.incrementAndGet();
      Path chain = folder.resolve("chain" + number + ".pem");
      Path key = folder.resolve("key" + number + ".pem");
      Files.writeString(chain, bundle.getCertificatePathPEM());
      Files.writeString(key, bundle.getPrivateKeyPEM());
      return new Issued(chain, key, bundle);
    } catch (Exception e) {
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
