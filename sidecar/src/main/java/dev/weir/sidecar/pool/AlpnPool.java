package dev.weir.sidecar.pool;

import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.config.Http2Options;
import dev.weir.sidecar.http.StreamDecoder;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Connections to one host of the protocol that it agrees to: HTTP/2 where it speaks that, else
 * HTTP/1.1, and HTTP/2 is asked for anew when no connection is left. What waits goes over from one
 * to the other.
 */
final class AlpnPool implements Pool {
  private static final String HTTP2 = "h2";
  private static final String HTTP1 = "http/1.1";

  private final Http2Pool http2;
  private final Http1Pool http1;
  private final Runnable emptied;
  private Pool spoken;

  /**
   * @param openers make what connects, by what is offered and what will do
   * @param emptied told when the pool has nothing left
   */
  AlpnPool(
      BiFunction<List<String>, Predicate<String>, HostConnections> openers,
      Http2Options options,
      Runnable emptied) {
    this.emptied = emptied;
    HostConnections opener = openers.apply(List.of(HTTP2, HTTP1), HTTP2::equals);
    Waiters waiters = opener.newWaiters();
    http2 = new Http2Pool(opener, options, waiters, this::tellIfEmpty, this::speakHttp1);
    http1 =
        new Http1Pool(
            openers.apply(List.of(HTTP1), agreed -> !agreed.equals(HTTP2)),
            waiters,
            this::tellIfEmpty);
    spoken = http2;
  }

  private void speakHttp1() {
    spoken = http1;
    http1.connectIfNeeded();
  }

  @Override
  public @Nullable Pending newStream(
      StreamDecoder decoder, Resources resources, StreamCallbacks callbacks) {
    if (spoken.empty()) {
      spoken = http2;
    }
    return spoken.newStream(decoder, resources, callbacks);
  }

  @Override
  public void drain() {
    http2.drain();
    http1.drain();
  }

  private void tellIfEmpty() {
    if (empty()) {
      emptied.run();
    }
  }

  @Override
  public boolean empty() {
    return http2.empty() && http1.empty();
  }
}
