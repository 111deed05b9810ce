package dev.weir.sidecar.manager;

import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.filter.FilterChain;
import dev.weir.sidecar.filter.FilterState;
import dev.weir.sidecar.filter.StreamTimer;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.filter.TerminalFilter;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.Grpc;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
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
import dev.weir.sidecar.telemetry.StreamObserver;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response: from the codec through the filters to the router, and back.
 *
 * <p>It is OPEN until a response's head goes out, ANSWERED until its end, then ENDED: what comes
 * after that is dropped. Each way in, from the codec, from a timer and from the router, is a
 * barrier for the program's own mistakes: one ends this stream, with 500 while it is OPEN and with
 * a reset later, and nothing else.
 */
final class ActiveStream implements ServerStream, TerminalContext, FilterChain.Ends {
  private enum State {
    OPEN,
    ANSWERED,
    ENDED
  }

  private static final String WHERE = "a stream";

  private final HttpChain chain;
  private final ServerConnection connection;
  private final StreamEncoder encoder;
  private final ManagerStats stats;
  private final int[] rqOfPeer;
  private final StatSlab slab;
  private final StreamInfo info;
  private final FilterChain filters;
  private final StreamTimers timers;
  private final TerminalFilter router;
  private final long idleNanos;

  private State state = State.OPEN;
  private @Nullable RouteEntry route;
  private RouteEntry.@Nullable Choice choice;
  private @Nullable FilterState filterState;
  private long idleAt = LazyTimer.NEVER;
  private long idleLimit;
  private boolean requestEnded;
  private boolean readsPausedByRouter;

  /** The answer is ours: the router has nothing to say any more. */
  private boolean routerOver;

  private boolean broken;

  /** RFC 8441: to this client any 2xx says that the tunnel is open. */
  private boolean extendedConnect;

  ActiveStream(
      HttpChain chain,
      ServerConnection connection,
      StreamEncoder encoder,
      ManagerStats stats,
      int[] rqOfPeer,
      StatSlab slab) {
    this.chain = chain;
    this.connection = connection;
    this.encoder = encoder;
    this.stats = stats;
    this.rqOfPeer = rqOfPeer;
    this.slab = slab;
    this.info = new StreamInfo(connection);
    info.chain = chain.name();
    info.tracing = chain.config().tracing().orElse(null);
    this.timers = new StreamTimers(connection);
    this.router = chain.router().apply(this);
    this.filters = new FilterChain(this, chain.bufferLimit(), loop().incidents());
    this.idleNanos = chain.config().timeouts().streamIdle().toNanos();
    stats.begun(slab);
  }

  /** A request that never became a stream, for those who tell of it. */
  static void logMalformed(
      HttpChain chain, ServerConnection connection, int status, String details) {
    StreamInfo info = new StreamInfo(connection);
    info.chain = chain.name();
    info.status = status;
    info.details = details;
    info.cause = Cause.of(Cause.MALFORMED_REQUEST);
    if (status != 408) { // what does not come in time breaks no rule
      info.flag(ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR);
    }
    info.endNanos = connection.loop().nanoTime();
    StreamObserver.tell(chain.observers(), info, connection.loop());
  }

  // ---- from the codec: the request

  @Override
  public void headers(Headers headers, boolean endStream) {
    try {
      begin(headers, endStream);
    } catch (Throwable mistake) {
      incident(mistake);
    }
  }

