package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.Http2Options;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.KeepaliveSettings;

/** {@code config.core.v3.Http2ProtocolOptions}. */
final class Http2OptionsParser {
  private Http2OptionsParser() {}

  static Http2Options parse(Http2ProtocolOptions proto, FieldPath path) throws Invalid {
    Http2Options defaults = Http2Options.DEFAULT;
    KeepaliveSettings keepalive = proto.getConnectionKeepalive();
    FieldPath at = path.field("connection_keepalive");
    return new Http2Options(
        Scalars.clamp(
            proto.hasMaxConcurrentStreams(),
            proto.getMaxConcurrentStreams(),
            defaults.maxConcurrentStreams()),
        Scalars.clamp(
            proto.hasInitialStreamWindowSize(),
            proto.getInitialStreamWindowSize(),
            defaults.initialStreamWindow()),
        Scalars.clamp(
            proto.hasInitialConnectionWindowSize(),
            proto.getInitialConnectionWindowSize(),
            defaults.initialConnectionWindow()),
        Scalars.duration(keepalive.getInterval(), at.field("interval")).toMillis(),
        Scalars.duration(keepalive.getTimeout(), at.field("timeout")).toMillis());
  }
}
