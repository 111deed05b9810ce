package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.tls.DataSource;
import dev.weir.sidecar.config.tls.SanMatch;
import dev.weir.sidecar.config.tls.ValidationContext;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * Tells servers apart that have the same ticket keys and must not take each other's sessions: a
 * client that is resumed is not verified again. It is made of what Envoy makes the same of ({@code
 * ServerContextImpl::generateHashForSessionContextId}), and of the lists of revoked certificates:
 * who the server is, by the names of its certificates and not by these, which are renewed; whom it
 * trusts, and whether it wants a certificate at all.
 */
final class SessionScope {
  private static final String SUBJECT_ALT_NAMES = "2.5.29.17";

  private SessionScope() {}

  /**
   * @param trust with nothing in files
   * @param required whether a client must show a certificate
   */
  static byte[] of(List<OwnKeys.Own> own, Optional<ValidationContext> trust, boolean required) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      DataOutputStream out =
          new DataOutputStream(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
      out.writeInt(own.size());
      for (OwnKeys.Own each : own) {
        who(each.chain()[0], out);
      }
      out.writeBoolean(required);
      out.writeBoolean(trust.isPresent());
      if (trust.isPresent()) {
        trusted(trust.get(), out);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each JDK has SHA-256", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void who(X509Certificate certificate, DataOutputStream out) throws IOException {
    byte[] names = certificate.getExtensionValue(SUBJECT_ALT_NAMES);
    if (names == null && certificate.getSubjectX500Principal().getName().isEmpty()) {
      try {
        names = certificate.getEncoded();
      } catch (CertificateEncodingException e) {
        throw new IllegalStateException("it has been read from its encoding", e);
      }
    }
    write(certificate.getSubjectX500Principal().getEncoded(), out);
    write(names == null ? new byte[0] : names, out);
  }

  private static void trusted(ValidationContext trust, DataOutputStream out) throws IOException {
    write(trust.trustedCa(), out);
    write(trust.crl(), out);
    out.writeBoolean(trust.onlyVerifyLeafCrl());
    out.writeInt(trust.maxVerifyDepth().orElse(-1));
    out.writeInt(trust.subjectAltNames().size());
    for (SanMatch each : trust.subjectAltNames()) {
      write(each.toString().getBytes(StandardCharsets.UTF_8), out);
    }
    for (List<String> hashes : List.of(trust.certificateHashes(), trust.spkiHashes())) {
      out.writeInt(hashes.size());
      for (String each : hashes) {
        write(each.getBytes(StandardCharsets.UTF_8), out);
      }
    }
  }

  private static void write(Optional<DataSource> source, DataOutputStream out) throws IOException {
    write(source.map(Credentials::read).orElse(new byte[0]), out);
  }

  private static void write(byte[] bytes, DataOutputStream out) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }
}
