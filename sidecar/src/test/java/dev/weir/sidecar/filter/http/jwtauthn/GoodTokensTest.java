package dev.weir.sidecar.filter.http.jwtauthn;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.nimbusds.jose.util.Base64URL;
import org.junit.jupiter.api.Test;

class GoodTokensTest {
  private final GoodTokens tokens = new GoodTokens();

  private static Token token(int number, int length) throws Token.Malformed {
    String claims = "{\"n\":" + number + ",\"padding\":\"" + "x".repeat(length) + "\"}";
    return Token.parse(
        Base64URL.encode("{\"alg\":\"ES256\"}") + "." + Base64URL.encode(claims) + ".AAAA");
  }

  @Test
  void aTokenIsReadOnce() throws Token.Malformed {
    Token token = token(1, 10);
    tokens.put(token);

    assertSame(token, tokens.get(new String(token.text().toCharArray())));
    assertNull(tokens.get(token.text() + "A"));
  }

  @Test
  void thoseThatAreLongUnusedGoAndThoseInUseStay() throws Token.Malformed {
    Token used = token(0, 1000);
    Token unused = token(-1, 1000);
    tokens.put(used);
    tokens.put(unused);
    int more = 2 * GoodTokens.MOST_OF_HALF / token(1, 1000).text().length() + 1;
    for (int i = 1; i <= more; i++) {
      tokens.put(token(i, 1000));
      assertSame(used, tokens.get(used.text()));
    }

    assertNull(tokens.get(unused.text()));
  }
}
