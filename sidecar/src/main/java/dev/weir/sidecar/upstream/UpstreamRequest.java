package dev.weir.sidecar.upstream;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.http.ClientConnection;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.http.StreamEncoder;
import dev.weir.sidecar.pool.Pending;
import dev.weir.sidecar.pool.Pools;
import dev.weir.sidecar.pool.StreamCallbacks;
import dev.weir.sidecar.runtime.LazyTimer;
import dev.weir.sidecar.transport.ServerName;
import dev.weir.sidecar.transport.TlsSession;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one way to make a call: it gets a connection to its host, writes the request as it is given,
 * and tells its listener what comes back. It counts for its cluster's statistics and thresholds.
 */
public final class UpstreamRequest implements StreamDecoder, StreamCallbacks {
  /**
   * Who makes the call. Calls stop with the end, with {@link #failed}, or with {@link
   * UpstreamRequest#cancel}.
   */
  public interface Listener {
    /** The request's head is out on a connection; its body may follow. */
    void connected(UpstreamRequest attempt);

    void informational(UpstreamRequest attempt, Headers headers);

    void responseHeaders(UpstreamRequest attempt, Headers headers, boolean endStream);

    /** {@code data} is the listener's to release. */
    void responseData(UpstreamRequest attempt, ByteBuf data, boolean endStream);

    void responseTrailers(UpstreamRequest attempt, Headers trailers);

    /** It ended without its end. */
    void failed(UpstreamRequest attempt, ResetReason reason, String details);

    /** The program made a mistake in this attempt; it is still to be cancelled. */
    void incident(UpstreamRequest attempt, Throwable mistake);

    /** What is written upstream piles up (false) or has drained (true). */
    void upstreamWritable(boolean writable);
  }

  /** A discarded response up to this size is read to its end. */
  private static final int WORTH_READING_OUT = 64 << 10;

  /** How long its end is waited for. */
  private static final long READING_OUT_NANOS = Duration.ofSeconds(1).toNanos();

  private final Listener listener;
  private final Pools pools;
  private final LiveCluster cluster;
  private final Host host;
  private final Resources resources;
  private final Protocol downstream;
  private @Nullable Headers head;
  private @Nullable Pending pending;
  private @Nullable StreamEncoder encoder;
  private @Nullable LazyTimer readOut;
  private boolean begun;
  private boolean sent;
  private boolean requestEnded;
  private boolean believed;
  private boolean upgrading;
  private boolean responded;
  private boolean over;
  private long startNanos;
  private @Nullable ClientConnection connection;

  /**
   * @param downstream what a cluster that uses the downstream's version is called with
   */
  public UpstreamRequest(
      Listener listener,
      Pools pools,
      LiveCluster cluster,
      Host host,
      Resources resources,
      Protocol downstream) {
    this.listener = listener;
    this.pools = pools;
    this.cluster = cluster;
    this.host = host;
    this.resources = resources;
    this.downstream = downstream;
  }

  /**
   * Asks for a connection; the listener may be told of it, or of the failure, before this returns.
   *
   * @param request read when there is a connection, not kept beyond that
   */
  public void start(Headers request, boolean endStream) {
    head = request;
    requestEnded = endStream;
    startNanos = pools.loop().nanoTime();
    if (!resources.beginRequest()) {
      over = true;
      pools.slab().inc(cluster.stats().rqPendingOverflow);
      listener.failed(this, ResetReason.OVERFLOW, "max_requests");
      return;
    }
    begun = true;
    host.active().incrementAndGet();
    pools.slab().inc(cluster.stats().rqTotal);
    pools.slab().inc(cluster.stats().rqActive);
    ServerName called = CalledName.of(cluster, host, request);
    Pending waiting = pools.newStream(cluster, host, called, downstream, resources, this, this);
    if (!over && encoder == null) {
      pending = waiting;
    }
  }

  public Host host() {
    return host;
  }

  public LiveCluster cluster() {
    return cluster;
  }

  /** The request's head has gone out on a connection. */
  public boolean sent() {
    return sent;
  }

  /** A sidecar answers, whose word on a failure counts; or whoever it is is on this machine. */
  public boolean believed() {
    return believed;
  }

  /** That it went out on; null while there is none. */
  public @Nullable ClientConnection connection() {
    return connection;
  }

  /** A response has begun. */
  public boolean responded() {
    return responded;
  }

  public long startNanos() {
    return startNanos;
  }

  // ---- the pool's answer

  @Override
  public boolean upgrade() {
    return head != null && head.has(HeaderName.UPGRADE);
  }

  @Override
  public void ready(StreamEncoder readyEncoder, ClientConnection connection) {
    try {
      onReady(readyEncoder, connection);
    } catch (Throwable mistake) {
      listener.incident(this, mistake);
    }
  }

  private void onReady(StreamEncoder readyEncoder, ClientConnection readyConnection) {
    pending = null;
    encoder = readyEncoder;
    connection = readyConnection;
    believed = TlsSession.believed(readyConnection.tls(), host.socketAddress());
    sent = true;
    Headers request = Objects.requireNonNull(head);
    head = null;
    upgrading = readyConnection.protocol() == Protocol.HTTP1 && request.has(HeaderName.UPGRADE);
    readyEncoder.headers(request, requestEnded);
    if (!over) {
      listener.connected(this);
    }
    if (!over && !requestEnded) {
      listener.upstreamWritable(readyEncoder.writable());
    }
  }

