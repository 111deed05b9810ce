package dev.weir.sidecar.accesslog.grpc;

import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.http.DynamicMetadata;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.telemetry.StreamTags;
import dev.weir.sidecar.transport.TlsSession;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an entry is made of: facts of one stream, without its connection and heads. Nothing of it
 * changes any more.
 *
 * @param startEpochNanos since 1970, UTC
 * @param flags bits of {@link dev.weir.sidecar.http.ResponseFlag}
 * @param cluster empty for none, as {@code upstreamHost}
 * @param metadata that filters have found out, by their names
 * @param tags names and values in turn
 * @param http null in an entry of TCP
 */
record Entry(
    long startEpochNanos,
    Times times,
    SocketAddress peer,
    SocketAddress destination,
    @Nullable TlsSession tls,
    int flags,
    String route,
    String cluster,
    String upstreamHost,
    String upstreamFailure,
    int attempts,
    String connectionTermination,
    long bytesReceived,
    long bytesSent,
    Map<String, Map<String, Object>> metadata,
    List<String> tags,
    @Nullable HttpFacts http) {
  /** Of an entry, beside its texts: objects, and what the message has of addresses and times. */
  private static final int OVERHEAD = 1 << 10;

  private static final int OF_VALUE = 48;

  static Entry of(AccessLog.Grpc log, StreamInfo info, Clock clock) {
    DynamicMetadata metadata = info.metadata;
    return new Entry(
        clock.epochNanos() - (clock.nanoTime() - info.startNanos),
        Times.of(info),
        info.connection.remoteAddress(),
        info.connection.destination().address(),
        info.connection.tls(),
        info.flags,
        info.routeName,
        orEmpty(info.cluster),
        orEmpty(info.upstreamHost),
        info.upstreamFailure,
        info.attempts,
        info.connectionTermination,
        info.bytesReceived,
        info.bytesSent,
        metadata == null ? Map.of() : metadata.all(),
        StreamTags.of(log.tags(), info.request),
        switch (log.receiver().kind()) {
          case HTTP -> HttpFacts.of(info, log.headers());
          case TCP -> null;
        });
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  /** Bytes that it holds, about. */
  int weight() {
    int weight = OVERHEAD + upstreamFailure.length() + (http == null ? 0 : http.length());
    for (String text : tags) {
      weight += text.length();
    }
    return weight + (metadata.isEmpty() ? 0 : weight(metadata));
  }

  private static int weight(Object value) {
    int weight = OF_VALUE;
    switch (value) {
      case String text -> weight += text.length();
      case Map<?, ?> map -> {
        for (Map.Entry<?, ?> each : map.entrySet()) {
          weight += weight(each.getKey()) + weight(each.getValue());
        }
      }
      case List<?> list -> {
        for (Object each : list) {
          weight += weight(each);
        }
      }
      default -> {}
    }
    return weight;
  }
}
