package dev.weir.sidecar.upstream;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.http.StreamEncoder;
import dev.weir.sidecar.pool.Pending;
import dev.weir.sidecar.pool.Pools;
import dev.weir.sidecar.pool.StreamCallbacks;
import dev.weir.sidecar.runtime.LazyTimer;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One attempt: it gets a connection to its host, writes the request, and tells its listener what
 * comes back.
 */
public final class UpstreamRequest implements StreamDecoder, StreamCallbacks {
  /**
   * The router. Calls stop with the end, with {@link #failed}, or with {@link
   * UpstreamRequest#cancel}.
   */
  public interface Listener {
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
  private final Headers request;
  private final @Nullable RequestBody body;
  private final Protocol downstream;
  private final boolean retry;

  private @Nullable Pending pending;
  private @Nullable StreamEncoder encoder;
  private @Nullable LazyTimer readOut;
  private boolean sent;
  private boolean requestEnded;
  private boolean responded;
  private boolean over;
  private long startNanos;

  /**
   * @param request not kept beyond the moment it is written
   * @param body null if the request has none
   * @param retry this is not the first attempt
   */
  public UpstreamRequest(
      Listener listener,
      Pools pools,
      LiveCluster cluster,
      Host host,
      Resources resources,
      Headers request,
      @Nullable RequestBody body,
      Protocol downstream,
      boolean retry) {
    this.listener = listener;
    this.pools = pools;
    this.cluster = cluster;
    this.host = host;
    this.resources = resources;
    this.request = request;
    this.body = body;
    this.downstream = downstream;
    this.retry = retry;
  }

  public void start() {
    startNanos = pools.loop().nanoTime();
    if (!resources.beginRequest()) {
      over = true;
      pools.slab().inc(cluster.stats().rqPendingOverflow);
      listener.failed(this, ResetReason.OVERFLOW, "max_requests");
      return;
    }
    host.active().incrementAndGet();
    pools.slab().inc(cluster.stats().rqTotal);
    pools.slab().inc(cluster.stats().rqActive);
    Pending waiting = pools.newStream(cluster, host, downstream, resources, this, this);
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

  public boolean retry() {
    return retry;
  }

  /** The request's head has gone out on a connection. */
  public boolean sent() {
    return sent;
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
  public void ready(StreamEncoder readyEncoder, Protocol protocol) {
    try {
      onReady(readyEncoder);
    } catch (Throwable mistake) {
      listener.incident(this, mistake);
    }
  }

  private void onReady(StreamEncoder readyEncoder) {
    pending = null;
    encoder = readyEncoder;
    sent = true;
    RequestBody sending = body;
    if (sending == null) {
      requestEnded = true;
      readyEncoder.headers(request, true);
      return;
    }
    // Before the head: writing it can fill the connection, whereupon the router lets the body go.
    List<ByteBuf> slices = sending.replay();
    Headers trailers = sending.trailers();
    boolean end = sending.ended() && trailers == null;
    requestEnded = sending.ended();
    readyEncoder.headers(request, false);
    for (int i = 0; i < slices.size(); i++) {
      if (over) {
        slices.get(i).release();
      } else {
        readyEncoder.data(slices.get(i), end && i == slices.size() - 1);
      }
    }
    if (over) {
      return;
    }
    if (trailers != null) {
      readyEncoder.trailers(trailers);
    } else if (end && slices.isEmpty()) {
      readyEncoder.data(io.netty.buffer.Unpooled.EMPTY_BUFFER, true);
    }
    listener.upstreamWritable(readyEncoder.writable());
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

  /**
   * Takes {@code data} over. Before the connection is there it is dropped: the replay body has it.
   */
  public void sendData(ByteBuf data, boolean endStream) {
    StreamEncoder current = encoder;
    if (current == null || over) {
      data.release();
    } else {
      requestEnded |= endStream;
      current.data(data, endStream);
    }
  }

  /** A connection is there, so data can be written without being kept. */
  public boolean connected() {
    return encoder != null;
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
    resources.endRequest();
    host.active().decrementAndGet();
    pools.slab().dec(cluster.stats().rqActive);
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
