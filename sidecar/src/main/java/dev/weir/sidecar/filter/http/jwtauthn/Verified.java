package dev.weir.sidecar.filter.http.jwtauthn;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tokens whose signatures have been looked at, by the hash of a token and the version of the keys:
 * a caller shows one token with many requests. Whether it has expired is looked at each time.
 * Bounded: when the younger half is full it becomes the older one, and that goes. Any thread.
 */
final class Verified {
  private static final int MOST_OF_HALF = 2048;

  private record Key(ByteBuffer token, long keys) {}

  private Map<Key, Boolean> young = new HashMap<>();
  private Map<Key, Boolean> old = new HashMap<>();

  /** Null for not known. */
  synchronized @Nullable Boolean get(Token token, KeySet keys) {
    Key key = new Key(token.hash(), keys.version());
    Boolean known = young.get(key);
    if (known == null) {
      known = old.get(key);
      if (known != null) {
        put(key, known);
      }
    }
    return known;
  }

  synchronized void put(Token token, KeySet keys, boolean good) {
    put(new Key(token.hash(), keys.version()), good);
  }

  private void put(Key key, boolean good) {
    if (young.size() >= MOST_OF_HALF) {
      old = young;
      young = new HashMap<>();
    }
    young.put(key, good);
  }
}
