package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.cluster.ClusterStats;
import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.cluster.RetryTokens;
import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.config.route.RoutePolicies;
import dev.weir.sidecar.filter.OverrideHost;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.filter.UpstreamFilter;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.format.HeaderMutator;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.PolicyDecision.Outcome;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.route.CompiledRetry;
import dev.weir.sidecar.route.RouteEntry;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.upstream.RequestBody;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way to a cluster: it keeps the body while another {@link Attempt} may follow,
 * makes the attempts, and gives the response of one back. At any time attempts are under way (one,
 * and its copies if the route hedges), or a pause before the next, or the response has begun and
 * there will be no other; then the end.
 *
 * <p>An attempt that fails while another is under way is let go, and costs no retry: whether to try
 * again is asked when the last one has failed.
 */
final class Forwarding {
  private final TerminalContext context;
  private final RouterParts parts;
  private final RoutePolicies policies;
  private final @Nullable CompiledRetry retryOfRoute;
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
  private final RequestHead head;
  private final GivenUp givenUp;
  private final boolean upgrade;

  private final AttemptsUnderWay attempts = new AttemptsUnderWay();
  private @Nullable Hedges hedges;
  private @Nullable Mirrors mirrors;

  /** Null as well once the {@link #body} is not kept for another attempt. */
  private @Nullable RetryState retry;

  private boolean requestEnded;
  private boolean responseStarted;
  private boolean upstreamFull;
  private boolean bodyFull;
  private boolean over;

  /** An attempt that is over may have reached the app. */
  private boolean reached;

