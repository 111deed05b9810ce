package dev.weir.control.ca;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.junit.jupiter.api.Test;

/** Keys in the forms that a CA's folder may have them in. */
class PemTest {
  private static KeyPair rsa() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair();
  }

  private static String pem(String type, byte[] der) throws IOException {
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(new PemObject(type, der));
    }
    return text.toString();
  }

  @Test
  void keyOfRsaIsReadInPkcs1() throws Exception {
    PrivateKey key = rsa().getPrivate();
    byte[] pkcs1 =
        PrivateKeyInfo.getInstance(key.getEncoded())
            .parsePrivateKey()
            .toASN1Primitive()
            .getEncoded();
    assertEquals(key, Pem.key(pem("RSA PRIVATE KEY", pkcs1)));
  }

  @Test
  void keyOfEcIsReadInSec1BehindItsParametersToo() throws Exception {
    ECPrivateKey key = (ECPrivateKey) Csr.key().getPrivate();
    // Without the public key, which may be missing.
    byte[] sec1 =
        new org.bouncycastle.asn1.sec.ECPrivateKey(
                256,
                key.getS(),
                PrivateKeyInfo.getInstance(key.getEncoded())
                    .getPrivateKeyAlgorithm()
                    .getParameters())
            .getEncoded();
    String pem = pem("EC PRIVATE KEY", sec1);
    assertEquals(key.getS(), ((ECPrivateKey) Pem.key(pem)).getS());
    assertEquals(
        key.getS(),
        ((ECPrivateKey)
                Pem.key(
                    "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
                        + pem))
            .getS());
  }

  @Test
  void keyIsReadInPkcs8() throws Exception {
    PrivateKey key = Csr.key().getPrivate();
    assertEquals(key, Pem.key(Pem.of(key)));
  }

  @Test
  void keyWithAPasswordIsRefused() throws IOException {
    String pem =
        pem("EC PRIVATE KEY", "secret".getBytes(StandardCharsets.US_ASCII))
            .replace(
                "KEY-----\nc",
                "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,5D4C4F3A0A7B1E2F5D4C4F3A0A7B1E2F\n\nc");
    assertTrue(pem.contains("ENCRYPTED"));
    IOException refusal = assertThrows(IOException.class, () -> Pem.key(pem));
    assertEquals("has no private key in PEM without a password", refusal.getMessage());
  }
}
