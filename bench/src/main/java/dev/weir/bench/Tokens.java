package dev.weir.bench;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Writes tokens of a key that is made for them, for {@code bench.py}, which runs this file as it
 * is: its JWKS in the first line, a token in each further one.
 */
public final class Tokens {
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
  private static final int EC_BYTES = 32;
  private static final long VALID_SECONDS = 86_400;

  private Tokens() {}

  /**
   * @param words RS256 or ES256, how many, the file
   */
  public static void main(String[] words) throws IOException, GeneralSecurityException {
    boolean rsa = words[0].equals("RS256");
    KeyPair pair = rsa ? rsa() : ec();
    Signature signature =
        Signature.getInstance(rsa ? "SHA256withRSA" : "SHA256withECDSAinP1363Format");
    signature.initSign(pair.getPrivate());
    List<String> lines = new ArrayList<>();
    lines.add(
        "{\"keys\":[{\"kid\":\"bench\",\"alg\":\"%s\",\"use\":\"sig\",%s}]}"
            .formatted(words[0], members(pair)));
    String head = encoded("{\"alg\":\"%s\",\"kid\":\"bench\",\"typ\":\"JWT\"}".formatted(words[0]));
    long now = Instant.now().getEpochSecond();
    for (int i = 0; i < Integer.parseInt(words[1]); i++) {
      String claims =
          """
          {"iss":"https://issuer.example","aud":"shop","sub":"user-%d","iat":%d,"exp":%d,"roles":["buyer","reader"]}\
          """
              .formatted(i, now, now + VALID_SECONDS);
      String signed = head + '.' + encoded(claims);
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      lines.add(signed + '.' + BASE64.encodeToString(signature.sign()));
    }
    Files.write(Path.of(words[2]), lines);
  }

  private static KeyPair rsa() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair();
  }

  private static KeyPair ec() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static String members(KeyPair pair) {
    return switch (pair.getPublic()) {
      case RSAPublicKey key ->
          "\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\""
              .formatted(
                  number(key.getModulus(), key.getModulus().bitLength() / Byte.SIZE),
                  number(key.getPublicExponent(), 3));
      case ECPublicKey key ->
          "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\""
              .formatted(
                  number(key.getW().getAffineX(), EC_BYTES),
                  number(key.getW().getAffineY(), EC_BYTES));
      default -> throw new IllegalStateException(pair.getPublic().getAlgorithm());
    };
  }

  /** Big endian, of that many bytes (RFC 7518, sections 6.2.1.2 and 6.3.1.1). */
  private static String number(BigInteger number, int bytes) {
    byte[] signed = number.toByteArray();
    byte[] padded = new byte[bytes];
    int length = Math.min(signed.length, bytes);
    System.arraycopy(signed, signed.length - length, padded, bytes - length, length);
    return BASE64.encodeToString(padded);
  }

  private static String encoded(String text) {
    return BASE64.encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
