package dev.weir.sidecar.filter.http.jwtauthn;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import dev.weir.testkit.Await;
import java.math.BigInteger;
import java.text.ParseException;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is decided about a signature of an elliptic curve when AWS-LC looks at it. */
class AwsLcTest {
  @BeforeAll
  static void loaded() {
    AwsLc.load(line -> {});
    Await.until(() -> AwsLc.provider() != null);
  }

  @ParameterizedTest
  @CsvSource({"ES256, P-256", "ES384, P-384", "ES512, P-521"})
  void takesWhatTheKeyHasSignedAndNothingElse(String algorithm, String curve) throws Exception {
    ECKey key = new ECKeyGenerator(Curve.parse(curve)).generate();
    KeySet keys = KeySet.parse(new JWKSet(key.toPublicJWK()).toString());
    JWSObject signed =
        new JWSObject(
            new JWSHeader(JWSAlgorithm.parse(algorithm)), new Payload("{\"sub\":\"somebody\"}"));
    signed.sign(new ECDSASigner(key));
    byte[] signature = signed.getSignature().decode();

    assertTrue(signs(keys, signed, signature));

    for (int i = 0; i < signature.length; i += 7) {
      byte[] other = signature.clone();
      other[i] ^= 1;
      assertFalse(signs(keys, signed, other), "byte " + i);
    }
    int half = signature.length / 2;
    assertFalse(signs(keys, signed, new byte[signature.length]), "zeros");
    assertFalse(signs(keys, signed, order(Curve.parse(curve), half)), "the curve's order");
    assertFalse(signs(keys, signed, Arrays.copyOf(signature, signature.length - 1)), "cut");
    assertFalse(signs(keys, signed, Arrays.copyOf(signature, signature.length + 1)), "longer");
    assertFalse(
        signs(KeySet.parse(other(curve)), signed, signature), "signed by a key that is none of it");
  }

  private static String other(String curve) throws JOSEException {
    return new JWKSet(new ECKeyGenerator(Curve.parse(curve)).generate().toPublicJWK()).toString();
  }

  private static byte[] order(Curve curve, int half) {
    BigInteger order = curve.toECParameterSpec().getOrder();
    byte[] both = new byte[2 * half];
    byte[] bytes = order.toByteArray();
    int length = Math.min(bytes.length, half);
    for (int end : new int[] {half, 2 * half}) {
      System.arraycopy(bytes, bytes.length - length, both, end - length, length);
    }
    return both;
  }

  private static boolean signs(KeySet keys, JWSObject signed, byte[] signature)
      throws ParseException, Token.Malformed {
    String text =
        new String(signed.getSigningInput(), java.nio.charset.StandardCharsets.US_ASCII)
            + '.'
            + Base64URL.encode(signature);
    return keys.hasSigned(Token.parse(text));
  }
}
