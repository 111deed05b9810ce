package dev.weir.control.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken out of a report, and what stays. */
class SecrecyTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-----BEGIN PRIVATE KEY-----\nHUSHHUSH\n-----END PRIVATE KEY-----",
        "key: |\n  -----BEGIN EC PRIVATE KEY-----\n  HUSHHUSH\n  -----END EC PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\\nHUSHHUSH\\n",
        "token eyJhbGciOiJIUzI1NiJ9.eyJHUSHHUSH.HUSHHUSH",
        "Authorization: Bearer HUSHHUSH",
        "authorization: basic SFVTSEhVU0g6HUSHHUSH",
        "\"kty\": \"oct\", \"k\": \"HUSHHUSH\"",
        "{\\\"kty\\\": \\\"RSA\\\", \\\"d\\\": \\\"HUSHHUSH\\\"}",
        "client_secret: HUSHHUSH",
        "\"db.password\": \"HUSHHUSH\"",
        "DB_PASSWORD=HUSHHUSH",
        "jdbc:postgresql://app:HUSHHUSH@db/shop",
        "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tHUSHHUSH",
      })
  void secretIsGone(String text) {
    String rest = Secrecy.without("before " + text + "\n after");
    assertFalse(rest.contains("HUSHHUSH"), rest);
    assertTrue(rest.contains("before "), rest);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "outbound|80|shop/cart::10.0.0.1:8080::health_flags::healthy",
        "ResiliencePolicy shop/cart: spec.retry.budget.share: \"120%\" is over 100%",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "https://issuer.example/jwks.json",
        "\"kid\": \"one\", \"n\": \"public\"",
        "ca_secret: weir-ca",
      })
  void restStays(String text) {
    assertEquals(text, Secrecy.without(text));
  }

  @Test
  void keyWithoutAnEndTakesAllThatFollowsWithIt() {
    assertEquals("a [redacted]", Secrecy.without("a -----BEGIN PRIVATE KEY-----\nhush\nhush"));
  }
}
