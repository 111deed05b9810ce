package dev.weir.sidecar.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Optional;

/** A control plane's {@code --token-key}: P-256, PKCS #8 in PEM. Any thread. */
public final class SigningKey {
  private static final String AUDIENCE = "weir";
  private static final String WANTED = " has no P-256 key, PKCS #8 in PEM";
  private static final String ADDRESS = "weir.dev/address";

  private final Path file;
  private final ECPrivateKey key;

  private SigningKey(Path file, ECPrivateKey key) {
    this.file = file;
    this.key = key;
  }

  /**
   * @throws IOException which names the file, if it has no such key
   */
  public static SigningKey read(Path file) throws IOException {
    try {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      byte[] der = Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z0-9 ]+-----", ""));
      if (KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der))
              instanceof ECPrivateKey key
          && Curve.P_256.equals(Curve.forECParameterSpec(key.getParams()))) {
        return new SigningKey(file, key);
      }
      throw new IOException(file + WANTED);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no " + file, e);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(file + WANTED); // e may quote it
    }
  }

  /**
   * A token for the control plane (RFC 7519, ES256).
   *
   * @param subject a SPIFFE ID
   * @param address the only one that its holder may register; empty: where it calls from
   */
  public String token(String subject, Optional<String> address, Duration lifetime)
      throws IOException {
    Instant now = Instant.now();
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .subject(subject)
            .audience(AUDIENCE)
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plus(lifetime)));
    address.ifPresent(each -> claims.claim(ADDRESS, each));
    SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.ES256), claims.build());
    try {
      token.sign(new ECDSASigner(key));
    } catch (JOSEException e) {
      throw new IOException("nothing can be signed with " + file + ": " + e.getMessage(), e);
    }
    return token.serialize();
  }
}
