package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.cluster.ClusterStats;
import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.cluster.RetryTokens;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.filter.UpstreamFilter;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.format.HeaderMutator;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.Grpc;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.route.CompiledRetry;
import dev.weir.sidecar.route.RouteEntry;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.upstream.RequestBody;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way to a cluster: it keeps the body while another {@link Attempt} may follow,
 * makes the attempts one after the other, and gives the response of the last one back. At any time
 * one attempt is under way, or a pause before the next, or the response has begun and there will be
 * no other; then the end.
 */
final class Forwarding {
  private static final String STOP = "stop";

  private final TerminalContext context;
  private final RouterParts parts;
  private final RouteEntry route;
  private final RouteEntry.Choice choice;
  private final RouteAction.Forward forward;
  private final LiveCluster cluster;
  private final Resources resources;
  private final StatSlab slab;
  private final Headers request;
  private final @Nullable RequestBody body;
  private final CallerWishes wishes;
  private final long perTryIdleNanos;
  private final Deadlines deadlines;
  private final long begunNanos;
  private final boolean upgrade;
  private final long grpcTimeout;

  private @Nullable Attempt attempt;
  private @Nullable RetryState retry;
  private boolean requestEnded;
  private boolean responseStarted;
  private boolean upstreamFull;
  private boolean bodyFull;
  private boolean over;

  /** An attempt that is over may have reached the app. */
  private boolean reached;

  /** There were several attempts, or the budget for them was spent: callers need not try again. */
  private boolean gaveUp;

  Forwarding(
      TerminalContext context,
      RouterParts parts,
      RouteEntry route,
      RouteEntry.Choice choice,
      RouteAction.Forward forward,
      LiveCluster cluster,
      Headers request,
      boolean endStream) {
    this.context = context;
    this.parts = parts;
    this.route = route;
    this.choice = choice;
    this.forward = forward;
    this.cluster = cluster;
    this.resources = cluster.resources(forward.priority());
    this.slab = parts.pools().slab();
    this.request = request;
    this.requestEnded = endStream;
    this.upgrade = request.has(HeaderName.UPGRADE);
    this.body = endStream ? null : new RequestBody(context.bufferLimit(), parts.budget());
    // Before the route has its say: what it adds is for the next proxy.
    this.wishes =
        CallerWishes.take(
            request, Deadlines.requestNanos(forward.timeouts(), request), route.retry());
    this.perTryIdleNanos = route.retry().map(own -> own.policy().perTryIdle().toNanos()).orElse(0L);
    this.begunNanos = context.loop().nanoTime();
    this.grpcTimeout = GrpcTimeout.of(request);
    this.deadlines = new Deadlines(context, this, wishes.requestNanos());
  }

  // ---- the request

  void begin() {
    StreamInfo info = context.info();
    route.mutateRequest(request, info);
    for (HeaderMutator mutator : choice.request()) {
      mutator.apply(request, info);
    }
    if (wishes.expectedNanos() > 0 && !parts.config().suppressEnvoyHeaders()) {
      request.set(HeaderName.X_ENVOY_EXPECTED_RQ_TIMEOUT_MS, wishes.expectedNanos() / 1_000_000);
    }
    CompiledRetry own = wishes.retry().orElse(null);
    if (own != null && own.appliesTo(request)) {
      retry = new RetryState(own, cluster, resources, slab, context.loop());
    }
    RetryTokens tokens = cluster.retryTokens();
    if (tokens != null) {
      tokens.firstAttempt();
    }
    forward
        .timeouts()
        .maxStream()
        .filter(max -> !max.isZero())
        .ifPresent(max -> deadlines.limitStream(max.toNanos()));
    startAttempt();
    if (timed() && !over) {
      deadlines.beginRequest();
    }
  }

