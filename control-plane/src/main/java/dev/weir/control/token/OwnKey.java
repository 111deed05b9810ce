package dev.weir.control.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECPoint;

/** The key that tokens are signed with, P-256: PKCS #8 in PEM, which has no public part. */
final class OwnKey {
  private static final long MOST_BYTES = 64 << 10;
  private static final String WANTED =
      " has no P-256 key, PKCS #8 in PEM, as openssl genpkey -algorithm EC -pkeyopt"
          + " ec_paramgen_curve:P-256 writes it";

  private OwnKey() {}

  static ECKey make() throws IOException {
    try {
      return new ECKeyGenerator(Curve.P_256)
          .keyUse(KeyUse.SIGNATURE)
          .keyIDFromThumbprint(true)
          .generate();
    } catch (JOSEException e) {
      throw new IOException("a key for tokens cannot be made: " + e.getMessage(), e);
    }
  }

  static String pem(ECKey key) throws IOException {
    try {
      return "-----BEGIN PRIVATE KEY-----\n"
          + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
              .encodeToString(key.toECPrivateKey().getEncoded())
          + "\n-----END PRIVATE KEY-----\n";
    } catch (JOSEException e) {
      throw new IOException("a key for tokens cannot be written: " + e.getMessage(), e);
    }
  }

  /**
   * The public part of the key in a file.
   *
   * @throws IOException which names the file and quotes nothing, if it has no such key
   */
  static ECKey read(Path file) throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw new IOException(file + WANTED);
    }
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    try {
      byte[] der = Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z0-9 ]+-----", ""));
      if (KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der))
              instanceof ECPrivateKey key
          && Curve.P_256.equals(Curve.forECParameterSpec(key.getParams()))) {
        return publicPart(key.getS());
      }
    } catch (GeneralSecurityException | JOSEException | IllegalArgumentException e) {
      throw new IOException(file + WANTED); // e may quote it
    }
    throw new IOException(file + WANTED);
  }

  private static ECKey publicPart(BigInteger secret) throws JOSEException {
    ECPoint point = CustomNamedCurves.getByName("P-256").getG().multiply(secret).normalize();
    int bits = Curve.P_256.toECParameterSpec().getCurve().getField().getFieldSize();
    return new ECKey.Builder(
            Curve.P_256,
            ECKey.encodeCoordinate(bits, point.getAffineXCoord().toBigInteger()),
            ECKey.encodeCoordinate(bits, point.getAffineYCoord().toBigInteger()))
        .keyUse(KeyUse.SIGNATURE)
        .keyIDFromThumbprint()
        .build();
  }
}
