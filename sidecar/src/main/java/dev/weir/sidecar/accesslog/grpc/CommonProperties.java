package dev.weir.sidecar.accesslog.grpc;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.weir.sidecar.authz.Structs;
import dev.weir.sidecar.http.FieldText;
import dev.weir.sidecar.transport.TlsSession;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogCommon;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogType;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What an entry has whatever it is of. */
final class CommonProperties {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private CommonProperties() {}

  static AccessLogCommon of(Entry entry) {
    AccessLogCommon.Builder made =
        AccessLogCommon.newBuilder()
            .setDownstreamRemoteAddress(address(entry.peer()))
            .setDownstreamDirectRemoteAddress(address(entry.peer()))
            .setDownstreamLocalAddress(address(entry.destination()))
            .setStartTime(timestamp(entry.startEpochNanos()))
            .setUpstreamCluster(entry.cluster())
            .setUpstreamTransportFailureReason(entry.upstreamFailure())
            .setRouteName(entry.route())
            .setUpstreamRequestAttemptCount(entry.attempts())
            .setConnectionTerminationDetails(entry.connectionTermination());
    if (!entry.upstreamHost().isEmpty()) {
      made.setUpstreamRemoteAddress(host(entry.upstreamHost()));
    }
    if (entry.flags() != 0) {
      made.setResponseFlags(FlagsMessage.of(entry.flags()));
    }
    TlsSession tls = entry.tls();
    if (tls != null) {
      made.setTlsProperties(TlsMessage.of(tls));
    }
    HttpFacts http = entry.http();
    if (http == null) {
      made.setAccessLogType(AccessLogType.TcpConnectionEnd)
          .setDownstreamWireBytesReceived(entry.bytesReceived())
          .setDownstreamWireBytesSent(entry.bytesSent());
    } else {
      made.setAccessLogType(AccessLogType.DownstreamEnd)
          .setStreamId(FieldText.decoded(http.request().requestId()));
    }
    times(entry.times(), made);
    if (!entry.metadata().isEmpty()) {
      Metadata.Builder metadata = Metadata.newBuilder();
      entry
          .metadata()
          .forEach((filter, found) -> metadata.putFilterMetadata(filter, Structs.ofMap(found)));
      made.setMetadata(metadata);
    }
    for (int i = 0; i < entry.tags().size(); i += 2) {
      made.putCustomTags(entry.tags().get(i), entry.tags().get(i + 1));
    }
    return made.build();
  }

  private static void times(Times times, AccessLogCommon.Builder to) {
    put(times.lastReceived(), to::setTimeToLastRxByte);
    put(times.firstSentUpstream(), to::setTimeToFirstUpstreamTxByte);
    put(times.lastSentUpstream(), to::setTimeToLastUpstreamTxByte);
    put(times.firstReceivedUpstream(), to::setTimeToFirstUpstreamRxByte);
    put(times.lastReceivedUpstream(), to::setTimeToLastUpstreamRxByte);
    put(times.firstSent(), to::setTimeToFirstDownstreamTxByte);
    put(times.lastSent(), to::setTimeToLastDownstreamTxByte);
    put(times.duration(), to::setDuration);
  }

  private static void put(long nanos, Consumer<Duration> set) {
    if (nanos != Times.NEVER) {
      set.accept(
          Duration.newBuilder()
              .setSeconds(nanos / NANOS_PER_SECOND)
              .setNanos((int) (nanos % NANOS_PER_SECOND))
              .build());
    }
  }

  private static Timestamp timestamp(long epochNanos) {
    return Timestamp.newBuilder()
        .setSeconds(epochNanos / NANOS_PER_SECOND)
        .setNanos((int) (epochNanos % NANOS_PER_SECOND))
        .build();
  }

  private static Address address(java.net.@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet(inet.getAddress().getHostAddress(), inet.getPort())
        : pipe(String.valueOf(address));
  }

  /** {@code 10.0.0.1:80}, {@code [::1]:80}, or the path of a Unix socket. */
  private static Address host(String text) {
    int colon = text.lastIndexOf(':');
    if (text.startsWith("/") || colon < 0 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
      return pipe(text);
    }
    String address = text.substring(0, colon);
    return inet(
        address.startsWith("[") ? address.substring(1, address.length() - 1) : address,
        Integer.parseInt(text.substring(colon + 1)));
  }

  private static Address inet(String address, int port) {
    return Address.newBuilder()
        .setSocketAddress(SocketAddress.newBuilder().setAddress(address).setPortValue(port))
        .build();
  }

  private static Address pipe(String path) {
    return Address.newBuilder().setPipe(Pipe.newBuilder().setPath(path)).build();
  }
}