  private void startAttempt() {
    long now = context.loop().nanoTime();
    StreamInfo info = context.info();
    UpstreamFilter[] filters = cluster.upstreamFilters().newFilters(context, choice);
    Attempt next = new Attempt(context, this, cluster, filters, info.attempts + 1);
    Verdict.LocalReply refusal = next.admit(now);
    if (refusal != null) {
      refused(next, refusal);
      return;
    }
    Host host = chooseHost(next, now);
    if (host == null) {
      slab.inc(cluster.stats().cxNoneHealthy);
      refused(
          next,
          new Verdict.LocalReply(
              503,
              "no healthy upstream",
              "no_healthy_upstream",
              ResponseFlag.NO_HEALTHY_UPSTREAM,
              Cause.of("no-healthy-upstream"),
              null));
      return;
    }
    refusal = next.chosen(host, now);
    if (refusal != null) {
      refused(next, refusal);
      return;
    }
    info.attempts++;
    info.upstreamHost = host.toString();
    attempt = next;
    next.start(
        parts.pools(),
        resources,
        headOf(next, filters.length > 0, now),
        body,
        wishes.perTryNanos() > 0 || perTryIdleNanos > 0
            ? new TryTimers(context, next, wishes.perTryNanos(), perTryIdleNanos)
            : null);
    if (timed() && attempt == next) {
      next.answerOwed(now);
    }
  }

  /** An answer is owed: all of the request is here, or all that there will be before the answer. */
  private boolean timed() {
    return requestEnded || upgrade;
  }

  private @Nullable Host chooseHost(Attempt next, long now) {
    if (cluster.originalDestination()) {
      return cluster.pooled(context.connection().destination());
    }
    RetryState state = retry;
    return state == null
        ? cluster.choose(context.loop(), slab, host -> next.avoids(host, now), any -> false, 1)
        : state.choose(host -> next.avoids(host, now));
  }

  /** What all attempts have in common, and what each alone says. */
  private Headers headOf(Attempt next, boolean filtered, long now) {
    if (route.includeAttemptCount()) {
      request.set(HeaderName.X_ENVOY_ATTEMPT_COUNT, next.number());
    }
    if (next.number() > 1 && grpcTimeout >= 0) {
      long left = Math.max(1_000_000, grpcTimeout - (now - begunNanos));
      request.set(HeaderName.GRPC_TIMEOUT, GrpcTimeout.text(left));
    }
    return filtered && retry != null ? request.copy() : request;
  }

  /** A filter, or the lack of hosts, ends an attempt and with it the request. */
  void refused(Attempt from, Verdict.LocalReply reply) {
    from.end();
    attempt = null;
    if (retry != null) {
      retry.attemptOver();
    }
    over();
    context.localReply(reply);
  }

  /** The body so far has gone out; what need not be kept for a retry is let go. */
  void connected() {
    RequestBody kept = body;
    if (kept != null && kept.overBound()) {
      kept.release();
      abandonRetries();
    } else if (kept != null && retry == null) {
      kept.release();
    }
    bodyFull = false;
    applyReads();
  }

  /** The body is too large to be kept for another attempt. */
  private void abandonRetries() {
    if (retry != null) {
      slab.inc(cluster.stats().retryAbandoned);
      retry.attemptOver();
      retry = null;
    }
  }

  void requestData(ByteBuf data, boolean endStream) {
    RequestBody kept = body;
    Attempt current = attempt;
    if (over || kept == null) {
      data.release();
      return;
    }
    boolean connected = current != null && current.connected();
    if (!connected || retry != null) {
      kept.add(data, endStream, !connected);
    }
    if (!kept.kept()) {
      abandonRetries();
    }
    if (current != null && connected) {
      current.sendData(data, endStream);
    } else {
      data.release();
      bodyFull = kept.full();
      applyReads();
    }
    if (endStream) {
      requestEnded();
    }
  }

  void requestTrailers(Headers trailers) {
    RequestBody kept = body;
    if (over || kept == null) {
      return;
    }
    kept.trailers(trailers);
    Attempt current = attempt;
    if (current != null && current.connected()) {
      current.sendTrailers(trailers);
    }
    requestEnded();
  }

  private void requestEnded() {
    requestEnded = true;
    if (!over && !upgrade) {
      deadlines.beginRequest();
      if (attempt != null) {
        attempt.answerOwed(context.loop().nanoTime());
      }
    }
  }

  private void applyReads() {
    context.requestReadDisable(upstreamFull || bodyFull);
  }

  void upstreamWritable(boolean writable) {
    if (upstreamFull == writable) {
      upstreamFull = !writable;
      applyReads();
    }
  }

  void downstreamWritable(boolean writable) {
    Attempt current = attempt;
    if (current != null && current.sent()) {
      current.readDisable(!writable);
    }
  }

  // ---- time

  void requestTimedOut() {
    slab.inc(cluster.stats().rqTimeout);
    if (attempt != null) {
      attempt.failedInTime();
    }
    timedOut("response_timeout", Cause.of("request-timeout"));
  }