  private void begin(Headers headers, boolean endStream) {
    requestEnded = endStream;
    info.requestEndNanos = endStream ? info.startNanos : 0;
    extendedConnect = connection.protocol() == Protocol.HTTP2 && headers.has(HeaderName.UPGRADE);
    info.request = headers;
    HttpConnectionManager config = chain.config();
    RequestHygiene.apply(config, connection, headers);
    long wholeRequest = config.timeouts().request().toNanos();
    if (wholeRequest > 0 && !endStream) {
      newTimer(this::requestNotComplete).set(info.startNanos + wholeRequest);
    }
    PathNormalizer.Outcome path =
        RequestHygiene.touchesPath(config.path())
            ? PathNormalizer.apply(config.path(), headers)
            : PathNormalizer.Outcome.PASS;
    RouteEntry entry = path == PathNormalizer.Outcome.PASS ? chain.routes().match(headers) : null;
    route = entry;
    if (entry != null) {
      RouteEntry.Choice chosen = entry.choose(loop().random());
      choice = chosen;
      if (entry.action() instanceof RouteAction.Forward) {
        info.cluster = chosen.cluster(); // whoever refuses it, that is where it was going
      }
      info.routeName = entry.name();
      info.virtualHost = entry.virtualHostName();
    }
    idleLimit = idleNanos(entry);
    if (idleLimit > 0) {
      idleAt = info.startNanos + idleLimit;
      connection.wakeAt(idleAt);
    }
    if (path != PathNormalizer.Outcome.PASS) {
      answerEscapedSlashes(path, headers);
      return;
    }
    boolean end = endStream;
    if (headers.has(HeaderName.UPGRADE) && !chain.mayUpgrade(headers, entry)) {
      if (extendedConnect && entry != null && !(entry.action() instanceof RouteAction.Redirect)) {
        localReply(LocalReplies.UPGRADE_NOT_ALLOWED);
        return;
      }
      headers.remove(HeaderName.UPGRADE); // who is asked may decline, RFC 9110 7.8
      end = true;
      requestEnded = true;
    }
    if (chain.traceStart().isPresent()) {
      chain.traceStart().get().begin(headers, info, loop().random());
    }
    filters.start(chain.newFilters(this, choice));
    filters.requestHeaders(headers, end);
  }

  /** As Envoy's conn_manager_impl.cc: a client of gRPC does not follow redirects. */
  private void answerEscapedSlashes(PathNormalizer.Outcome outcome, Headers headers) {
    if (outcome == PathNormalizer.Outcome.REDIRECT && !Grpc.is(headers)) {
      slab.inc(stats.rqRedirectedWithNormalizedPath);
      localReply(LocalReplies.normalized(headers));
    } else {
      slab.inc(stats.rqFailedPathNormalization);
      localReply(LocalReplies.ESCAPED_SLASHES);
    }
  }

  private long idleNanos(@Nullable RouteEntry entry) {
    if (entry != null
        && entry.action() instanceof RouteAction.Forward forward
        && forward.timeouts().idle().isPresent()) {
      return forward.timeouts().idle().get().toNanos();
    }
    return idleNanos;
  }

  @Override
  public void data(ByteBuf data, boolean endStream) {
    if (state == State.ENDED) {
      data.release();
      return;
    }
    try {
      info.bytesReceived += data.readableBytes();
      long now = progress();
      if (endStream) {
        requestEnds(now);
      }
      filters.requestData(data, endStream);
    } catch (Throwable mistake) {
      incident(mistake);
    }
  }

  @Override
  public void trailers(Headers trailers) {
    if (state == State.ENDED) {
      return;
    }
    try {
      requestEnds(progress());
      filters.requestTrailers(trailers);
    } catch (Throwable mistake) {
      incident(mistake);
    }
  }

  private void requestEnds(long now) {
    requestEnded = true;
    info.requestEndNanos = now;
  }

  @Override
  public void reset(ResetReason reason, String details) {
    if (state != State.ENDED) {
      slab.inc(stats.rqRxReset);
      endWithout(
          reason == ResetReason.PROTOCOL_ERROR
              ? ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR
              : ResponseFlag.DOWNSTREAM_CONNECTION_TERMINATION,
          details);
    }
  }

