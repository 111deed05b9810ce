package dev.weir.sidecar.client;

import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.config.route.RouteAction.Priority;
import dev.weir.sidecar.http.BodyParts;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.pool.Pools;
import dev.weir.sidecar.runtime.LazyTimer;
import dev.weir.sidecar.upstream.UpstreamRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One request of our own. Event loop of the client. */
public final class AsyncStream implements UpstreamRequest.Listener {
  private final Pools pools;
  private final ClusterManager clusters;
  private final String clusterName;
  private final Protocol protocol;
  private final Headers request;
  private final boolean headersOnly;
  private final AsyncClient.Options options;
  private final StreamDecoder decoder;
  private final LazyTimer timer;
  private final List<Host> tried = new ArrayList<>(1);
  private final BodyParts waiting = new BodyParts();
  private boolean waitingEnd;
  private @Nullable Headers waitingTrailers;
  private @Nullable UpstreamRequest attempt;
  private boolean connected;
  private boolean full;
  private boolean over;

  AsyncStream(
      Pools pools,
      ClusterManager clusters,
      String clusterName,
      Protocol protocol,
      Headers request,
      boolean headersOnly,
      AsyncClient.Options options,
      StreamDecoder decoder) {
    this.pools = pools;
    this.clusters = clusters;
    this.clusterName = clusterName;
    this.protocol = protocol;
    this.request = request;
    this.headersOnly = headersOnly;
    this.options = options;
    this.decoder = decoder;
    this.timer = new LazyTimer(pools.loop(), this::timedOut);
  }

  void start() {
    if (!options.timeout().isZero()) {
      timer.set(pools.loop().nanoTime() + options.timeout().toNanos());
    }
    tryNext();
  }

  private void tryNext() {
    LiveCluster cluster = clusters.get(clusterName);
    if (cluster == null) {
      fail(ResetReason.CONNECT_FAILURE, "there is no cluster " + clusterName);
      return;
    }
    Host host =
        cluster.choose(pools.loop(), pools.slab(), any -> false, tried::contains, tried.size());
    if (host == null) {
      fail(ResetReason.CONNECT_FAILURE, "cluster " + clusterName + " has no healthy host");
      return;
    }
    tried.add(host);
    UpstreamRequest next =
        new UpstreamRequest(
            this, pools, cluster, host, cluster.resources(Priority.DEFAULT), protocol);
    attempt = next;
    next.start(request.copy(), headersOnly);
  }

  private void timedOut() {
    UpstreamRequest current = attempt;
    if (current != null) {
      current.cluster().reportFailure(current.host());
      current.cancel();
    }
    fail(ResetReason.LOCAL_RESET, "no answer within " + options.timeout().toMillis() + " ms");
  }

  // ---- the request

  /**
   * Sends a part of the body; takes {@code data} over. What cannot be sent yet waits, up to the
   * bound; over it the request fails.
   */
  public void sendData(ByteBuf data, boolean endStream) {
    if (over) {
      data.release();
      return;
    }
    waitingEnd |= endStream;
    if (connected && !full && waiting.isEmpty()) {
      current().sendData(data, endStream);
      return;
    }
    waiting.add(data);
    data.release();
    if (waiting.size() > options.mostWaiting()) {
      cancelAttempt();
      fail(
          ResetReason.OVERFLOW,
          "more than " + options.mostWaiting() + " bytes wait to be sent; the peer does not read");
    }
  }

  /** Bytes of the body that wait to be sent. */
  public long waitingBytes() {
    return waiting.size();
  }

  /** Whether the next part of the body is sent at once. */
  public boolean writable() {
    return !over && connected && !full && waiting.isEmpty();
  }

  /** Ends the request, behind what waits. */
  public void sendTrailers(Headers trailers) {
    if (!over) {
      waitingTrailers = trailers;
      flush();
    }
  }

  private UpstreamRequest current() {
    return java.util.Objects.requireNonNull(attempt);
  }

  private void flush() {
    while (!over && connected && !full && !waiting.isEmpty()) {
      ByteBuf part = java.util.Objects.requireNonNull(waiting.poll());
      current().sendData(part, waitingEnd && waiting.isEmpty());
    }
    Headers trailers = waitingTrailers;
    if (!over && connected && trailers != null && waiting.isEmpty()) {
      waitingTrailers = null;
      current().sendTrailers(trailers);
    }
  }

  public void readDisable(boolean disable) {
    UpstreamRequest current = attempt;
    if (current != null && !over) {
      current.readDisable(disable);
    }
  }

  /** Gives the request up; the decoder hears nothing more. */
  public void cancel() {
    if (!over) {
      cancelAttempt();
      over();
    }
  }

  private void cancelAttempt() {
    UpstreamRequest current = attempt;
    attempt = null;
    if (current != null) {
      current.cancel();
    }
  }

  // ---- the way up

  @Override
  public void connected(UpstreamRequest from) {
    connected = true;
    if (waitingEnd && waiting.isEmpty() && !headersOnly) {
      from.sendData(Unpooled.EMPTY_BUFFER, true);
    } else {
      flush();
    }
    tellWritable();
  }

  @Override
  public void upstreamWritable(boolean writable) {
    full = !writable;
    flush();
    tellWritable();
  }

  private void tellWritable() {
    if (writable()) {
      decoder.writable(true);
    }
  }

  // ---- the response, to the decoder unless given up

  @Override
  public void informational(UpstreamRequest from, Headers headers) {
    decoder.informational(headers);
  }

  @Override
  public void responseHeaders(UpstreamRequest from, Headers headers, boolean endStream) {
    from.cluster().reportResponse(from.host(), headers.status());
    if (endStream) {
      over();
    }
    decoder.headers(headers, endStream);
  }

  @Override
  public void responseData(UpstreamRequest from, ByteBuf data, boolean endStream) {
    if (endStream) {
      over();
    }
    decoder.data(data, endStream);
  }

  @Override
  public void responseTrailers(UpstreamRequest from, Headers trailers) {
    over();
    decoder.trailers(trailers);
  }

  @Override
  public void failed(UpstreamRequest from, ResetReason reason, String details) {
    attempt = null;
    boolean untouched =
        reason == ResetReason.CONNECT_FAILURE || reason == ResetReason.CONNECT_TIMEOUT;
    if (reason != ResetReason.OVERFLOW) {
      from.cluster().reportFailure(from.host());
    }
    if (untouched
        && tried.size() <= options.otherHosts()
        && tried.size() < from.cluster().hosts().all().size()) {
      tryNext();
    } else {
      fail(reason, details);
    }
  }

  @Override
  public void incident(UpstreamRequest from, Throwable mistake) {
    pools.loop().incidents().report("a request of our own", mistake);
    from.cancel();
    if (!over) {
      over();
      decoder.reset(ResetReason.LOCAL_RESET, "internal error");
    }
  }

  private void fail(ResetReason reason, String details) {
    if (!over) {
      over();
      decoder.reset(reason, details);
    }
  }

  /** The response has ended, or there will be none: what is left belongs to nobody. */
  private void over() {
    over = true;
    timer.cancel();
    waiting.release();
  }
}