  void maxStreamExpired() {
    context.info().flag(ResponseFlag.DURATION_TIMEOUT);
    timedOut("max_duration_timeout", Cause.of("max-stream-duration"));
  }

  private void timedOut(String details, Cause cause) {
    cancelAttempt();
    if (responseStarted) {
      context.info().flag(ResponseFlag.UPSTREAM_REQUEST_TIMEOUT);
      context.info().cause = cause;
      over();
      context.resetResponse(details);
    } else {
      timeoutReply(details, cause);
    }
  }

  private void timeoutReply(String details, Cause cause) {
    over();
    context.localReply(
        new Verdict.LocalReply(
            wishes.timeoutStatus(),
            "upstream request timeout",
            details,
            ResponseFlag.UPSTREAM_REQUEST_TIMEOUT,
            cause,
            stopHeader()));
  }

  void tryIdle(Attempt from) {
    slab.inc(cluster.stats().rqPerTryIdleTimeout);
    context.info().flag(ResponseFlag.STREAM_IDLE_TIMEOUT);
    if (responseStarted) {
      timedOut("upstream_per_try_idle_timeout", Cause.of("per-try-idle-timeout"));
    } else {
      tryOver(from, "upstream_per_try_idle_timeout", "per-try-idle-timeout");
    }
  }

  void tryTimedOut(Attempt from) {
    slab.inc(cluster.stats().rqPerTryTimeout);
    tryOver(from, "upstream_per_try_timeout", "per-try-timeout");
  }

  /** The attempt has had its time, and there is no response. */
  private void tryOver(Attempt from, String details, String cause) {
    from.failedInTime();
    reached |= from.sent();
    RetryState state = retry;
    cancelAttempt();
    if (state != null && state.policy().wantsAfterTimeout() && tryAgain(state, from, false)) {
      return;
    }
    timeoutReply(details, Cause.of(cause));
  }

  private void cancelAttempt() {
    Attempt current = attempt;
    attempt = null;
    if (current != null) {
      current.cancel();
      if (retry != null) {
        retry.attemptOver();
      }
    }
  }

  // ---- the response

  void responseHeaders(Attempt from, Headers headers, boolean endStream) {
    ClusterStats stats = cluster.stats();
    boolean triedAgain = isTriedAgain(from, headers, endStream);
    slab.inc(triedAgain ? stats.retryCompleted : stats.rqCompleted);
    if (headers.status() < 600) {
      int[] byClass = triedAgain ? stats.retryByClass : stats.rqByClass;
      slab.inc(byClass[headers.status() / 100]);
    }
    if (triedAgain) {
      return;
    }
    responseStarted = true;
    if (upgrade) {
      deadlines.clear(); // what was asked for is there; how long it is used is not a request's time
    }
    if (body != null) {
      body.release(); // there is no further attempt
    }
    retry = null;
    finishHead(from, headers);
    if (endStream) {
      over();
    } else if (!context.downstreamWritable()) {
      // It was full before this response began, so there was no change to hear of.
      from.readDisable(true);
    }
    context.responseHeaders(headers, endStream);
  }

  /** The response is not the last word: another attempt was begun, and this one is let go. */
  private boolean isTriedAgain(Attempt from, Headers headers, boolean endStream) {
    RetryState state = retry;
    if (state == null) {
      return false;
    }
    state.attemptOver();
    PeerCause peer = PeerCause.of(headers);
    ResetReason failure = peer.reason();
    boolean full = peer.kind() == PeerCause.Kind.FULL;
    boolean wanted =
        full
            ? state.otherHost() // and on no account on the same one
            : state.policy().wants(headers)
                || failure != null && state.policy().wants(failure, true);
    if (!wanted) {
      if (from.number() > 1) {
        slab.inc(cluster.stats().rqRetrySuccess);
      }
      return false;
    }
    if (stops(headers)) {
      gaveUp = true;
      return false;
    }
    attempt = null;
    if (!tryAgain(state, from, UpstreamFailure.isBeforeApp(failure))) {
      attempt = from;
      return false;
    }
    reached |= !full && !UpstreamFailure.isBeforeApp(failure);
    from.discard(headers, endStream);
    return true;
  }

