package dev.weir.sidecar.telemetry.trace;

import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.http.AttemptInfo;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.http.StreamSpan;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.TraceStateBuilder;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes spans of a stream: its own, a server's, or a client's where the app beside us calls; and
 * one for each attempt where these have their own. Names and statuses follow OpenTelemetry's
 * conventions of HTTP and RPC spans: of HTTP a span is called by its method alone, for no path that
 * is known here is one of few.
 */
final class SpanBuilder {
  private static final byte SAMPLED = 1;
  private static final byte RANDOM = 2;

  private final Resource resource;
  private final InstrumentationScopeInfo scope;

  SpanBuilder(Resource resource, InstrumentationScopeInfo scope) {
    this.resource = resource;
    this.scope = scope;
  }

  void build(EndedStream stream, List<SpanData> into) {
    StreamSpan span = stream.span();
    byte flags = (byte) (SAMPLED | (span.random() ? RANDOM : 0));
    TraceState state = traceState(span.state());
    SpanContext own = context(span, span.spanId(), flags, state);
    String parent = span.parentId();
    SpanContext caller =
        parent == null
            ? SpanContext.getInvalid()
            : SpanContext.createFromRemoteParent(
                span.traceId(), parent, TraceFlags.fromByte(flags), state);
    into.add(ofStream(stream, own, caller));
    if (span.ofAttempts()) {
      int told = 0;
      for (AttemptInfo attempt = stream.attempt();
          attempt != null && told < EndedStream.MOST_ATTEMPTS;
          attempt = attempt.before) {
        String id = attempt.spanId;
        if (id != null) {
          into.add(ofAttempt(stream, attempt, context(span, id, flags, state), own));
        }
        told++;
      }
    }
  }

  private static SpanContext context(StreamSpan span, String id, byte flags, TraceState state) {
    return SpanContext.create(span.traceId(), id, TraceFlags.fromByte(flags), state);
  }

  private EndedSpan ofStream(EndedStream stream, SpanContext context, SpanContext caller) {
    boolean client = stream.direction() == TrafficDirection.OUTBOUND;
    EndedStream.Request request = stream.request();
    EndedStream.Outcome outcome = stream.outcome();
    AttributesBuilder attributes = Attributes.builder();
    RequestAttributes.ofRequest(attributes, stream, client);
    if (!client && request.peer() instanceof InetSocketAddress peer && !peer.isUnresolved()) {
      attributes.put(Attribute.CLIENT_ADDRESS, peer.getAddress().getHostAddress());
      attributes.put(Attribute.PEER_ADDRESS, peer.getAddress().getHostAddress());
      attributes.put(Attribute.PEER_PORT, (long) peer.getPort());
    }
    if (!request.userAgent().isEmpty()) {
      attributes.put(Attribute.USER_AGENT, request.userAgent());
    }
    RequestAttributes.version(attributes, request.protocol());
    attributes.put(Attribute.REQUEST_BYTES, outcome.bytesReceived());
    attributes.put(Attribute.RESPONSE_BYTES, outcome.bytesSent());
    weir(attributes, stream);
    for (int i = 0; i < stream.tags().size(); i += 2) {
      attributes.put(stream.tags().get(i), stream.tags().get(i + 1));
    }
    StatusData status =
        status(
            attributes,
            stream,
            outcome.status(),
            outcome.grpcStatus(),
            client,
            brokenOff(outcome),
            outcome.cause() == null ? outcome.details() : outcome.cause().text());
    return span(
        stream,
        client ? SpanKind.CLIENT : SpanKind.SERVER,
        context,
        caller,
        stream.startNanos(),
        stream.endNanos(),
        status,
        attributes);
  }

  private EndedSpan ofAttempt(
      EndedStream stream, AttemptInfo attempt, SpanContext context, SpanContext parent) {
    AttributesBuilder attributes = Attributes.builder();
    RequestAttributes.ofRequest(attributes, stream, true);
    RequestAttributes.address(attributes, attempt.host);
    if (attempt.protocol != null) {
      RequestAttributes.version(attributes, attempt.protocol.toString());
      attributes.put(Attribute.WEIR_REUSED, attempt.earlierRequests > 0);
    }
    if (attempt.number > 1) {
      attributes.put(Attribute.RESEND_COUNT, attempt.number - 1L);
    }
    attributes.put(Attribute.WEIR_ATTEMPT, (long) attempt.number);
    attributes.put(Attribute.WEIR_CLUSTER, attempt.cluster);
    if (attempt.copy) {
      attributes.put(Attribute.WEIR_COPY, true);
    }
    // The last one is let go a moment after its stream is over.
    boolean before = attempt.endNanos != 0 && attempt.endNanos - stream.endNanos() < 0;
    long end = before ? attempt.endNanos : stream.endNanos();
    StatusData status =
        status(
            attributes,
            stream,
            attempt.status,
            attempt.grpcStatus,
            true,
            attempt.failure.isEmpty() ? attempt.status == 0 ? "given_up" : null : attempt.failure,
            attempt.failure);
    return span(
        stream, SpanKind.CLIENT, context, parent, attempt.startNanos, end, status, attributes);
  }

