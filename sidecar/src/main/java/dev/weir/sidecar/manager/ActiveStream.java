package dev.weir.sidecar.manager;

import dev.weir.sidecar.accesslog.AccessLogger;
import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.filter.FilterState;
import dev.weir.sidecar.filter.StreamContext;
import dev.weir.sidecar.filter.StreamTimer;
import dev.weir.sidecar.filter.TerminalFilter;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.ServerStream;
import dev.weir.sidecar.http.StreamEncoder;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.route.RouteEntry;
import dev.weir.sidecar.runtime.LazyTimer;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.stats.StatSlab;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One request and its response: from the codec through the filters to the router, and back. */
final class ActiveStream implements ServerStream, StreamContext {
  private final HttpChain chain;
  private final ServerConnection connection;
  private final StreamEncoder encoder;
  private final ManagerStats stats;
  private final StatSlab slab;
  private final StreamInfo info;
  private final FilterChain filters;
  private final StreamTimers timers;
  private final TerminalFilter router;
  private final long idleNanos;

  private @Nullable RouteEntry route;
  private @Nullable FilterState filterState;
  private long idleAt = LazyTimer.NEVER;
  private long idleLimit;
  private boolean requestEnded;
  private boolean responseStarted;
  private boolean finished;
  private boolean tooLarge;
  private boolean readsPausedByRouter;

  ActiveStream(
      HttpChain chain,
      ServerConnection connection,
      StreamEncoder encoder,
      ManagerStats stats,
      StatSlab slab) {
    this.chain = chain;
    this.connection = connection;
    this.encoder = encoder;
    this.stats = stats;
    this.slab = slab;
    this.info = new StreamInfo(connection);
    this.timers = new StreamTimers(connection);
    this.router = chain.router().apply(this);
    this.filters = new FilterChain(this, chain.filters(), router, chain.bufferLimit());
    this.idleNanos = chain.config().timeouts().streamIdle().toNanos();
    slab.inc(stats.rqTotal);
    slab.inc(stats.rqActive);
  }

  /** A request that never became a stream, for the access log. */
  static void logMalformed(
      HttpChain chain, ServerConnection connection, int status, String details) {
    StreamInfo info = new StreamInfo(connection);
    info.status = status;
    info.details = details;
    info.flag(ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR);
    info.endNanos = connection.loop().nanoTime();
    for (AccessLogger log : chain.accessLogs()) {
      log.log(info, connection.loop());
    }
  }

  // ---- from the codec: the request

  @Override
  public void headers(Headers headers, boolean endStream) {
    requestEnded = endStream;
    info.request = headers;
    HttpConnectionManager config = chain.config();
    RequestHygiene.apply(config, connection, headers);
    long wholeRequest = config.timeouts().request().toNanos();
    if (wholeRequest > 0 && !endStream) {
      newTimer(this::requestNotComplete).set(info.startNanos + wholeRequest);
    }
    boolean pathFine =
        !RequestHygiene.touchesPath(config.path()) || PathNormalizer.apply(config.path(), headers);
    RouteEntry entry = pathFine ? chain.routes().match(headers) : null;
    route = entry;
    if (entry != null) {
      info.routeName = entry.name();
      info.virtualHost = entry.virtualHostName();
    }
    idleLimit = idleNanos(entry);
    if (idleLimit > 0) {
      idleAt = info.startNanos + idleLimit;
      connection.wakeAt(idleAt);
    }
    if (!pathFine) {
      localReply(
          Verdict.LocalReply.of(400, "escaped slashes in the path", "path_normalization_failed"));
      return;
    }
    filters.start(entry);
    filters.requestHeaders(headers, endStream);
  }

  private long idleNanos(@Nullable RouteEntry entry) {
    if (entry != null
        && entry.action() instanceof dev.weir.sidecar.config.route.RouteAction.Forward forward
        && forward.timeouts().idle().isPresent()) {
      return forward.timeouts().idle().get().toNanos();
    }
    return idleNanos;
  }

