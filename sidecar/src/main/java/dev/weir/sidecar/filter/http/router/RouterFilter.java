package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.cluster.CircuitBreaker;
import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.ClusterStats;
import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.cluster.RetryTokens;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.filter.TerminalFilter;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig;
import dev.weir.sidecar.format.HeaderMutator;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.pool.Pools;
import dev.weir.sidecar.route.RouteEntry;
import dev.weir.sidecar.upstream.ReplayBudget;
import dev.weir.sidecar.upstream.RequestBody;
import dev.weir.sidecar.upstream.UpstreamRequest;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request where its route says, again if the retry policy wants it, and gives the response
 * back. https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/http/http_filters/router_filter
 */
final class RouterFilter implements TerminalFilter, UpstreamRequest.Listener {
  private static final String BREAKER = "weir.filters.http.circuit_breaker";

  private final TerminalContext context;
  private final RouterConfig config;
  private final ClusterManager clusters;
  private final Pools pools;
  private final ReplayBudget budget;

  private @Nullable RouteEntry route;
  private RouteEntry.@Nullable Choice chosen;
  private @Nullable LiveCluster cluster;
  private @Nullable Resources resources;
  private @Nullable AttemptPermits permits;
  private @Nullable CircuitBreakerConfig breakerOfRoute;
  private @Nullable Headers request;
  private @Nullable RequestBody body;
  private @Nullable UpstreamRequest attempt;
  private @Nullable RetryState retry;
  private @Nullable Deadlines deadlines;
  private int timeoutStatus = 504;
  private boolean requestEnded;
  private boolean responseStarted;
  private boolean upstreamFull;
  private boolean bodyFull;
  private boolean over;

  /** An attempt that is over may have reached the app. */
  private boolean reached;

  RouterFilter(
      TerminalContext context,
      RouterConfig config,
      ClusterManager clusters,
      Pools pools,
      ReplayBudget budget) {
    this.context = context;
    this.config = config;
    this.clusters = clusters;
    this.pools = pools;
    this.budget = budget;
  }

  // ---- the request

  @Override
  public void requestHeaders(Headers headers, boolean endStream) {
    RouteEntry entry = context.route();
    if (entry == null) {
      refuse(404, "", "route_not_found", ResponseFlag.NO_ROUTE, Cause.of("no-route"));
      return;
    }
    route = entry;
    switch (entry.action()) {
      case RouteAction.DirectResponse(int status, String text) ->
          respond(status, text, "direct_response", null);
      case RouteAction.Redirect redirect -> {
        Headers extra = Headers.empty();
        extra.add(HeaderName.LOCATION, entry.location(redirect, headers));
        respond(redirect.status(), "", "direct_response", extra);
      }
      case RouteAction.Forward forward -> forward(entry, forward, headers, endStream);
    }
  }

  private void forward(
      RouteEntry entry, RouteAction.Forward forward, Headers headers, boolean endStream) {
    RouteEntry.Choice choice = entry.choose(context.loop().random());
    StreamInfo info = context.info();
    info.cluster = choice.cluster();
    LiveCluster live = clusters.get(choice.cluster());
    if (live == null) {
      refuse(
          forward.clusterNotFoundStatus(),
          "",
          "cluster_not_found",
          ResponseFlag.NO_CLUSTER,
          Cause.of("no-cluster"));
      return;
    }
    chosen = choice;
    cluster = live;
    resources = live.resources(forward.priority());
    permits = new AttemptPermits(live.breakers(), context.loop().clock());
    breakerOfRoute = entry.upstreamConfig(BREAKER) instanceof CircuitBreakerConfig own ? own : null;
    request = headers;
    requestEnded = endStream;
    // Before the route has its say: what it adds is for the next proxy.
    CallerWishes wishes =
        CallerWishes.take(
            headers, Deadlines.requestNanos(forward.timeouts(), headers), entry.retry());
    timeoutStatus = wishes.timeoutStatus();
    entry.mutateRequest(headers, info);
    for (HeaderMutator mutator : choice.request()) {
      mutator.apply(headers, info);
    }
    if (wishes.expectedNanos() > 0 && !config.suppressEnvoyHeaders()) {
      headers.set(HeaderName.X_ENVOY_EXPECTED_RQ_TIMEOUT_MS, wishes.expectedNanos() / 1_000_000);
    }
    // They bound the try of a request that may not be tried again as well.
    long perTryIdle =
        entry.retry().map(policy -> policy.policy().perTryIdle().toNanos()).orElse(0L);
    Deadlines times =
        new Deadlines(context, this, wishes.requestNanos(), wishes.perTryNanos(), perTryIdle);
    deadlines = times;
    wishes
        .retry()
        .filter(policy -> policy.appliesTo(headers))
        .ifPresent(policy ->
            retry =
                new RetryState(policy, live, resources(), pools.slab(), context.loop().clock()));
    RetryTokens tokens = live.retryTokens();
    if (tokens != null) {
      tokens.firstAttempt();
    }
    if (!endStream) {
      body = new RequestBody(context.bufferLimit(), budget);
    }
    forward
        .timeouts()
        .maxStream()
        .ifPresent(max -> {
          if (!max.isZero()) {
            context.newTimer(this::maxStreamExpired).set(context.loop().nanoTime() + max.toNanos());
          }
        });
    startAttempt(false);
    if (endStream && !over) {
      times.beginRequest();
    }
  }

