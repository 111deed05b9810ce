package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.Unfit;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/**
 * Reads private keys in PEM: PKCS #8, and as OpenSSL writes keys of RSA (PKCS #1) and of EC (SEC
 * 1). What cannot be used is {@link Unfit}, in words that quote nothing of it. Any thread.
 */
final class PrivateKeys {
  private static final Pattern BEGIN = Pattern.compile("-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----");
  private static final String END = "-----END";

  private PrivateKeys() {}

  /** The first of {@code pem}, which must be the key of {@code certificate}. */
  static PrivateKey of(byte[] pem, X509Certificate certificate) {
    String text = new String(pem, StandardCharsets.ISO_8859_1);
    Matcher begin = BEGIN.matcher(text);
    int end = begin.find() ? text.indexOf(END, begin.end()) : -1;
    if (end < 0) {
      throw new Unfit("", "has no private key in PEM");
    }
    String body = text.substring(begin.end(), end);
    String kind = begin.group(1).strip();
    if (kind.equals("ENCRYPTED") || body.contains("Proc-Type: 4,ENCRYPTED")) {
      throw new Unfit("", "is encrypted; it must be without a password: openssl pkey");
    }
    String algorithm = certificate.getPublicKey().getAlgorithm();
    PrivateKey key;
    try {
      key =
          switch (kind) {
            case "" -> pkcs8(body, algorithm);
            case "RSA", "EC" -> traditional(text.substring(begin.start()));
            default ->
                throw new Unfit(
                    "", "has a key of kind \"" + kind + "\"; it must be PKCS #8, PKCS #1 or SEC 1");
          };
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      throw anotherKind(algorithm); // its message may quote the key
    }
    if (!key.getAlgorithm().equals(algorithm)) {
      throw anotherKind(algorithm);
    }
    if (!fits(key, certificate)) {
      throw new Unfit("", "is not the key of its certificate");
    }
    return key;
  }

  private static Unfit anotherKind(String algorithm) {
    return new Unfit("", "has no key of the kind that its certificate has, " + algorithm);
  }

  private static PrivateKey pkcs8(String base64, String algorithm) throws GeneralSecurityException {
    byte[] der = Base64.getMimeDecoder().decode(base64);
    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
  }

  /** By Bouncy Castle, which is loaded for such a key alone. */
  private static PrivateKey traditional(String pem) throws IOException {
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      if (parser.readObject() instanceof PEMKeyPair pair) {
        return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
      }
      throw new IOException("no pair of keys");
    } catch (RuntimeException e) {
      throw new IOException(e); // it throws what its parts throw
    }
  }

  private static boolean fits(PrivateKey key, X509Certificate certificate) {
    byte[] sample = {1, 2, 3};
    String scheme =
        switch (key.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> key.getAlgorithm();
        };
    try {
      Signature signature = Signature.getInstance(scheme);
      signature.initSign(key);
      signature.update(sample);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(sample);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      throw new Unfit("", "cannot sign: " + e.getMessage());
    }
  }
}
