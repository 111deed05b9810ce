package dev.weir.sidecar.telemetry.recent;

import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.http.AttemptInfo;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.Downstream;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.PolicyDecision;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.http.StreamSpan;
import dev.weir.sidecar.transport.TlsSession;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One request, or connection that is no HTTP, as it was when it was over. It keeps no connection
 * alive. Immutable but for its head, which nobody changes any more; any thread.
 *
 * @param config what was in force
 * @param peerIdentity that the peer has proved; null without
 * @param version of HTTP; null for what is none
 * @param spanId of a trace that is sampled, where spans are told of; else null
 * @param parentSpanId of the caller; null where the trace begins here, too
 * @param head as the upstream got it; null where it was large, or there was none
 * @param attempt the last one
 * @param decision the last one
 */
record RecentRequest(
    Kind kind,
    ConfigChanges.Change config,
    TrafficDirection direction,
    SocketAddress peer,
    @Nullable String peerIdentity,
    SocketAddress destination,
    @Nullable String version,
    String chain,
    String virtualHost,
    String route,
    @Nullable String cluster,
    @Nullable String requestId,
    @Nullable String traceId,
    @Nullable String spanId,
    @Nullable String parentSpanId,
    String method,
    String authority,
    String path,
    @Nullable Headers head,
    long startMillis,
    long startNanos,
    long endNanos,
    int status,
    int flags,
    String details,
    String connectionTermination,
    String upstreamFailure,
    @Nullable Cause cause,
    @Nullable Cause shadowCause,
    long bytesReceived,
    long bytesSent,
    @Nullable AttemptInfo attempt,
    @Nullable PolicyDecision decision) {
  /** Why it is kept. */
  enum Kind {
    FAILED(256),
    REFUSED(64),
    SLOW(64),
    RECENT(128);

    private final int most;

    Kind(int most) {
      this.most = most;
    }

    /** How many a loop keeps. */
    int most() {
      return most;
    }
  }

  /** A larger head is told without its fields. */
  private static final int MOST_HEAD_BYTES = 4 << 10;

  /** Of a path or a name, what is kept. */
  private static final int MOST_CHARACTERS = 1024;

  static RecentRequest of(StreamInfo info, Kind kind, ConfigChanges.Change config) {
    Downstream connection = info.connection;
    TlsSession tls = connection.tls();
    Headers head = info.request;
    StreamSpan span = info.span;
    return new RecentRequest(
        kind,
        config,
        connection.direction(),
        connection.remoteAddress(),
        tls == null || tls.peer() == null ? null : tls.peer().toString(),
        connection.destination().address(),
        connection.version(),
        info.chain,
        info.virtualHost,
        info.routeName,
        info.cluster,
        head == null ? null : requestId(head),
        info.traceId,
        span == null ? null : span.spanId(),
        span == null ? null : span.parentId(),
        head == null ? "" : head.method(),
        head == null ? "" : bounded(head.authority()),
        head == null ? "" : bounded(head.path()),
        head != null && head.byteCount() <= MOST_HEAD_BYTES ? head : null,
        info.startMillis,
        info.startNanos,
        info.endNanos,
        info.status,
        info.flags,
        info.details,
        info.connectionTermination,
        info.upstreamFailure,
        info.cause,
        info.shadowCause,
        info.bytesReceived,
        info.bytesSent,
        info.attempt,
        info.decision);
  }

  private static @Nullable String requestId(Headers head) {
    String id = head.value(HeaderName.X_REQUEST_ID);
    return id == null ? null : bounded(id);
  }

  private static String bounded(String text) {
    return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS);
  }

  /** {@code id} is its request id or its trace's. */
  boolean is(String id) {
    return id.equals(requestId) || id.equals(traceId);
  }
}
