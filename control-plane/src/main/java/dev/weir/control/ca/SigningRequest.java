package dev.weir.control.ca;

import dev.weir.control.ca.Refused.Reason;
import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/** A PKCS #10 request, of which only the key counts: who has it is proved elsewhere. */
final class SigningRequest {
  /** One with a key of RSA with 8192 bits has some 4 KiB. */
  private static final int LONGEST = 16 << 10;

  private static final int LEAST_RSA = 2048;
  private static final int MOST_RSA = 8192;

  private SigningRequest() {}

  /** The key of a request whose sender has proved to hold it. */
  static PublicKey key(String pem) throws Refused {
    if (pem.length() > LONGEST) {
      throw refused("csr is longer than " + LONGEST + " characters");
    }
    try {
      JcaPKCS10CertificationRequest request = read(pem);
      PublicKey key = request.getPublicKey();
      check(key);
      if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
        throw refused("csr is not signed by its own key");
      }
      return key;
    } catch (IOException
        | GeneralSecurityException
        | OperatorCreationException
        | PKCSException
        | RuntimeException e) {
      throw refused("csr must be a PKCS #10 request in PEM, signed with its key");
    }
  }

  private static JcaPKCS10CertificationRequest read(String pem) throws IOException, Refused {
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      if (parser.readObject() instanceof PKCS10CertificationRequest request) {
        return new JcaPKCS10CertificationRequest(request);
      }
      throw refused("csr must be a PKCS #10 request in PEM");
    }
  }

  private static void check(PublicKey key) throws Refused {
    switch (key) {
      case ECPublicKey curve -> {
        int bits = curve.getParams().getOrder().bitLength();
        if (bits != 256 && bits != 384) {
          throw refused("csr has a key of " + bits + " bits on a curve; it must be P-256 or P-384");
        }
      }
      case RSAPublicKey rsa -> {
        int bits = rsa.getModulus().bitLength();
        if (bits < LEAST_RSA || bits > MOST_RSA) {
          throw refused(
              "csr has a key of RSA with %d bits; it must have %d to %d"
                  .formatted(bits, LEAST_RSA, MOST_RSA));
        }
      }
      default -> throw refused("csr has a key of " + key.getAlgorithm() + "; it must be EC or RSA");
    }
  }

  private static Refused refused(String why) {
    return new Refused(Reason.REQUEST, why);
  }
}
