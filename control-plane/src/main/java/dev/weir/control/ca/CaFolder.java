package dev.weir.control.ca;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Where the CA's certificates and its key are, in PEM, by the names that Istio's {@code cacerts}
 * has: {@value #CERTIFICATE} and {@value #KEY} sign, {@value #CHAIN}, which may be missing,
 * certifies the first, {@value #ROOTS} is what the mesh trusts.
 */
final class CaFolder {
  static final String CERTIFICATE = "ca-cert.pem";
  static final String KEY = "ca-key.pem";
  static final String CHAIN = "cert-chain.pem";
  static final String ROOTS = "root-cert.pem";

  /** In the order in which they come to their places: the certificate says that all is there. */
  private static final List<String> MADE = List.of(KEY, ROOTS, CERTIFICATE);

  private static final long MOST_BYTES = 1 << 20;
  private static final Duration ROOT_LIFETIME = Duration.ofDays(3650);
  private static final Duration SKEW = Duration.ofMinutes(2);

  private static final Set<PosixFilePermission> OTHERS =
      PosixFilePermissions.fromString("---rwxrwx");

  private final Path folder;

  CaFolder(Path folder) {
    this.folder = folder;
  }

  Path path() {
    return folder;
  }

  /** Makes a root of its own where there is nothing yet; returns whether it did. */
  boolean makeIfEmpty(String trustDomain, Instant now, SecureRandom random) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    boolean key = Files.exists(folder.resolve(KEY));
    boolean certificate = Files.exists(folder.resolve(CERTIFICATE));
    if (key && certificate) {
      return false;
    }
    if (key && finish(now)) {
      return true;
    }
    if (key || certificate) {
      throw new IOException(
          "%s has %s and no %s: bring that, or take the first away to have a new root made"
              .formatted(folder, key ? KEY : CERTIFICATE, key ? CERTIFICATE : KEY));
    }
    if (Files.exists(folder.resolve(ROOTS))) {
      throw new IOException(
          folder
              + " has "
              + ROOTS
              + " and neither "
              + CERTIFICATE
              + " nor "
              + KEY
              + ": bring these, or take that away to have a new root made");
    }
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      KeyPair pair = generator.generateKeyPair();
      String root = Pem.of(List.of(root(trustDomain, pair, now, random)));
      // What is there in full before the key comes to its place can be finished by the next start.
      write(ROOTS, root);
      write(CERTIFICATE, root);
      write(KEY, Pem.of(pair.getPrivate()));
      for (String name : MADE) {
        place(name);
      }
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IOException("a root cannot be made: " + e.getMessage(), e);
    }
    return true;
  }

  /** Of a root that was being made when the program ended, what is left to do. */
  private boolean finish(Instant now) throws IOException {
    Path left = beside(CERTIFICATE);
    if (!Files.exists(left)) {
      return false;
    }
    try {
      List<X509Certificate> root = Pem.certificates(Files.readString(left));
      Issuer.of(root, Pem.key(text(KEY)), root, now);
    } catch (IllegalArgumentException | IOException otherKey) {
      return false; // somebody brought it, and is told what is missing
    }
    for (String name : MADE) {
      if (Files.exists(beside(name))) {
        place(name);
      }
    }
    return true;
  }

  private static X509Certificate root(
      String trustDomain, KeyPair pair, Instant now, SecureRandom random)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    X500Name name =
        new X500Name(
            "CN=Weir root of "
                + trustDomain
                + " "
                + now.toString().substring(0, 10)
                + ",O="
                + trustDomain);
    JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
    return new JcaX509CertificateConverter()
        .getCertificate(
            new JcaX509v3CertificateBuilder(
                    name,
                    new BigInteger(CertificateAuthority.SERIAL_BITS, random),
                    Date.from(now.minus(SKEW)),
                    Date.from(now.plus(ROOT_LIFETIME)),
                    name,
                    pair.getPublic())
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                .addExtension(
                    Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                .addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    extensions.createSubjectKeyIdentifier(pair.getPublic()))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
  }

  private Path beside(String name) {
    return folder.resolve(name + ".new");
  }

  private void place(String name) throws IOException {
    Files.move(beside(name), folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Beside its place. */
  private void write(String name, String text) throws IOException {
    Path beside = beside(name);
    Files.deleteIfExists(beside);
    Files.createFile(
        beside, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (FileChannel file = FileChannel.open(beside, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      file.force(true);
    }
  }

  /**
   * What the files say, unread: who has seen the same has seen it all.
   *
   * @param chain empty for none
   */
  record Content(String certificate, String key, String chain, String roots) {
    /** Without the key. */
    @Override
    public String toString() {
      return "Content[" + certificate.length() + " characters]";
    }
  }

  Content content() throws IOException {
    return new Content(
        text(CERTIFICATE),
        text(KEY),
        Files.exists(folder.resolve(CHAIN)) ? text(CHAIN) : "",
        text(ROOTS));
  }

  private String text(String name) throws IOException {
    Path file = folder.resolve(name);
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new IOException(file + " is over " + MOST_BYTES + " bytes");
      }
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no " + file, e);
    }
  }

  /** Throws with the file and what is wrong in it. */
  Issuer issuer(Content content, Instant now) throws IOException {
    List<X509Certificate> chain = new ArrayList<>(certificates(CERTIFICATE, content.certificate));
    if (!content.chain.isBlank()) {
      certificates(CHAIN, content.chain).stream()
          .filter(each -> !chain.contains(each))
          .forEach(chain::add);
    }
    List<X509Certificate> roots = certificates(ROOTS, content.roots);
    try {
      return Issuer.of(chain, Pem.key(content.key), roots, now);
    } catch (IllegalArgumentException e) {
      throw new IOException(folder + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new IOException(folder.resolve(KEY) + " " + e.getMessage(), e);
    }
  }

  private List<X509Certificate> certificates(String name, String pem) throws IOException {
    try {
      return Pem.certificates(pem);
    } catch (IOException e) {
      throw new IOException(folder.resolve(name) + " " + e.getMessage(), e);
    }
  }

  /** Whether others than its owner can read the key. */
  boolean isOpenToOthers() throws IOException {
    Set<PosixFilePermission> open = Files.getPosixFilePermissions(folder.resolve(KEY));
    return open.stream().anyMatch(OTHERS::contains);
  }
}
