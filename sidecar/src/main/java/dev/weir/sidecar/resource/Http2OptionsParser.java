package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.Http2Options;
import dev.weir.sidecar.config.Http2Options.KeepAlive;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.KeepaliveSettings;
import java.time.Duration;
import java.util.Optional;

/** {@code config.core.v3.Http2ProtocolOptions}. */
final class Http2OptionsParser {
  private Http2OptionsParser() {}

  static Http2Options parse(Http2ProtocolOptions proto, FieldPath path) throws Invalid {
    Http2Options defaults = Http2Options.DEFAULT;
    return new Http2Options(
        Scalars.clamp(
            proto.hasMaxConcurrentStreams(),
            proto.getMaxConcurrentStreams(),
            defaults.maxConcurrentStreams()),
        Scalars.clamp(
            proto.hasInitialStreamWindowSize(),
            proto.getInitialStreamWindowSize(),
            defaults.initialStreamWindow()),
        proto.hasConnectionKeepalive()
            ? keepAlive(proto.getConnectionKeepalive(), path.field("connection_keepalive"))
            : Optional.empty());
  }

  /** As Envoy: without an interval there are no pings. */
  private static Optional<KeepAlive> keepAlive(KeepaliveSettings proto, FieldPath path)
      throws Invalid {
    Duration interval = Scalars.duration(proto.getInterval(), path.field("interval"));
    Duration timeout = Scalars.duration(proto.getTimeout(), path.field("timeout"));
    return interval.isZero() ? Optional.empty() : Optional.of(new KeepAlive(interval, timeout));
  }
}