  @Override
  public void data(ByteBuf data, boolean endStream) {
    if (finished) {
      data.release();
      return;
    }
    info.bytesReceived += data.readableBytes();
    requestEnded |= endStream;
    progress();
    filters.requestData(data, endStream);
  }

  @Override
  public void trailers(Headers trailers) {
    if (finished) {
      return;
    }
    requestEnded = true;
    progress();
    filters.requestTrailers(trailers);
  }

  @Override
  public void reset(ResetReason reason, String details) {
    if (finished) {
      return;
    }
    slab.inc(stats.rqRxReset);
    endWithout(
        reason == ResetReason.PROTOCOL_ERROR
            ? ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR
            : ResponseFlag.DOWNSTREAM_CONNECTION_TERMINATION,
        details);
  }

  @Override
  public void malformed(int status, String details) {
    if (finished) {
      return;
    }
    if (!responseStarted) {
      info.status = status;
    }
    slab.inc(stats.cxProtocolError);
    endWithout(ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR, details);
  }

  /** The response, or what is missing of it, has nobody to go to. */
  private void endWithout(ResponseFlag flag, String details) {
    info.flag(flag);
    info.details = details;
    finish();
  }

  @Override
  public void writable(boolean writable) {
    if (!finished) {
      router.downstreamWritable(writable && !filters.responseFull());
    }
  }

  private void progress() {
    if (idleLimit > 0) {
      idleAt = connection.loop().nanoTime() + idleLimit;
    }
  }

  @Override
  public long deadline(long now) {
    if (finished) {
      return LazyTimer.NEVER;
    }
    if (idleAt != LazyTimer.NEVER && now - idleAt >= 0) {
      idleAt = LazyTimer.NEVER;
      idleExpired();
      return LazyTimer.NEVER;
    }
    long next = timers.run(now);
    return finished ? LazyTimer.NEVER : Math.min(next, idleAt);
  }

  private void idleExpired() {
    slab.inc(stats.rqIdleTimeout);
    if (responseStarted) {
      info.flag(ResponseFlag.STREAM_IDLE_TIMEOUT);
      resetResponse("stream_idle_timeout");
    } else {
      int status = requestEnded ? 504 : 408;
      localReply(
          new Verdict.LocalReply(
              status,
              "stream timeout",
              "stream_idle_timeout",
              ResponseFlag.STREAM_IDLE_TIMEOUT,
              Cause.of("stream-idle-timeout"),
              null));
    }
  }

  private void requestNotComplete() {
    if (!requestEnded) {
      slab.inc(stats.rqTimeout);
      if (responseStarted) {
        resetResponse("request_overall_timeout");
      } else {
        localReply(Verdict.LocalReply.of(408, "request timeout", "request_overall_timeout"));
      }
    }
  }

  // ---- from the router and the filters: the response

  /**
   * A 1xx response from the router; a request has none. To a client that does not read it is not
   * sent: nothing bounds how many come, and the one that matters is the response.
   */
  @Override
  public void informational(Headers headers) {
    if (!finished && !responseStarted && encoder.writable()) {
      headers.remove(HeaderName.CONTENT_LENGTH); // RFC 9110 8.6
      encoder.informational(headers);
    }
  }

  @Override
  public void responseHeaders(Headers headers, boolean endStream) {
    if (!finished && !responseStarted) {
      filters.responseHeaders(headers, endStream);
    }
  }

  @Override
  public void responseData(ByteBuf data, boolean endStream) {
    if (finished) {
      data.release();
    } else {
      filters.responseData(data, endStream);
    }
  }

  @Override
  public void responseTrailers(Headers trailers) {
    if (!finished) {
      filters.responseTrailers(trailers);
    }
  }

  @Override
  public void resetResponse(String details) {
    if (finished) {
      return;
    }
    info.details = details;
    finish();
    encoder.reset(ResetReason.LOCAL_RESET);
  }

