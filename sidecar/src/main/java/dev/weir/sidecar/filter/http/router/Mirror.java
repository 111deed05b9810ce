package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.client.AsyncStream;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.http.Authority;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.runtime.LazyTimer;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One copy of a request, whose response nobody reads. Its body goes beside the request's and waits
 * up to the stream's buffer limit, over which the copy is given up; once all of it is here it has
 * the route's time, or Envoy's default for a route. It outlives the stream it was made of. Event
 * loop.
 */
final class Mirror implements StreamDecoder {
  /** Copies under way in one loop; further ones are not begun. */
  private static final int MOST = 1024;

  /** Of all their bodies, what waits to be sent: over it the one that has more is given up. */
  private static final long MOST_WAITING_BYTES = 16 << 20;

  private static final Duration TIME = Duration.ofSeconds(15);
  private static final String SUFFIX = "-shadow";

  private final RouterParts parts;
  private final LiveCluster cluster;
  private final LazyTimer timer;
  private final long nanos;
  private @Nullable AsyncStream stream;
  private long waitingBytes;
  private boolean complete;
  private boolean over;

  private Mirror(RouterParts parts, LiveCluster cluster, Duration timeout) {
    this.parts = parts;
    this.cluster = cluster;
    this.nanos = (timeout.isZero() ? TIME : timeout).toNanos();
    this.timer = new LazyTimer(parts.pools().loop(), this::giveUp);
  }

  /** Null if it is over already. */
  static @Nullable Mirror start(
      TerminalContext context,
      RouterParts parts,
      RouteAction.Mirror policy,
      Duration timeout,
      Headers request,
      boolean endStream) {
    LiveCluster cluster = parts.clusters().get(policy.cluster());
    if (cluster == null) {
      return null;
    }
    Mirror mirror = new Mirror(parts, cluster, timeout);
    if (parts.mirrors().underWay >= MOST) {
      parts.pools().slab().inc(cluster.stats().mirrorGivenUp);
      return null;
    }
    mirror.begin(context, policy, request, endStream);
    return mirror.over ? null : mirror;
  }

  private void begin(
      TerminalContext context, RouteAction.Mirror policy, Headers request, boolean endStream) {
    parts.mirrors().underWay++;
    parts.pools().slab().inc(cluster.stats().mirrorSent);
    Headers head = request.copy();
    if (policy.shadowHost() && head.hasAuthority()) {
      head.authority(shadow(head.authority()));
    }
    AsyncStream begun =
        new AsyncClient(parts.clusters(), parts.pools())
            .start(
                policy.cluster(),
                context.connection().protocol(),
                head,
                endStream,
                new AsyncClient.Options(Duration.ZERO, 2, context.bufferLimit()),
                this);
    if (!over) {
      stream = begun;
      if (endStream) {
        complete();
      }
    }
  }

  /** {@code app-shadow:8080}, as Envoy's. */
  static String shadow(String authority) {
    int port = Authority.portStart(authority);
    return authority.substring(0, port) + SUFFIX + authority.substring(port);
  }

  /** {@code data} stays the caller's. */
  void send(ByteBuf data, boolean endStream) {
    AsyncStream current = stream;
    if (!over && current != null) {
      current.sendData(data.retainedDuplicate(), endStream);
      waits(current.waitingBytes());
      if (parts.mirrors().waitingBytes > MOST_WAITING_BYTES && waitingBytes > 0) {
        giveUp();
      } else if (endStream) {
        complete();
      }
    }
  }

  private void waits(long bytes) {
    if (!over) {
      parts.mirrors().waitingBytes += bytes - waitingBytes;
      waitingBytes = bytes;
    }
  }

  void sendTrailers(Headers trailers) {
    AsyncStream current = stream;
    if (!over && current != null) {
      current.sendTrailers(trailers.copy());
      complete();
    }
  }

  private void complete() {
    complete = true;
    if (!over) {
      timer.set(parts.pools().loop().nanoTime() + nanos);
    }
  }

  void requestOver() {
    if (!complete) {
      giveUp();
    }
  }

  private void giveUp() {
    AsyncStream current = stream;
    if (!over && current != null) {
      current.cancel();
      failed();
    }
  }

  private void failed() {
    parts.pools().slab().inc(cluster.stats().mirrorGivenUp);
    end();
  }

  private void end() {
    if (!over) {
      waits(0);
      over = true;
      parts.mirrors().underWay--;
      timer.cancel();
    }
  }

  // ---- the response, which is dropped

  @Override
  public void informational(Headers headers) {}

  @Override
  public void headers(Headers headers, boolean endStream) {
    if (endStream) {
      end();
    }
  }

  @Override
  public void data(ByteBuf data, boolean endStream) {
    data.release();
    if (endStream) {
      end();
    }
  }

  @Override
  public void trailers(Headers trailers) {
    end();
  }

  @Override
  public void reset(ResetReason reason, String details) {
    if (!over) {
      failed();
    }
  }

  @Override
  public void writable(boolean writable) {}
}