  private Resources resources() {
    return Objects.requireNonNull(resources);
  }

  private void startAttempt(boolean again) {
    LiveCluster live = Objects.requireNonNull(cluster);
    RetryState state = retry;
    AttemptPermits held = Objects.requireNonNull(permits);
    RouteEntry entry = Objects.requireNonNull(route);
    long now = context.loop().nanoTime();
    CircuitBreaker refusing = held.admit(breakerOfRoute, entry.fullName(), now);
    if (refusing != null) {
      breakerOpen(refusing, live, now);
      return;
    }
    Host host =
        live.originalDestination()
            ? live.pooled(context.connection().destination())
            : state == null
                ? live.choose(context.loop(), pools.slab(), held::avoids, any -> false, 1)
                : state.choose(context.loop(), held::avoids);
    StreamInfo info = context.info();
    if (host == null) {
      pools.slab().inc(live.stats().cxNoneHealthy);
      if (state != null) {
        state.attemptOver();
      }
      refuse(
          503,
          "no healthy upstream",
          "no_healthy_upstream",
          ResponseFlag.NO_HEALTHY_UPSTREAM,
          Cause.of("no-healthy-upstream"));
      return;
    }
    refusing = held.admit(host, now);
    if (refusing != null) {
      held.ignored();
      breakerOpen(refusing, live, now);
      return;
    }
    CircuitBreaker shadow = held.shadowRefusal();
    if (shadow != null) {
      pools.slab().inc(live.stats().breakerShadowRefused);
      info.wouldRefuse(causeOf(shadow, now));
    }
    info.attempts++;
    info.upstreamHost = host.toString();
    Headers headers = Objects.requireNonNull(request);
    if (entry.includeAttemptCount()) {
      headers.set(HeaderName.X_ENVOY_ATTEMPT_COUNT, info.attempts);
    }
    UpstreamRequest next =
        new UpstreamRequest(
            this,
            pools,
            live,
            host,
            resources(),
            headers,
            body,
            context.connection().protocol(),
            again);
    attempt = next;
    beginTryTimer();
    next.start();
    if (attempt == next && next.connected()) {
      attemptConnected();
    }
  }

  private void breakerOpen(CircuitBreaker breaker, LiveCluster live, long now) {
    if (retry != null) {
      retry.attemptOver();
    }
    pools.slab().inc(live.stats().breakerRefused);
    refuse(
        503,
        "circuit breaker open",
        "weir_breaker_open",
        ResponseFlag.UPSTREAM_OVERFLOW,
        causeOf(breaker, now));
  }

  private static Cause causeOf(CircuitBreaker breaker, long now) {
    long retryAfterMillis = Math.max(1, breaker.nanosUntilProbe(now) / 1_000_000);
    return new Cause("breaker-open", breaker.config().policy(), "", retryAfterMillis);
  }