  @Override
  public void malformed(int status, String details) {
    if (state == State.ENDED) {
      return;
    }
    info.cause = Cause.of(Cause.MALFORMED_REQUEST);
    if (state == State.OPEN) {
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
    if (state == State.ENDED) {
      return;
    }
    try {
      router.downstreamWritable(writable && !filters.responseFull());
    } catch (Throwable mistake) {
      incident(mistake);
    }
  }

  /** When it is. */
  private long progress() {
    long now = loop().nanoTime();
    if (idleLimit > 0) {
      idleAt = now + idleLimit;
    }
    return now;
  }

  @Override
  public long deadline(long now) {
    if (state == State.ENDED) {
      return LazyTimer.NEVER;
    }
    try {
      if (idleAt != LazyTimer.NEVER && now - idleAt >= 0) {
        idleAt = LazyTimer.NEVER;
        idleExpired();
        return LazyTimer.NEVER;
      }
      long next = timers.run(now);
      return state == State.ENDED ? LazyTimer.NEVER : Math.min(next, idleAt);
    } catch (Throwable mistake) {
      incident(mistake);
      return LazyTimer.NEVER;
    }
  }

  private void idleExpired() {
    slab.inc(stats.rqIdleTimeout);
    if (state == State.ANSWERED) {
      info.flag(ResponseFlag.STREAM_IDLE_TIMEOUT);
      info.cause = idle();
      resetResponse("stream_idle_timeout");
    } else {
      localReply(LocalReplies.idle(requestEnded ? 504 : 408, idle()));
    }
  }

  private Cause idle() {
    RouteEntry entry = route;
    String policy =
        entry != null
                && entry.action() instanceof RouteAction.Forward forward
                && forward.timeouts().idle().isPresent()
            ? entry.policies().timeouts()
            : "";
    return new Cause("stream-idle-timeout", policy, "", 0);
  }

  private void requestNotComplete() {
    if (!requestEnded) {
      slab.inc(stats.rqTimeout);
      localReply(LocalReplies.SLOW_REQUEST);
    }
  }

  // ---- from the router: the response

  @Override
  public void informational(Headers headers) {
    if (state == State.OPEN && !routerOver) {
      try {
        filters.informational(headers);
      } catch (Throwable mistake) {
        incident(mistake);
      }
    }
  }

  @Override
  public void responseHeaders(Headers headers, boolean endStream) {
    if (state == State.OPEN && !routerOver) {
      try {
        filters.responseHeaders(headers, endStream);
      } catch (Throwable mistake) {
        incident(mistake);
      }
    }
  }

  @Override
  public void responseData(ByteBuf data, boolean endStream) {
    if (state == State.ENDED || routerOver) {
      data.release();
      return;
    }
    try {
      filters.responseData(data, endStream);
    } catch (Throwable mistake) {
      incident(mistake);
    }
  }

  @Override
  public void responseTrailers(Headers trailers) {
    if (state != State.ENDED && !routerOver) {
      try {
        filters.responseTrailers(trailers);
      } catch (Throwable mistake) {
        incident(mistake);
      }
    }
  }

  @Override
  public void resetResponse(String details) {
    if (state != State.ENDED) {
      info.details = details;
      finish();
      encoder.reset(ResetReason.LOCAL_RESET);
    }
  }

  // ---- answers of our own

  @Override
  public void localReply(Verdict.LocalReply reply) {
    switch (state) {
      case ENDED -> {}
      case ANSWERED -> {
        if (info.cause == null) {
          info.cause = reply.cause();
        }
        resetResponse(reply.details());
      }
      case OPEN -> {
        if (reply.flag() != null) {
          info.flag(reply.flag());
        }
        if (reply.cause() != null && info.cause == null) {
          info.cause = reply.cause();
        }
        info.details = reply.details();
        endRouter();
        boolean past = filters.responseBegun();
        filters.replace();
        LocalReplyWriter.Answer answer = LocalReplyWriter.answer(info, reply);
        if (past) {
          responsePassed(answer.headers(), !answer.hasBody());
        } else {
          filters.responseHeaders(answer.headers(), !answer.hasBody());
        }
        if (!answer.hasBody() || state == State.ENDED) {
          return;
        }
        if (past) {
          responseDataPassed(answer.body(), true);
        } else {
          filters.responseData(answer.body(), true);
        }
      }
    }
  }

  private void endRouter() {
    if (!routerOver) {
      routerOver = true;
      try {
        router.destroy();
      } catch (Throwable mistake) {
        loop().incidents().report("the end of a router", mistake);
      }
    }
  }

  /**
   * Ends the stream for a mistake of ours: past the filters, whose mistake it may be, and without
   * another try.
   */
  @Override
  public void incident(Throwable mistake) {
    loop().incidents().report(WHERE, mistake);
    if (state == State.ENDED) {
      return;
    }
    boolean again = broken;
    broken = true;
    info.flag(ResponseFlag.LOCAL_RESET);
    try {
      if (state == State.OPEN && !again) {
        answerIncident();
      } else {
        info.cause = Cause.of(Cause.INTERNAL_ERROR);
        resetResponse("internal_error");
      }
    } catch (Throwable second) {
      loop().incidents().report(WHERE, second);
      state = State.ENDED;
      encoder.reset(ResetReason.LOCAL_RESET);
    }
  }

  private void answerIncident() {
    info.cause = LocalReplies.INTERNAL_ERROR.cause();
    info.details = LocalReplies.INTERNAL_ERROR.details();
    endRouter();
    filters.destroy();
    route = null; // its rules for responses may be what failed
    LocalReplyWriter.Answer answer = LocalReplyWriter.answer(info, LocalReplies.INTERNAL_ERROR);
    responsePassed(answer.headers(), !answer.hasBody());
    if (answer.hasBody()) {
      responseDataPassed(answer.body(), true);
    }
  }

  // ---- past the filters: to the router

  @Override
  public void requestPassed(Headers headers, boolean endStream) {
    if (!routerOver) {
      router.requestHeaders(headers, endStream);
    }
  }

  @Override
  public void requestDataPassed(ByteBuf data, boolean endStream) {
    if (routerOver) {
      data.release();
    } else {
      router.requestData(data, endStream);
    }
  }

  @Override
  public void requestTrailersPassed(Headers trailers) {
    if (!routerOver) {
      router.requestTrailers(trailers);
    }
  }

  // ---- past the filters: to the codec

  /**
   * A request has none. To a client that does not read it is not sent: nothing bounds how many
   * come, and the one that matters is the response.
   */
  @Override
  public void informationalPassed(Headers headers) {
    if (state == State.OPEN && encoder.writable()) {
      headers.remove(HeaderName.CONTENT_LENGTH); // RFC 9110 8.6
      encoder.informational(headers);
    }
  }

  @Override
  public void responsePassed(Headers headers, boolean endStream) {
    if (extendedConnect && headers.status() / 100 == 2) { // an app that does agree says 101
      localReply(LocalReplies.UPGRADE_DECLINED);
      return;
    }
    info.response = headers;
    info.status = headers.status();
    RouteEntry entry = route;
    if (entry != null) {
      entry.mutateResponse(headers, info);
    }
    ResponseHygiene.apply(chain.config(), connection, info.request, headers);
    state = State.ANSWERED; // a mistake before is answered
    info.responseNanos = progress();
    if (endStream) {
      finishAnswered();
    }
    encoder.headers(headers, endStream);
  }

  @Override
  public void responseDataPassed(ByteBuf data, boolean endStream) {
    info.bytesSent += data.readableBytes();
    progress();
    if (endStream) {
      finishAnswered();
    }
    encoder.data(data, endStream);
  }

  @Override
  public void responseTrailersPassed(Headers trailers) {
    info.trailers = trailers;
    finishAnswered();
    encoder.trailers(trailers);
  }

  private void finishAnswered() {
    info.responseWhole = true;
    finish();
  }

  private void finish() {
    state = State.ENDED;
    idleAt = LazyTimer.NEVER;
    timers.clear();
    info.endNanos = loop().nanoTime();
    stats.ended(info, rqOfPeer, slab);
    filters.destroy();
    endRouter();
    StreamObserver.tell(chain.observers(), info, loop());
  }

  // ---- what waits in the filters

  @Override
  public void requestFull(boolean full) {
    encoder.readDisable(full || readsPausedByRouter);
  }

  @Override
  public void responseFull(boolean full) {
    if (!routerOver) {
      router.downstreamWritable(!full && encoder.writable());
    }
  }

  @Override
  public void tooLarge(boolean request) {
    slab.inc(stats.rqTooLarge);
    localReply(request ? LocalReplies.REQUEST_TOO_LARGE : LocalReplies.RESPONSE_TOO_LARGE);
  }

  // ---- facts and services for filters

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
  public RouteEntry.@Nullable Choice choice() {
    return choice;
  }

  @Override
  public @Nullable Object routeConfig() {
    RouteEntry.Choice chosen = choice;
    return chosen == null ? null : chosen.filterConfig(chain.filters().size());
  }

  @Override
  public FilterState filterState() {
    FilterState shared = filterState;
    if (shared == null) {
      shared = new FilterState();
      filterState = shared;
    }
    return shared;
  }

  @Override
  public int bufferLimit() {
    return chain.bufferLimit();
  }

  @Override
  public void resumeRequest() {
    try {
      filters.resumeRequest();
    } catch (Throwable mistake) {
      incident(mistake);
    }
  }

  @Override
  public void resumeResponse() {
    try {
      filters.resumeResponse();
    } catch (Throwable mistake) {
      incident(mistake);
    }
  }

  @Override
  public StreamTimer newTimer(Runnable expired) {
    return timers.add(expired);
  }

  @Override
  public void requestReadDisable(boolean disable) {
    readsPausedByRouter = disable;
    if (state != State.ENDED) {
      encoder.readDisable(disable || filters.requestFull());
    }
  }

  @Override
  public boolean downstreamWritable() {
    return encoder.writable();
  }
}
