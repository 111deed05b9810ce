package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.filter.FilterChain;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.filter.UpstreamFilter;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.AttemptInfo;
import dev.weir.sidecar.http.ClientConnection;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamSpan;
import dev.weir.sidecar.pool.Pools;
import dev.weir.sidecar.trace.SpanIds;
import dev.weir.sidecar.upstream.RequestBody;
import dev.weir.sidecar.upstream.UpstreamRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a {@link Forwarding}: its host, the chain of its cluster's filters, its time, and
 * what it says of its host. First {@link #admit}, {@link #avoids} and {@link #chosen} ask the
 * filters, then {@link #start} sends; the forwarding is told what comes, until {@link #end} or
 * {@link #cancel}.
 */
final class Attempt implements UpstreamRequest.Listener, FilterChain.Ends {
  private final TerminalContext context;
  private final Forwarding forwarding;
  private final LiveCluster cluster;
  private final UpstreamFilter[] filters;
  private final int number;
  private final boolean copy;
  private @Nullable FilterChain chain;
  private @Nullable Host host;
  private @Nullable AttemptReport report;
  private @Nullable AttemptInfo info;
  private @Nullable UpstreamRequest upstream;
  private @Nullable TryTimers timers;
  private @Nullable RequestBody body;
  private @Nullable Resources retryPlace;
  private boolean connected;
  private boolean responseBegun;
  private boolean over;

  /**
   * @param number 1 for the first of its request
   * @param copy of a request that is slow to be answered
   */
  Attempt(
      TerminalContext context,
      Forwarding forwarding,
      LiveCluster cluster,
      UpstreamFilter[] filters,
      int number,
      boolean copy) {
    this.context = context;
    this.forwarding = forwarding;
    this.cluster = cluster;
    this.filters = filters;
    this.number = number;
    this.copy = copy;
  }

  // ---- before it

  Verdict.@Nullable LocalReply admit(long now) {
    for (UpstreamFilter filter : filters) {
      Verdict.LocalReply refusal = filter.admit(now);
      if (refusal != null) {
        return refusal;
      }
    }
    return null;
  }

  boolean wouldBeRefused(long now) {
    for (UpstreamFilter filter : filters) {
      if (filter.wouldRefuse(now)) {
        return true;
      }
    }
    return false;
  }

  /** A host that a filter, or a connection that just failed, speaks against. */
  boolean avoids(Host candidate, long now) {
    for (UpstreamFilter filter : filters) {
      if (filter.avoids(candidate, now)) {
        return true;
      }
    }
    return candidate.unreachableAt(now);
  }

  Verdict.@Nullable LocalReply chosen(Host choice, long now) {
    host = choice;
    report = new AttemptReport(cluster, choice, filters, context.loop().clock());
    for (UpstreamFilter filter : filters) {
      Verdict.LocalReply refusal = filter.chosen(choice, now);
      if (refusal != null) {
        return refusal;
      }
    }
    return null;
  }

  /**
   * It has a host, and will be told of.
   *
   * @param timeLeftNanos of the request; 0: it has no bound
   */
  void begins(long now, long timeLeftNanos) {
    AttemptInfo told =
        context.info().newAttempt(copy, cluster.config().name(), host().toString(), now);
    told.timeLeftNanos = timeLeftNanos;
    StreamSpan span = context.info().span;
    if (span != null && span.ofAttempts()) {
      told.spanId = SpanIds.span(context.loop().random());
    }
    info = told;
  }

  /** Null: it has none of its own. */
  @Nullable String spanId() {
    return info().spanId;
  }

  // ---- the request

  /**
   * @param request a head that filters may change, if there are any
   * @param sending the body so far; null if the request has none
   */
  void start(
      Pools pools,
      Resources resources,
      Headers request,
      @Nullable RequestBody sending,
      @Nullable TryTimers ownTimers) {
    timers = ownTimers;
    body = sending;
    upstream =
        new UpstreamRequest(
            this,
            pools,
            cluster,
            Objects.requireNonNull(host),
            resources,
            context.connection().protocol());
    if (filters.length == 0) {
      requestPassed(request, sending == null);
      return;
    }
    FilterChain made = new FilterChain(this, context.bufferLimit(), context.loop().incidents());
    made.start(filters);
    chain = made;
    made.requestHeaders(request, sending == null);
  }

  /** It is a retry, or a copy, and has a place among the cluster's until a response begins. */
  void holdRetryPlace(Resources resources) {
    retryPlace = resources;
  }

  void releaseRetryPlace() {
    Resources held = retryPlace;
    if (held != null) {
      retryPlace = null;
      held.endRetry();
    }
  }

  /** All of the request is here; from now on the attempt's time runs. */
  void answerOwed(long now) {
    if (over) {
      return;
    }
    report().owed(now);
    if (timers != null) {
      timers.begin(responseBegun);
    }
  }

  /** It has a connection, and the body so far: what comes is to be given to it. */
  boolean connected() {
    return connected;
  }

  /** Takes {@code data} over. */
  void sendData(ByteBuf data, boolean endStream) {
    if (over) {
      data.release();
    } else if (chain != null) {
      chain.requestData(data, endStream);
    } else {
      requestDataPassed(data, endStream);
    }
  }

  void sendTrailers(Headers trailers) {
    if (chain != null) {
      chain.requestTrailers(trailers);
    } else {
      requestTrailersPassed(trailers);
    }
  }

  void readDisable(boolean disable) {
    upstream().readDisable(disable);
  }

  @Override
  public void connected(UpstreamRequest from) {
    AttemptInfo told = info();
    told.sentNanos = context.loop().nanoTime();
    if (body == null) {
      told.requestEndNanos = told.sentNanos;
    }
    ClientConnection connection = Objects.requireNonNull(from.connection());
    told.protocol = connection.protocol();
    told.earlierRequests = connection.requests() - 1;
    RequestBody sending = body;
    body = null;
    if (sending != null) {
      List<ByteBuf> slices = sending.replay();
      Headers trailers = sending.trailers();
      boolean end = sending.ended() && trailers == null;
      for (int i = 0; i < slices.size(); i++) {
        sendData(slices.get(i), end && i == slices.size() - 1);
      }
      if (!over && trailers != null) {
        sendTrailers(trailers);
      } else if (!over && end && slices.isEmpty()) {
        sendData(Unpooled.EMPTY_BUFFER, true);
      }
    }
    connected = true;
    if (!over) {
      forwarding.connected();
    }
  }

  // ---- facts

  int number() {
    return number;
  }

  boolean copy() {
    return copy;
  }

  boolean hasFilters() {
    return filters.length > 0;
  }

  Host host() {
    return Objects.requireNonNull(host);
  }

  private UpstreamRequest upstream() {
    return Objects.requireNonNull(upstream);
  }

  private AttemptReport report() {
    return Objects.requireNonNull(report);
  }

  private AttemptInfo info() {
    return Objects.requireNonNull(info);
  }

  /** The request's head has gone out on a connection. */
  boolean sent() {
    return upstream != null && upstream.sent();
  }

  long startNanos() {
    return upstream().startNanos();
  }

  // ---- time

  void timedOut() {
    if (!responseBegun && !over) {
      forwarding.tryTimedOut(this);
    }
  }

  void idle() {
    if (!over) {
      forwarding.tryIdle(this);
    }
  }

  /** There was no answer in time: before the response that is its host's fault. */
  void failedInTime() {
    if (!responseBegun) {
      report().failed();
      info().failure = "timeout";
    }
  }

  // ---- the response

  @Override
  public void informational(UpstreamRequest from, Headers headers) {
    if (chain != null) {
      chain.informational(headers);
    } else {
      informationalPassed(headers);
    }
  }

  @Override
  public void responseHeaders(UpstreamRequest from, Headers headers, boolean endStream) {
    responseBegun = true;
    AttemptInfo told = info();
    told.headNanos = context.loop().nanoTime();
    if (endStream) {
      told.responseEndNanos = told.headNanos;
    }
    told.status = headers.status();
    told.grpcStatus = headers.value(HeaderName.GRPC_STATUS);
    if (timers != null) {
      timers.responseBegun();
    }
    if (context.connection().direction() == TrafficDirection.INBOUND || !from.believed()) {
      headers.remove(HeaderName.X_WEIR_CAUSE); // what an app says of itself is no sidecar's word
      headers.remove(HeaderName.X_WEIR_RETRY);
    }
    report().head(headers, PeerCause.of(headers), endStream);
    if (chain != null) {
      chain.responseHeaders(headers, endStream);
    } else {
      responsePassed(headers, endStream);
    }
  }

  @Override
  public void responseData(UpstreamRequest from, ByteBuf data, boolean endStream) {
    if (endStream) {
      info().responseEndNanos = context.loop().nanoTime();
      report().end();
    } else if (timers != null) {
      timers.progress();
    }
    if (chain != null) {
      chain.responseData(data, endStream);
    } else {
      responseDataPassed(data, endStream);
    }
  }

  @Override
  public void responseTrailers(UpstreamRequest from, Headers trailers) {
    info().responseEndNanos = context.loop().nanoTime();
    report().trailers(trailers);
    String grpcStatus = trailers.value(HeaderName.GRPC_STATUS);
    if (grpcStatus != null) {
      info().grpcStatus = grpcStatus;
    }
    if (chain != null) {
      chain.responseTrailers(trailers);
    } else {
      responseTrailersPassed(trailers);
    }
  }

  @Override
  public void failed(UpstreamRequest from, ResetReason reason, String details) {
    if (reason != ResetReason.OVERFLOW) {
      report().failed();
    }
    info().failure = details.isEmpty() ? reason.name().toLowerCase(Locale.ROOT) : details;
    if (!over) {
      end();
      forwarding.failed(this, reason, details);
    }
  }

  @Override
  public void upstreamWritable(boolean writable) {
    forwarding.upstreamWritable(writable && (chain == null || !chain.requestFull()));
  }

  @Override
  public void incident(UpstreamRequest from, Throwable mistake) {
    from.cancel();
    context.incident(mistake);
  }

  // ---- the end

  /** Does without the response that has begun. */
  void discard(Headers response, boolean endStream) {
    end();
    upstream().discard(response, endStream);
  }

  /** Gives it up; the forwarding hears nothing more. */
  void cancel() {
    if (!over) {
      end();
      if (upstream != null) {
        upstream.cancel();
      }
    }
  }

  /** Its filters and timers are done with. */
  void end() {
    if (over) {
      return;
    }
    over = true;
    if (info != null) {
      info.endNanos = context.loop().nanoTime();
    }
    releaseRetryPlace();
    if (report != null) {
      report.givenUp();
    }
    if (timers != null) {
      timers.end();
    }
    if (chain != null) {
      chain.destroy();
    } else {
      for (UpstreamFilter filter : filters) {
        filter.destroy();
      }
    }
  }

  // ---- past the filters

  @Override
  public void requestPassed(Headers headers, boolean endStream) {
    upstream().start(headers, endStream);
  }

  @Override
  public void requestDataPassed(ByteBuf data, boolean endStream) {
    if (endStream) {
      info().requestEndNanos = context.loop().nanoTime();
    }
    upstream().sendData(data, endStream);
  }

  @Override
  public void requestTrailersPassed(Headers trailers) {
    info().requestEndNanos = context.loop().nanoTime();
    upstream().sendTrailers(trailers);
  }

  @Override
  public void informationalPassed(Headers headers) {
    if (headers.status() != 100) { // the client has had its 100 from us
      forwarding.informational(headers);
    }
  }

  @Override
  public void responsePassed(Headers headers, boolean endStream) {
    forwarding.responseHeaders(this, headers, endStream);
  }

  @Override
  public void responseDataPassed(ByteBuf data, boolean endStream) {
    forwarding.responseData(this, data, endStream);
  }

  @Override
  public void responseTrailersPassed(Headers trailers) {
    forwarding.responseTrailers(this, trailers);
  }

  @Override
  public void localReply(Verdict.LocalReply reply) {
    cancel();
    forwarding.refused(this, reply);
  }

  @Override
  public void tooLarge(boolean request) {
    localReply(
        Verdict.LocalReply.of(
            request ? 413 : 502,
            request ? "Payload Too Large" : "Bad Gateway",
            request ? "request_payload_too_large" : "response_payload_too_large",
            null));
  }

  @Override
  public void requestFull(boolean full) {
    forwarding.upstreamWritable(!full);
  }

  @Override
  public void responseFull(boolean full) {
    readDisable(full || !context.downstreamWritable());
  }
}