  /** The body so far has gone out; what need not be kept for a retry is let go. */
  private void attemptConnected() {
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
      pools.slab().inc(Objects.requireNonNull(cluster).stats().retryAbandoned);
      retry.attemptOver();
      retry = null;
    }
  }

  @Override
  public void requestData(ByteBuf data, boolean endStream) {
    RequestBody kept = body;
    UpstreamRequest current = attempt;
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

  @Override
  public void requestTrailers(Headers trailers) {
    RequestBody kept = body;
    if (over || kept == null) {
      return;
    }
    kept.trailers(trailers);
    UpstreamRequest current = attempt;
    if (current != null && current.connected()) {
      current.sendTrailers(trailers);
    }
    requestEnded();
  }

  private void requestEnded() {
    requestEnded = true;
    if (!over) {
      Objects.requireNonNull(deadlines).beginRequest();
      beginTryTimer();
    }
  }

  private void applyReads() {
    context.requestReadDisable(upstreamFull || bodyFull);
  }

  @Override
  public void upstreamWritable(boolean writable) {
    UpstreamRequest current = attempt;
    if (current != null && current.connected() && body != null) {
      attemptConnected();
    }
    if (upstreamFull == writable) {
      upstreamFull = !writable;
      applyReads();
    }
  }

  @Override
  public void downstreamWritable(boolean writable) {
    UpstreamRequest current = attempt;
    if (current != null) {
      current.readDisable(!writable);
    }
  }

  // ---- time

  private void beginTryTimer() {
    if (requestEnded && attempt != null && deadlines != null) {
      deadlines.beginTry(responseStarted);
    }
  }

  void requestTimedOut() {
    LiveCluster live = Objects.requireNonNull(cluster);
    pools.slab().inc(live.stats().rqTimeout);
    UpstreamRequest current = attempt;
    if (current != null) {
      live.reportFailure(current.host());
      Objects.requireNonNull(permits).failure();
    }
    timedOut("response_timeout", Cause.of("request-timeout"));
  }

  private void maxStreamExpired() {
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
      refuse(
          timeoutStatus,
          "upstream request timeout",
          details,
          ResponseFlag.UPSTREAM_REQUEST_TIMEOUT,
          cause);
    }
  }

  void tryIdle() {
    pools.slab().inc(Objects.requireNonNull(cluster).stats().rqPerTryIdleTimeout);
    context.info().flag(ResponseFlag.STREAM_IDLE_TIMEOUT);
    if (responseStarted) {
      timedOut("upstream_per_try_idle_timeout", Cause.of("per-try-idle-timeout"));
    } else {
      tryOver("upstream_per_try_idle_timeout", "per-try-idle-timeout");
    }
  }

  void tryTimedOut() {
    if (!responseStarted) {
      pools.slab().inc(Objects.requireNonNull(cluster).stats().rqPerTryTimeout);
      tryOver("upstream_per_try_timeout", "per-try-timeout");
    }
  }

  /** The attempt has had its time, and there is no response. */
  private void tryOver(String details, String cause) {
    UpstreamRequest current = attempt;
    RetryState state = retry;
    if (current == null) {
      return;
    }
    LiveCluster live = Objects.requireNonNull(cluster);
    live.reportFailure(current.host());
    Objects.requireNonNull(permits).failure();
    reached |= current.sent();
    cancelAttempt();
    if (state != null && state.policy().wantsAfterTimeout() && tryAgain(state)) {
      return;
    }
    refuse(
        timeoutStatus,
        "upstream request timeout",
        details,
        ResponseFlag.UPSTREAM_REQUEST_TIMEOUT,
        Cause.of(cause));
  }

  private void cancelAttempt() {
    UpstreamRequest current = attempt;
    attempt = null;
    if (permits != null) {
      permits.ignored();
    }
    if (current != null) {
      current.cancel();
      if (retry != null) {
        retry.attemptOver();
      }
    }
  }

  // ---- the response

  @Override
  public void informational(UpstreamRequest from, Headers headers) {
    if (headers.status() != 100) {
      context.informational(headers); // the client has had its 100 from us
    }
  }

  @Override
  public void responseHeaders(UpstreamRequest from, Headers headers, boolean endStream) {
    LiveCluster live = from.cluster();
    ClusterStats stats = live.stats();
    int status = headers.status();
    if (context.connection().direction() == TrafficDirection.INBOUND) {
      headers.remove(HeaderName.X_WEIR_CAUSE); // what an app says of itself is not ours
    }
    PeerCause peer = PeerCause.of(headers);
    Objects.requireNonNull(permits).response(headers, peer);
    switch (peer.kind()) {
      case NONE -> live.reportResponse(from.host(), GrpcStatus.toHttp(headers));
      case FAILURE -> live.reportFailure(from.host());
      case REFUSAL -> {}
    }
    RetryState state = retry;
    if (state != null) {
      state.attemptOver();
      ResetReason failure = peer.reason();
      if (state.policy().wants(headers) || failure != null && state.policy().wants(failure, true)) {
        attempt = null;
        if (tryAgain(state)) {
          reached |= !UpstreamFailure.isBeforeApp(failure);
          from.discard(headers, endStream);
          pools.slab().inc(stats.retryCompleted);
          if (status < 600) {
            pools.slab().inc(stats.retryByClass[status / 100]);
          }
          return;
        }
        attempt = from;
      } else if (from.retry()) {
        pools.slab().inc(stats.rqRetrySuccess);
      }
    }
    responseStarted = true;
    pools.slab().inc(stats.rqCompleted);
    if (status < 600) {
      pools.slab().inc(stats.rqByClass[status / 100]);
    }
    Objects.requireNonNull(deadlines).responseBegun();
    if (body != null) {
      body.release(); // there is no further attempt
    }
    retry = null;
    long elapsed = (context.loop().nanoTime() - from.startNanos()) / 1_000_000;
    pools.slab().record(stats.rqTime, elapsed);
    StreamInfo info = context.info();
    if (info.details.isEmpty()) {
      info.details = "via_upstream";
    }
    if (!config.suppressEnvoyHeaders()) {
      headers.set(HeaderName.X_ENVOY_UPSTREAM_SERVICE_TIME, elapsed);
    }
    if (chosen != null) {
      for (HeaderMutator mutator : chosen.response()) {
        mutator.apply(headers, info);
      }
    }
    if (endStream) {
      over();
    } else if (!context.downstreamWritable()) {
      // It was full before this response began, so there was no change to hear of.
      from.readDisable(true);
    }
    context.responseHeaders(headers, endStream);
  }

  @Override
  public void responseData(UpstreamRequest from, ByteBuf data, boolean endStream) {
    if (endStream) {
      over();
    } else {
      Objects.requireNonNull(deadlines).tryProgress();
    }
    context.responseData(data, endStream);
  }

  @Override
  public void responseTrailers(UpstreamRequest from, Headers trailers) {
    over();
    context.responseTrailers(trailers);
  }

  @Override
  public void failed(UpstreamRequest from, ResetReason reason, String details) {
    attempt = null;
    StreamInfo info = context.info();
    LiveCluster live = from.cluster();
    AttemptPermits held = Objects.requireNonNull(permits);
    if (reason == ResetReason.OVERFLOW) {
      held.ignored();
    } else {
      held.failure();
      live.reportFailure(from.host());
      info.upstreamFailure = details;
    }
    RetryState state = retry;
    if (state != null) {
      state.attemptOver();
    }
    UpstreamFailure failure = new UpstreamFailure(reason, details, reached);
    reached |= from.sent() && !UpstreamFailure.isBeforeApp(reason);
    if (responseStarted) {
      info.flag(failure.flag());
      info.cause = failure.reply().cause();
      over();
      context.resetResponse(failure.detailsOfReset());
      return;
    }
    if (state != null && state.policy().wants(reason, from.sent()) && tryAgain(state)) {
      return;
    }
    over();
    info.flag(failure.flag());
    context.localReply(failure.reply());
  }

  @Override
  public void incident(UpstreamRequest from, Throwable mistake) {
    context.incident(mistake);
    from.cancel();
  }

  // ---- another try

  /** True if another attempt will be made. */
  private boolean tryAgain(RetryState state) {
    if (body != null && !body.kept()) {
      return false;
    }
    switch (state.admit()) {
      case YES -> {
        Deadlines times = Objects.requireNonNull(deadlines);
        times.endTry();
        times.beginBackOff(state.backOffNanos(context.loop().random()));
        return true;
      }
      case LIMIT -> context.info().flag(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED);
      case BUDGET -> {
        context.info().flag(ResponseFlag.UPSTREAM_OVERFLOW);
        context.info().cause = Cause.of("retry-budget");
      }
    }
    return false;
  }

  void backOffOver() {
    startAttempt(true);
  }

  // ---- the end

  private void respond(int status, String text, String details, @Nullable Headers extra) {
    over();
    context.localReply(new Verdict.LocalReply(status, text, details, null, null, extra));
  }

  private void refuse(int status, String text, String details, ResponseFlag flag, Cause cause) {
    over();
    context.localReply(new Verdict.LocalReply(status, text, details, flag, cause, null));
  }

  private void over() {
    over = true;
    if (deadlines != null) {
      deadlines.clear();
    }
  }

  @Override
  public void destroy() {
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