  /** An attempt has met a connection that was closing. */
  private boolean metClosing;

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
    this.policies = route.policies();
    this.retryOfRoute = route.retry().orElse(null);
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
            request,
            Deadlines.requestNanos(forward.timeouts(), request),
            forward.timeouts().maxStream().map(Duration::toNanos).orElse(0L),
            route);
    this.perTryIdleNanos = route.retry().map(own -> own.policy().perTryIdle().toNanos()).orElse(0L);
    this.head = new RequestHead(context, route, request);
    this.givenUp = new GivenUp(context, parts.stops());
    this.deadlines = new Deadlines(context, this, wishes.requestNanos());
  }

  // ---- the request

  void begin() {
    if (!head.prepare(choice, parts.config().suppressEnvoyHeaders() ? 0 : wishes.expectedNanos())) {
      over();
      context.localReply(RouterFilter.noPath());
      return;
    }
    Destination destination = context.connection().destination();
    if (!upgrade && !cluster.originalDestination() && !cluster.isCalledByHost(destination)) {
      hedges = Hedges.of(context, this, request, wishes.hedgeOnPerTryTimeout());
    }
    CompiledRetry own = wishes.retry().filter(policy -> policy.appliesTo(request)).orElse(null);
    if (own == null && hedges != null) {
      own = CompiledRetry.NEVER;
    }
    if (own != null) {
      retry = new RetryState(own, cluster, resources, slab, context.loop());
    }
    RetryTokens tokens = cluster.retryTokens();
    if (tokens != null) {
      tokens.firstAttempt(context.loop().nanoTime());
    }
    if (wishes.streamNanos() > 0) {
      deadlines.limitStream(wishes.streamNanos());
    }
    if (!upgrade && !forward.mirrors().isEmpty()) {
      mirrors = Mirrors.start(context, parts, forward, request, requestEnded);
    }
    startAttempt();
    if (timed() && !over) {
      deadlines.beginRequest();
    }
  }

  private void startAttempt() {
    long now = context.loop().nanoTime();
    Attempt next = newAttempt(false);
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
    launch(next, now);
  }

  private Attempt newAttempt(boolean copy) {
    UpstreamFilter[] filters = cluster.upstreamFilters().newFilters(context, choice);
    return new Attempt(context, this, cluster, filters, context.info().attempts + 1, copy);
  }

  private void launch(Attempt next, long now) {
    StreamInfo info = context.info();
    info.upstreamHost = next.host().toString();
    info.upstreamFailure = "";
    next.begins(now, deadlines.left(now));
    attempts.add(next);
    if (retry != null && retry.takePlace()) {
      next.holdRetryPlace(resources);
    }
    boolean ownHead = hedges != null || retry != null && next.hasFilters();
    next.start(
        parts.pools(),
        resources,
        head.ofAttempt(next.number(), next.spanId(), ownHead),
        body,
        wishes.perTryNanos() > 0 || perTryIdleNanos > 0
            ? new TryTimers(context, next, wishes.perTryNanos(), perTryIdleNanos)
            : null);
    if (timed() && attempts.newest() == next) {
      answerOwed(next, now);
    }
  }

  private void answerOwed(Attempt by, long now) {
    by.answerOwed(now);
    if (hedges != null && !responseStarted) {
      hedges.await();
    }
  }

  /** An answer is owed: all of the request is here, or all that there will be before the answer. */
  private boolean timed() {
    return requestEnded || upgrade;
  }

  private @Nullable Host chooseHost(Attempt next, long now) {
    Destination destination = context.connection().destination();
    if (cluster.originalDestination()) {
      return cluster.pooled(destination);
    }
    if (cluster.isCalledByHost(destination)) {
      return cluster.hostAt(destination.address());
    }
    RetryState state = retry;
    OverrideHost named =
        next.number() == 1 ? context.filterState().get(OverrideHost.KEY) : null; // as Envoy
    if (named != null) {
      Host host = cluster.fitHostAt(named.address());
      if (host != null && !next.avoids(host, now)) {
        if (state != null) {
          state.tried(host);
        }
        return host;
      }
      if (named.strict()) {
        return null;
      }
    }
    return state == null
        ? cluster.choose(context.loop(), slab, host -> next.avoids(host, now), any -> false, 1)
        : state.choose(host -> next.avoids(host, now));
  }

  /** A filter, or the lack of hosts, ends an attempt and with it the request. */
  void refused(Attempt from, Verdict.LocalReply reply) {
    from.end();
    if (letGo(from)) {
      return;
    }
    over();
    context.localReply(reply);
  }

  /** The body so far has gone out; what need not be kept for a retry is let go. */
  void connected() {
    RequestBody kept = body;
    if (kept != null && kept.overBound()) {
      kept.release();
      attempts.cancelUnconnected(); // they have not sent it yet, and cannot any more
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
      endRetries();
    }
  }

  void requestData(ByteBuf data, boolean endStream) {
    RequestBody kept = body;
    Attempt current = attempts.newest();
    if (over || kept == null) {
      data.release();
      return;
    }
    if (mirrors != null) {
      mirrors.data(data, endStream);
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
    if (mirrors != null) {
      mirrors.trailers(trailers);
    }
    kept.trailers(trailers);
    Attempt current = attempts.newest();
    if (current != null && current.connected()) {
      current.sendTrailers(trailers);
    }
    requestEnded();
  }

  private void requestEnded() {
    requestEnded = true;
    if (!over && !upgrade) {
      deadlines.beginRequest();
      Attempt current = attempts.newest();
      if (current != null) {
        answerOwed(current, context.loop().nanoTime());
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
    attempts.readDisable(!writable);
  }

  // ---- time

  void requestTimedOut() {
    slab.inc(cluster.stats().rqTimeout);
    attempts.failedInTime();
    timedOut("response_timeout", ended("request-timeout", wishes.timeoutPolicy()));
  }

  /** Without a flag, as in Envoy. */
  void maxStreamExpired() {
    attempts.cancel();
    String details = "max_duration_timeout";
    Cause cause = Cause.of("max-stream-duration");
    if (responseStarted) {
      cut(details, cause);
    } else {
      over();
      context.localReply(
          new Verdict.LocalReply(
              504, "max stream duration reached", details, null, cause, givenUp.fields(request)));
    }
  }

  private static Cause ended(String token, String policy) {
    return new Cause(token, policy, "", 0);
  }

  private void timedOut(String details, Cause cause) {
    attempts.cancel();
    if (responseStarted) {
      context.info().flag(ResponseFlag.UPSTREAM_REQUEST_TIMEOUT);
      cut(details, cause);
    } else {
      timeoutReply(details, cause);
    }
  }

  private void cut(String details, Cause cause) {
    context.info().cause = cause;
    over();
    context.resetResponse(details);
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
            givenUp.fields(request)));
  }

  void tryIdle(Attempt from) {
    slab.inc(cluster.stats().rqPerTryIdleTimeout);
    context.info().flag(ResponseFlag.STREAM_IDLE_TIMEOUT);
    if (responseStarted) {
      timedOut("upstream_per_try_idle_timeout", ended("per-try-idle-timeout", ""));
    } else {
      tryOver(from, "upstream_per_try_idle_timeout", ended("per-try-idle-timeout", ""));
    }
  }

  void tryTimedOut(Attempt from) {
    slab.inc(cluster.stats().rqPerTryTimeout);
    if (hedges != null && hedges.onPerTryTimeout()) {
      from.failedInTime();
      if (retry != null) {
        tryAgain(retry, from, false); // as Envoy: beside the one that has had its time
      }
    } else {
      tryOver(from, "upstream_per_try_timeout", ended("per-try-timeout", wishes.perTryPolicy()));
    }
  }

  /** The attempt has had its time, and there is no response. */
  private void tryOver(Attempt from, String details, Cause cause) {
    from.failedInTime();
    reached |= from.sent();
    RetryState state = retry;
    from.cancel();
    if (letGo(from)) {
      return;
    }
    if (state != null && state.policy().wantsAfterTimeout() && tryAgain(state, from, false)) {
      return;
    }
    timeoutReply(details, cause);
  }

  /** {@code from} is over. True if another one is under way or will be, which may do better. */
  private boolean letGo(Attempt from) {
    attempts.remove(from);
    return !attempts.none() || deadlines.backingOff();
  }

  /** A pause before the next attempt is under way. */
  boolean backingOff() {
    return deadlines.backingOff();
  }

  // ---- copies

  /** True if one more copy of the request is on its way, to a host that has none. */
  boolean sendCopy() {
    RetryState state = retry;
    if (state == null || attempts.none() || deadlines.backingOff() || responseStarted) {
      return false;
    }
    long now = context.loop().nanoTime();
    Attempt copy = newAttempt(true);
    if (copy.wouldBeRefused(now) || copy.admit(now) != null) {
      copy.end();
      return false;
    }
    Host host = state.chooseOther(candidate -> copy.avoids(candidate, now));
    if (host == null || copy.chosen(host, now) != null) {
      copy.end();
      slab.inc(cluster.stats().hedgeNoHost);
      return false;
    }
    // The last place is for a request that has none.
    if (resources.nearlyFull() || state.pay() != RetryState.Admission.YES) {
      copy.end();
      slab.inc(cluster.stats().hedgeOverflow);
      return false;
    }
    state.tried(host);
    slab.inc(cluster.stats().hedgeSent);
    givenUp.set();
    launch(copy, now);
    return true;
  }

  /** The first answer that counts is {@code from}'s. */
  private void won(Attempt from) {
    deadlines.endBackOff();
    attempts.keepOnly(from);
    if (hedges == null) {
      return;
    }
    hedges.end();
    context.info().upstreamHost = from.host().toString();
    context.info().upstreamFailure = "";
    if (from.copy()) {
      slab.inc(cluster.stats().hedgeWon);
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
    won(from);
    if (upgrade) {
      deadlines.clear(); // what was asked for is there; how long it is used is not a request's time
    }
    if (body != null) {
      body.release(); // there is no further attempt
    }
    endRetries();
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
    from.releaseRetryPlace();
    RetryState state = retry;
    if (state == null) {
      return false;
    }
    PeerCause peer = PeerCause.of(headers);
    ResetReason said = peer.reason();
    ResetReason failure = said == null ? null : judged(said);
    boolean full = peer.kind() == PeerCause.Kind.FULL;
    boolean wanted =
        isPassedOver(from, headers, full)
            || (full
                ? state.otherHost() // and on no account on the same one
                : state.policy().wants(headers)
                    || failure != null && state.policy().wants(failure, true));
    if (!wanted) {
      if (from.number() > 1 && !from.copy()) {
        slab.inc(cluster.stats().rqRetrySuccess);
      }
      return false;
    }
    boolean stop = GivenUp.isSaid(headers);
    boolean beforeApp = UpstreamFailure.isBeforeApp(failure);
    if (stop) {
      givenUp.set();
    }
    if (!letGo(from) && (stop || !tryAgain(state, from, beforeApp))) {
      return false;
    }
    reached |= !full && !beforeApp;
    from.discard(headers, endStream);
    return true;
  }

  /** An instance cannot serve, and what another is still at may. */
  private boolean isPassedOver(Attempt from, Headers headers, boolean full) {
    Hedges copies = hedges;
    return copies != null
        && (attempts.others(from) || deadlines.backingOff())
        && (full || copies.passOver(headers));
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
    givenUp.tellIn(headers);
  }

  /**
   * A 1xx; of several attempts none speaks for the request. A client that does not read gets none:
   * no window bounds how many an app may send.
   */
  void informational(Headers headers) {
    if (!attempts.several() && context.downstreamWritable()) {
      context.informational(headers);
    }
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

  /**
   * A request that has met a closing connection twice may be what closes them: an app that dies of
   * it is to die once more at most.
   */
  private ResetReason judged(ResetReason reason) {
    if (reason != ResetReason.STALE_CONNECTION) {
      return reason;
    }
    if (metClosing) {
      return ResetReason.CONNECTION_TERMINATION;
    }
    metClosing = true;
    return reason;
  }

  void failed(Attempt from, ResetReason how, String details) {
    ResetReason reason = judged(how);
    StreamInfo info = context.info();
    if (reason != ResetReason.OVERFLOW) {
      info.upstreamFailure = details;
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
    if (letGo(from)) {
      return;
    }
    RetryState state = retry;
    if (state != null
        && state.policy().wants(reason, from.sent())
        && tryAgain(state, from, beforeApp)) {
      return;
    }
    over();
    context.localReply(failure.reply(givenUp.fields(request)));
  }

  // ---- another try

  /**
   * True if another attempt will be made, or has been.
   *
   * @param untouched no host has seen anything of the request in the attempt that failed
   */
  private boolean tryAgain(RetryState state, Attempt failed, boolean untouched) {
    if (failed.wouldBeRefused(context.loop().nanoTime())) {
      return false; // what was refused in its place would hide how this one failed
    }
    RetryState.Admission admission = state.admit(untouched);
    switch (admission) {
      case YES -> {
        decided(state, Outcome.ADMITTED, "");
        givenUp.set();
        deadlines.beginBackOff(state.backOffNanos(context.loop().random()));
        return true;
      }
      case ELSEWHERE -> {
        decided(state, Outcome.ADMITTED, "on another instance");
        deadlines.beginBackOff(0);
        return true;
      }
      case LIMIT -> {
        decided(state, Outcome.REFUSED, "there was one already for each that may be");
        context.info().flag(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED);
      }
      case BUDGET, PLACES -> {
        boolean budget = admission == RetryState.Admission.BUDGET;
        decided(
            state, Outcome.REFUSED, budget ? "the budget is spent" : "max_retries are under way");
        givenUp.set();
        context.info().flag(ResponseFlag.UPSTREAM_OVERFLOW);
        context.info().cause = Cause.of(budget ? "retry-budget" : "max-retries");
      }
    }
    return false;
  }

  /** What a caller has asked for, and what goes without a policy, is nobody's. */
  private void decided(RetryState state, Outcome outcome, String why) {
    String policy = state.policy() == retryOfRoute ? policies.retry() : "";
    context.info().decided("retry", policy, "", outcome, -1, -1, why);
  }

  void backOffOver() {
    startAttempt();
  }

  // ---- the end

  private void over() {
    over = true;
    deadlines.clear();
    if (hedges != null) {
      hedges.clear();
    }
  }

  private void endRetries() {
    if (retry != null) {
      retry.end();
      retry = null;
    }
  }

  void destroy() {
    if (mirrors != null) {
      mirrors.requestOver();
    }
    over();
    attempts.cancel();
    endRetries();
    if (body != null) {
      body.release();
    }
  }
}