  @Override
  public void failed(ResetReason reason, String details) {
    try {
      onFailed(reason, details);
    } catch (Throwable mistake) {
      listener.incident(this, mistake);
    }
  }

  private void onFailed(ResetReason reason, String details) {
    pending = null;
    if (finish()) {
      listener.failed(this, reason, details);
    }
  }

  // ---- the request, as it comes

  /** Takes {@code data} over. After {@link Listener#connected} alone: before, it is dropped. */
  public void sendData(ByteBuf data, boolean endStream) {
    StreamEncoder current = encoder;
    if (current == null || over) {
      data.release();
    } else {
      requestEnded |= endStream;
      current.data(data, endStream);
    }
  }

  public void sendTrailers(Headers trailers) {
    StreamEncoder current = encoder;
    if (current != null && !over) {
      requestEnded = true;
      current.trailers(trailers);
    }
  }

  public void readDisable(boolean disable) {
    StreamEncoder current = encoder;
    if (current != null && !over) {
      current.readDisable(disable);
    }
  }

  /** Gives the attempt up; the listener hears nothing more. */
  public void cancel() {
    if (!finish()) {
      return;
    }
    Pending waiting = pending;
    if (waiting != null) {
      pending = null;
      waiting.cancel();
    }
    StreamEncoder current = encoder;
    if (current != null) {
      pools.slab().inc(cluster.stats().rqTxReset);
      current.reset(ResetReason.LOCAL_RESET);
    }
  }

  /**
   * Does without the response that has begun; the listener hears nothing more. A short one is read
   * to its end, so that its connection can be used again.
   */
  public void discard(Headers response, boolean endStream) {
    long length = response.contentLength();
    boolean small = length >= 0 && length <= WORTH_READING_OUT;
    if (!requestEnded || !endStream && !small) {
      cancel();
      return;
    }
    finish();
    if (!endStream) {
      readOut = new LazyTimer(pools.loop(), this::giveUpReading);
      readOut.set(pools.loop().nanoTime() + READING_OUT_NANOS);
    }
  }

  private void giveUpReading() {
    StreamEncoder current = encoder;
    if (current != null) {
      current.reset(ResetReason.LOCAL_RESET);
    }
  }

  /** A response that was discarded has ended: its connection may already be another's. */
  private void readOut() {
    if (readOut != null) {
      readOut.cancel();
    }
  }

  /** The response is complete. The rest of a request that is not has nobody to go to. */
  private boolean complete() {
    if (!finish()) {
      return false;
    }
    StreamEncoder current = encoder;
    if (!requestEnded && current != null) {
      current.reset(ResetReason.LOCAL_RESET);
    }
    return true;
  }

  private boolean finish() {
    if (over) {
      return false;
    }
    over = true;
    if (!begun) {
      return false; // a filter kept it: it has taken nothing yet
    }
    pools.slab().dec(cluster.stats().rqActive);
    host.active().decrementAndGet();
    resources.endRequest(); // last: it may have been what kept the cluster
    return true;
  }

  // ---- the response

  @Override
  public void informational(Headers headers) {
    try {
      onInformational(headers);
    } catch (Throwable mistake) {
      listener.incident(this, mistake);
    }
  }

  private void onInformational(Headers headers) {
    if (!over) {
      listener.informational(this, headers);
    }
  }

  @Override
  public void headers(Headers headers, boolean endStream) {
    try {
      onHeaders(headers, endStream);
    } catch (Throwable mistake) {
      listener.incident(this, mistake);
    }
  }

  private void onHeaders(Headers headers, boolean endStream) {
    if (over) {
      return;
    }
    responded = true;
    if (upgrading && headers.status() != 101) {
      requestEnded = true; // it was an ordinary request after all, and had no body
    }
    if (endStream) {
      complete();
    }
    listener.responseHeaders(this, headers, endStream);
  }

  @Override
  public void data(ByteBuf data, boolean endStream) {
    try {
      onData(data, endStream);
    } catch (Throwable mistake) {
      listener.incident(this, mistake);
    }
  }

  private void onData(ByteBuf data, boolean endStream) {
    if (over) {
      data.release();
      if (endStream) {
        readOut();
      }
      return;
    }
    if (endStream) {
      complete();
    }
    listener.responseData(this, data, endStream);
  }

  @Override
  public void trailers(Headers trailers) {
    try {
      onTrailers(trailers);
    } catch (Throwable mistake) {
      listener.incident(this, mistake);
    }
  }

  private void onTrailers(Headers trailers) {
    if (complete()) {
      listener.responseTrailers(this, trailers);
    } else {
      readOut();
    }
  }

  @Override
  public void reset(ResetReason reason, String details) {
    try {
      onReset(reason, details);
    } catch (Throwable mistake) {
      listener.incident(this, mistake);
    }
  }

  private void onReset(ResetReason reason, String details) {
    if (finish()) {
      pools.slab().inc(cluster.stats().rqRxReset);
      listener.failed(this, reason, details);
    } else {
      readOut();
    }
  }

  @Override
  public void writable(boolean writable) {
    try {
      onWritable(writable);
    } catch (Throwable mistake) {
      listener.incident(this, mistake);
    }
  }

  private void onWritable(boolean writable) {
    if (!over) {
      listener.upstreamWritable(writable);
    }
  }
}