  @Override
  public void localReply(Verdict.LocalReply reply) {
    if (finished || responseStarted) {
      return;
    }
    if (reply.flag() != null) {
      info.flag(reply.flag());
    }
    if (reply.cause() != null && info.cause == null) {
      info.cause = reply.cause();
    }
    info.details = reply.details();
    LocalReplyWriter.write(this, filters, info, reply);
  }

  // ---- past the filters: to the codec

  void encodeHeaders(Headers headers, boolean endStream) {
    responseStarted = true;
    info.response = headers;
    info.status = headers.status();
    RouteEntry entry = route;
    if (entry != null) {
      entry.mutateResponse(headers, info);
    }
    ResponseHygiene.apply(chain.config(), connection, info.request, headers);
    progress();
    if (endStream) {
      finish();
    }
    encoder.headers(headers, endStream);
  }

  /** Takes {@code data} over. */
  void encodeData(ByteBuf data, boolean endStream) {
    info.bytesSent += data.readableBytes();
    progress();
    if (endStream) {
      finish();
    }
    encoder.data(data, endStream);
  }

  void encodeTrailers(Headers trailers) {
    finish();
    encoder.trailers(trailers);
  }

  private void finish() {
    finished = true;
    idleAt = LazyTimer.NEVER;
    timers.clear();
    info.endNanos = connection.loop().nanoTime();
    slab.dec(stats.rqActive);
    slab.inc(stats.rqCompleted);
    slab.record(stats.rqTime, (info.endNanos - info.startNanos) / 1_000_000);
    if (info.status > 0 && info.status < 600) {
      slab.inc(stats.rqByClass[info.status / 100]);
    }
    if ((info.flags & ResponseFlag.NO_ROUTE.bit()) != 0) {
      slab.inc(stats.noRoute);
    }
    if ((info.flags & ResponseFlag.NO_CLUSTER.bit()) != 0) {
      slab.inc(stats.noCluster);
    }
    filters.destroy();
    router.destroy();
    List<AccessLogger> logs = chain.accessLogs();
    for (int i = 0; i < logs.size(); i++) {
      logs.get(i).log(info, connection.loop());
    }
  }

  boolean finished() {
    return finished;
  }

  /** The filter chain holds as much as it may. */
  void chainFull(boolean full) {
    encoder.readDisable(full || readsPausedByRouter);
  }

  void tooLarge(boolean request) {
    slab.inc(stats.rqTooLarge);
    if (responseStarted || tooLarge) {
      resetResponse(request ? "request_payload_too_large" : "response_payload_too_large");
      return;
    }
    tooLarge = true; // the answer goes through the filters too, and must not end here again
    if (request) {
      localReply(Verdict.LocalReply.of(413, "Payload Too Large", "request_payload_too_large"));
    } else {
      router.destroy();
      localReply(Verdict.LocalReply.of(500, "Internal Server Error", "response_payload_too_large"));
    }
  }

  // ---- StreamContext

  @Override
  public Loop loop() {
    return connection.loop();
  }

  @Override
  public ServerConnection connection() {
    return connection;
  }

  @Override
  public StreamInfo info() {
    return info;
  }

  @Override
  public @Nullable RouteEntry route() {
    return route;
  }

  @Override
  public FilterState filterState() {
    FilterState state = filterState;
    if (state == null) {
      state = new FilterState();
      filterState = state;
    }
    return state;
  }

  @Override
  public int bufferLimit() {
    return chain.bufferLimit();
  }

  @Override
  public void resumeRequest() {
    if (!finished) {
      filters.resumeRequest();
    }
  }

  @Override
  public void resumeResponse() {
    if (!finished) {
      filters.resumeResponse();
    }
  }

  @Override
  public StreamTimer newTimer(Runnable expired) {
    return timers.add(expired);
  }

  @Override
  public void requestReadDisable(boolean disable) {
    readsPausedByRouter = disable;
    if (!finished) {
      encoder.readDisable(disable || filters.requestFull());
    }
  }

  @Override
  public boolean downstreamWritable() {
    return encoder.writable();
  }
}
