package dev.weir.sidecar.filter.http.jwtauthn;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Tokens whose signatures have been looked at, by the hash of a token and the version of the keys:
 * a caller shows one token with many requests. Whether it has expired is looked at each time.
 * Bounded. Any thread.
 */
final class Verified {
  private static final int MOST_OF_HALF = 2048;

  private record Key(ByteBuffer token, long keys) {}

  private final Recent<Key, Boolean> known = new Recent<>(MOST_OF_HALF, key -> 1);

  /** Null for not known. */
  @Nullable Boolean get(Token token, KeySet keys) {
    return known.get(new Key(token.hash(), keys.version()));
  }

  void put(Token token, KeySet keys, boolean good) {
    known.put(new Key(token.hash(), keys.version()), good);
  }
}