  /** Who is nearer to the failure has tried already, and says so. */
  private static boolean stops(Headers headers) {
    String word = headers.value(HeaderName.X_WEIR_RETRY);
    return word != null && word.equals(STOP)
        || "-1".equals(headers.value(HeaderName.GRPC_RETRY_PUSHBACK_MS));
  }

  private void finishHead(Attempt from, Headers headers) {
    StreamInfo info = context.info();
    long elapsed = (context.loop().nanoTime() - from.startNanos()) / 1_000_000;
    slab.record(cluster.stats().rqTime, elapsed);
    if (info.details.isEmpty()) {
      info.details = "via_upstream";
    }
    if (!parts.config().suppressEnvoyHeaders()) {
      headers.set(HeaderName.X_ENVOY_UPSTREAM_SERVICE_TIME, elapsed);
    }
    for (HeaderMutator mutator : choice.response()) {
      mutator.apply(headers, info);
    }
    boolean failed = headers.status() >= 500 || GrpcStatus.failed(headers);
    if (failed && (gaveUp || gaveUpBehindTheApp())) {
      sayStop(headers, GrpcStatus.failed(headers));
    }
  }

  /** In the same trace, a call of the app beside us was given up by us. */
  private boolean gaveUpBehindTheApp() {
    return context.connection().direction() == TrafficDirection.INBOUND
        && parts.stops().hasGivenUp(context.info().traceId);
  }

  private void sayStop(Headers headers, boolean grpc) {
    headers.set(HeaderName.X_WEIR_RETRY, STOP);
    if (grpc) {
      headers.set(HeaderName.GRPC_RETRY_PUSHBACK_MS, "-1");
    }
    parts.stops().gaveUp(context.info().traceId);
  }

  private @Nullable Headers stopHeader() {
    if (!gaveUp) {
      return null;
    }
    Headers extra = Headers.empty();
    sayStop(extra, Grpc.is(request));
    return extra;
  }

  void responseData(Attempt from, ByteBuf data, boolean endStream) {
    if (endStream) {
      over();
    }
    context.responseData(data, endStream);
  }

  void responseTrailers(Attempt from, Headers trailers) {
    over();
    context.responseTrailers(trailers);
  }

  void failed(Attempt from, ResetReason reason, String details) {
    attempt = null;
    StreamInfo info = context.info();
    if (reason != ResetReason.OVERFLOW) {
      info.upstreamFailure = details;
    }
    RetryState state = retry;
    if (state != null) {
      state.attemptOver();
    }
    UpstreamFailure failure = new UpstreamFailure(reason, details, reached);
    boolean beforeApp = UpstreamFailure.isBeforeApp(reason);
    reached |= from.sent() && !beforeApp;
    if (responseStarted) {
      info.flag(failure.flag());
      info.cause = failure.toCause();
      over();
      context.resetResponse(failure.detailsOfReset());
      return;
    }
    if (state != null
        && state.policy().wants(reason, from.sent())
        && tryAgain(state, from, beforeApp)) {
      return;
    }
    over();
    context.localReply(failure.reply(stopHeader()));
  }

  // ---- another try

  /**
   * True if another attempt will be made, or has been.
   *
   * @param untouched no host has seen anything of the request in the attempt that failed
   */
  private boolean tryAgain(RetryState state, Attempt failed, boolean untouched) {
    if (body != null && !body.kept() || failed.wouldBeRefused(context.loop().nanoTime())) {
      return false; // what was refused in its place would hide how this one failed
    }
    switch (state.admit(untouched)) {
      case YES -> {
        gaveUp = true; // until one succeeds: then nobody is told
        deadlines.beginBackOff(state.backOffNanos(context.loop().random()));
        return true;
      }
      case ELSEWHERE -> {
        deadlines.beginBackOff(0);
        return true;
      }
      case LIMIT -> {
        gaveUp = state.policy().policy().retries() > 0;
        context.info().flag(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED);
      }
      case BUDGET -> {
        gaveUp = true;
        context.info().flag(ResponseFlag.UPSTREAM_OVERFLOW);
        context.info().cause = Cause.of("retry-budget");
      }
    }
    return false;
  }

  void backOffOver() {
    startAttempt();
  }

  // ---- the end

  private void over() {
    over = true;
    deadlines.clear();
  }

  void destroy() {
    over();
    cancelAttempt();
    RetryState state = retry;
    if (state != null) {
      state.attemptOver();
    }
    if (body != null) {
      body.release();
    }
  }
}
