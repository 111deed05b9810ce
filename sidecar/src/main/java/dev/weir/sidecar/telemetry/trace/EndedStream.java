package dev.weir.sidecar.telemetry.trace;

import dev.weir.sidecar.config.listener.Tracing;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.http.AttemptInfo;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.Grpc;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.http.StreamSpan;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.telemetry.StreamTags;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What spans are made of: facts of one stream, without its connection and heads. Texts of a
 * client's are cut, so that its size is bounded. Nothing of it changes any more.
 *
 * @param startEpochNanos since 1970, UTC
 * @param startNanos the same time by the loop's {@code nanoTime}, as {@code endNanos}, and as
 *     attempts tell theirs
 * @param attempt the newest; null for none
 * @param tags names and values in turn
 */
record EndedStream(
    StreamSpan span,
    TrafficDirection direction,
    long startEpochNanos,
    long startNanos,
    long endNanos,
    Request request,
    Outcome outcome,
    int attempts,
    @Nullable AttemptInfo attempt,
    List<String> tags) {
  /** Of what a client may choose freely; a path has its own. */
  private static final int MOST_TEXT = 256;

  /** Of its attempts so many are told of at most, the newest. */
  static final int MOST_ATTEMPTS = 16;

  /**
   * @param path without a query
   * @param userAgent empty for none
   * @param protocol as {@code %PROTOCOL%} says it
   */
  record Request(
      String method,
      String path,
      String scheme,
      String authority,
      String userAgent,
      boolean grpc,
      String protocol,
      SocketAddress peer) {}

  /**
   * @param status 0: there was no response
   * @param grpcStatus null: none was said
   * @param flags bits of {@link dev.weir.sidecar.http.ResponseFlag}
   * @param cause why it was refused or cut here
   * @param remoteCause why another sidecar has refused it; empty: none has
   */
  record Outcome(
      int status,
      @Nullable String grpcStatus,
      int flags,
      String details,
      @Nullable Cause cause,
      @Nullable Cause shadowCause,
      String remoteCause,
      String route,
      String cluster,
      long bytesReceived,
      long bytesSent) {}

  /** How many spans will be made of it. */
  int spans() {
    return spans(span, attempts);
  }

  /** How many spans are made of a stream with so many attempts. */
  static int spans(StreamSpan span, int attempts) {
    return 1 + (span.ofAttempts() ? Math.min(attempts, MOST_ATTEMPTS) : 0);
  }

  static EndedStream of(
      StreamInfo info, StreamSpan span, Headers request, Tracing tracing, Clock clock) {
    long took = info.endNanos - info.startNanos;
    long end = clock.epochNanos() - (clock.nanoTime() - info.endNanos);
    Headers response = info.response;
    AttemptInfo attempt = info.attempt;
    String version = info.connection.version();
    return new EndedStream(
        span,
        info.connection.direction(),
        end - took,
        info.startNanos,
        info.endNanos,
        new Request(
            cut(request.method(), MOST_TEXT),
            cut(path(request), tracing.maxPathLength()),
            request.scheme(),
            cut(request.authority(), MOST_TEXT),
            cut(orEmpty(request.value(HeaderName.USER_AGENT)), MOST_TEXT),
            Grpc.is(request),
            version == null ? "" : version,
            info.connection.remoteAddress()),
        new Outcome(
            info.status,
            grpcStatus(response, attempt),
            info.flags,
            info.details,
            info.cause,
            info.shadowCause,
            response == null
                ? ""
                : cut(orEmpty(response.value(HeaderName.X_WEIR_CAUSE)), MOST_TEXT),
            info.routeName,
            orEmpty(info.cluster),
            info.bytesReceived,
            info.bytesSent),
        info.attempts,
        attempt,
        StreamTags.of(tracing.tags(), request));
  }

  /** As the client called it, without the query, whose values are none of a trace's. */
  private static String path(Headers request) {
    String original = request.value(HeaderName.X_ENVOY_ORIGINAL_PATH);
    String path = original == null ? request.path() : original;
    int query = path.indexOf('?');
    return query < 0 ? path : path.substring(0, query);
  }

  /** Of a response that has no body it is in the head; else the attempt has seen it at the end. */
  private static @Nullable String grpcStatus(
      @Nullable Headers response, @Nullable AttemptInfo attempt) {
    String told = response == null ? null : response.value(HeaderName.GRPC_STATUS);
    return told != null || attempt == null ? told : attempt.grpcStatus;
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most);
  }
}
