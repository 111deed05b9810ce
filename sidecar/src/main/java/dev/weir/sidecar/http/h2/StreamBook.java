package dev.weir.sidecar.http.h2;

import io.netty.handler.codec.http2.DefaultHttp2Connection;

/**
 * Netty's book of streams, with those in it that were refused before they were any: a malformed
 * head, one too many, one behind GOAWAY. To Netty they never existed, and what the peer had sent
 * behind their heads would be wrong of the whole connection. RFC 9113 5.1.
 */
final class StreamBook extends DefaultHttp2Connection {
  /** Enough for what is on its way to us: what is forgotten is reset once more. */
  private static final int REMEMBERED = 64;

  private int lastRefused;
  private final int[] reset = new int[REMEMBERED];
  private int nextReset;

  StreamBook(boolean server) {
    super(server);
  }

  /** We reset stream {@code id}, or never opened it: frames on it may be late, and say nothing. */
  void reset(int id) {
    if (remote().isValidStreamId(id)) {
      lastRefused = Math.max(lastRefused, id);
    }
    reset[nextReset] = id;
    nextReset = (nextReset + 1) % REMEMBERED;
  }

  boolean wasReset(int id) {
    for (int known : reset) {
      if (known == id) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean streamMayHaveExisted(int id) {
    return super.streamMayHaveExisted(id) || id <= lastRefused && remote().isValidStreamId(id);
  }
}
