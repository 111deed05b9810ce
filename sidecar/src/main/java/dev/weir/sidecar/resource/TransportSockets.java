package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.TypedConfigs;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;

/** A transport socket is never dropped: what was to be encrypted must not go in plaintext. */
final class TransportSockets {
  private static final String RAW_BUFFER = "envoy.transport_sockets.raw_buffer";

  private TransportSockets() {}

  static void requirePlaintext(TypedConfigs typedConfigs, TransportSocket proto, FieldPath path)
      throws Invalid {
    boolean plaintext =
        proto.hasTypedConfig()
            ? typedConfigs.open(proto.getTypedConfig(), path.field("typed_config"))
                instanceof RawBuffer
            : proto.getName().equals(RAW_BUFFER);
    if (!plaintext) {
      throw new Invalid(path, "\"" + proto.getName() + "\" is not supported; only " + RAW_BUFFER);
    }
  }
}
