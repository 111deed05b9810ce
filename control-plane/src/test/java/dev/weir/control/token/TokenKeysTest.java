package dev.weir.control.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenKeysTest {
  private static final String CART = "spiffe://cluster.local/ns/shop/sa/cart";

  @TempDir Path folder;
  private final List<String> told = new ArrayList<>();

  private TokenKeys keys(String name) {
    return new TokenKeys(folder.resolve(name), told::add);
  }

  private Path key() {
    return folder.resolve("key.pem");
  }

  private static String pem(String algorithm, String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    if (!curve.isEmpty()) {
      generator.initialize(new ECGenParameterSpec(curve));
    }
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'})
            .encodeToString(generator.generateKeyPair().getPrivate().getEncoded())
        + "\n-----END PRIVATE KEY-----\n";
  }

  /** Signed with the key in the file, as whoever has that signs. */
  private static String token(Path key) throws Exception {
    byte[] der =
        Base64.getMimeDecoder().decode(Files.readString(key).replaceAll("-----[A-Z ]+-----", ""));
    SignedJWT token =
        new SignedJWT(
            new JWSHeader(JWSAlgorithm.ES256),
            new JWTClaimsSet.Builder()
                .subject(CART)
                .audience(Tokens.AUDIENCE)
                .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                .build());
    token.sign(
        new ECDSASigner(
            (ECPrivateKey)
                KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der))));
    return token.serialize();
  }

  private static boolean takes(TokenKeys keys, String token) {
    try {
      return new Tokens(keys, "cluster.local", Clock.systemUTC())
          .holder(token)
          .identity()
          .toString()
          .equals(CART);
    } catch (WrongToken e) {
      return false;
    }
  }

  @Test
  void tokensOfAKeyThatItMadeAreTakenAndByOthersOfItsFolderToo() throws Exception {
    TokenKeys keys = keys("tokens");
    keys.trust(key());

    assertTrue(takes(keys, token(key())));
    assertTrue(takes(keys("tokens"), token(key())));
    assertFalse(takes(keys("others"), token(key())));
  }

  @Test
  void tokensOfAKeyThatWasBroughtAreTaken() throws Exception {
    Files.writeString(key(), pem("EC", "secp256r1"));
    String before = Files.readString(key());
    TokenKeys keys = keys("tokens");
    keys.trust(key());

    assertTrue(takes(keys, token(key())));
    keys.reread();
    assertTrue(takes(keys, token(key())), "at every later look too");
    assertEquals(before, Files.readString(key()));
    assertFalse(Files.exists(folder.resolve("tokens")), "nothing is written for it");
    assertEquals(List.of(), told);
  }

  @Test
  void oneKeyIsGoodForSeveralControlPlanes() throws Exception {
    TokenKeys first = keys("first");
    first.trust(key());
    TokenKeys second = keys("second");
    second.trust(key());

    assertTrue(takes(first, token(key())));
    assertTrue(takes(second, token(key())));
  }

  @ParameterizedTest
  @CsvSource({"RSA, ''", "EC, secp384r1", "Ed25519, ''"})
  void anotherKeyIsRefused(String algorithm, String curve) throws Exception {
    Files.writeString(key(), pem(algorithm, curve));

    refused();
  }

  @ParameterizedTest
  @CsvSource({
    "''",
    "no key",
    "-----BEGIN PRIVATE KEY-----AAAA-----END PRIVATE KEY-----",
    "-----BEGIN EC PRIVATE KEY-----AAAA-----END EC PRIVATE KEY-----",
  })
  void whatIsNoKeyIsRefused(String text) throws Exception {
    Files.writeString(key(), text);

    refused();
  }

  @Test
  void moreThanAKeyIsRefused() throws Exception {
    Files.write(key(), "a".repeat(100_000).getBytes(StandardCharsets.US_ASCII));

    refused();
  }

  private void refused() {
    TokenKeys keys = keys("tokens");
    IOException refused = assertThrows(IOException.class, () -> keys.trust(key()));
    assertEquals(
        key()
            + " has no P-256 key, PKCS #8 in PEM, as openssl genpkey -algorithm EC -pkeyopt"
            + " ec_paramgen_curve:P-256 writes it",
        refused.getMessage());
  }
}