  private EndedSpan span(
      EndedStream stream,
      SpanKind kind,
      SpanContext context,
      SpanContext parent,
      long startNanos,
      long endNanos,
      StatusData status,
      AttributesBuilder attributes) {
    long start = stream.startEpochNanos() + (startNanos - stream.startNanos());
    return new EndedSpan(
        RequestAttributes.name(stream.request()),
        kind,
        context,
        parent,
        start,
        start + Math.max(0, endNanos - startNanos),
        status,
        attributes.build(),
        resource,
        scope);
  }

  private static void weir(AttributesBuilder to, EndedStream stream) {
    EndedStream.Outcome outcome = stream.outcome();
    if (!outcome.route().isEmpty()) {
      to.put(Attribute.WEIR_ROUTE, outcome.route());
    }
    if (!outcome.cluster().isEmpty()) {
      to.put(Attribute.WEIR_CLUSTER, outcome.cluster());
    }
    if (stream.attempts() > 0) {
      to.put(Attribute.WEIR_ATTEMPTS, (long) stream.attempts());
    }
    if (outcome.flags() != 0) {
      to.put(Attribute.WEIR_FLAGS, ResponseFlag.text(outcome.flags()));
    }
    if (!outcome.details().isEmpty()) {
      to.put(Attribute.WEIR_DETAILS, outcome.details());
    }
    if (outcome.shadowCause() != null) {
      to.put(Attribute.WEIR_SHADOW_CAUSE, outcome.shadowCause().text());
    }
    Cause cause = outcome.cause();
    String token = cause == null ? token(outcome.remoteCause()) : cause.token();
    if (token.isEmpty()) {
      return;
    }
    to.put(Attribute.WEIR_CAUSE, token);
    if (cause != null && !cause.policy().isEmpty()) {
      to.put(Attribute.WEIR_POLICY, cause.policy());
    }
    if (cause != null && !cause.limit().isEmpty()) {
      to.put(Attribute.WEIR_LIMIT, cause.limit());
    }
    switch (token) {
      case "breaker-open" -> to.put(Attribute.WEIR_BREAKER, "open");
      case "bulkhead-full",
          "rate-limited",
          "max-connections",
          "max-pending-requests",
          "max-requests" ->
          to.put(Attribute.WEIR_SHED, true);
      default -> {}
    }
  }

  /** {@code breaker-open} of {@code breaker-open;policy="shop/inventory"}. */
  private static String token(String cause) {
    int end = cause.indexOf(';');
    return end < 0 ? cause : cause.substring(0, end);
  }

  /** What ended a stream before its end; null: nothing did. */
  private static @Nullable String brokenOff(EndedStream.Outcome outcome) {
    if ((outcome.flags() & ResponseFlag.DOWNSTREAM_CONNECTION_TERMINATION.bit()) != 0) {
      return "downstream_connection_termination";
    }
    Cause cause = outcome.cause();
    if (cause != null && outcome.status() < 400) {
      return cause.token();
    }
    return outcome.status() == 0 ? outcome.details() : null;
  }

  /**
   * Error or nothing: that it went well is the app's to say.
   *
   * @param brokenOff what ended it before its end; null: nothing did
   * @param description of an error
   */
  private static StatusData status(
      AttributesBuilder to,
      EndedStream stream,
      int status,
      @Nullable String grpcStatus,
      boolean client,
      @Nullable String brokenOff,
      String description) {
    if (status > 0) {
      to.put(Attribute.STATUS, (long) status);
    }
    String type = status >= (client ? 400 : 500) ? Integer.toString(status) : brokenOff;
    if (stream.request().grpc() && grpcStatus != null) {
      String name = GrpcStatusNames.of(grpcStatus);
      to.put(Attribute.RPC_STATUS, name);
      type = GrpcStatusNames.isError(name, client) ? name : brokenOff;
    }
    if (type == null) {
      return StatusData.unset();
    }
    to.put(Attribute.ERROR_TYPE, type.matches("[A-Za-z0-9._-]{1,64}") ? type : "_OTHER");
    return StatusData.create(StatusCode.ERROR, description);
  }

  private static TraceState traceState(String text) {
    if (text.isEmpty()) {
      return TraceState.getDefault();
    }
    List<String> members = new ArrayList<>();
    for (String member : text.split(",", -1)) {
      if (member.indexOf('=') > 0) {
        members.add(member.strip());
      }
    }
    TraceStateBuilder state = TraceState.builder();
    for (String member : members.reversed()) { // who is put last stands first
      int equals = member.indexOf('=');
      state.put(member.substring(0, equals), member.substring(equals + 1));
    }
    return state.build();
  }
}
