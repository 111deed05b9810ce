package dev.weir.sidecar.filter.http.jwtauthn;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that were good lately, as they were read: a caller shows one with many requests, and to
 * read it costs as much as to pass the request on. That one is here says nothing about it: whether
 * it is good is asked each time. Bounded by their length in all: when the younger half is full it
 * becomes the older one, and that goes. Any thread.
 */
final class GoodTokens {
  /** Characters; read, a token takes some five times as many bytes. */
  static final int MOST_OF_HALF = 256 << 10;

  private Map<String, Token> young = new HashMap<>();
  private Map<String, Token> old = new HashMap<>();
  private int length;

  /** Null for not known. */
  synchronized @Nullable Token get(String text) {
    Token known = young.get(text);
    if (known == null) {
      known = old.get(text);
      if (known != null) {
        put(known);
      }
    }
    return known;
  }

  synchronized void put(Token token) {
    if (young.containsKey(token.text())) {
      return;
    }
    length += token.text().length();
    if (length > MOST_OF_HALF) {
      old = young;
      young = new HashMap<>();
      length = token.text().length();
    }
    young.put(token.text(), token);
  }
}
