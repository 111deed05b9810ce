package dev.weir.sidecar.resource;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.tls.DownstreamTls;
import dev.weir.sidecar.config.tls.UpstreamTls;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.TypedConfigs;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import java.util.Optional;

/**
 * A transport socket is never dropped, nor is a part of it, whatever the field policy is: what was
 * to be encrypted must not go in plaintext, and who was to be looked at must not be let in.
 */
final class TransportSockets {
  private static final String RAW_BUFFER = "envoy.transport_sockets.raw_buffer";

  private final TypedConfigs typedConfigs;

  TransportSockets(TypedConfigs typedConfigs) {
    this.typedConfigs = typedConfigs;
  }

  /** Empty for plaintext. */
  Optional<DownstreamTls> downstream(TransportSocket proto, FieldPath path) throws Invalid {
    if (isNamedPlaintext(proto)) {
      return Optional.empty();
    }
    FieldPath at = path.field("typed_config");
    return switch (open(proto, path)) {
      case RawBuffer _ -> Optional.empty();
      case DownstreamTlsContext tls -> Optional.of(TlsContexts.downstream(tls, at));
      case Message other -> throw unknown(other, "DownstreamTlsContext", at);
    };
  }

  /** Empty for plaintext. */
  Optional<UpstreamTls> upstream(TransportSocket proto, FieldPath path) throws Invalid {
    if (isNamedPlaintext(proto)) {
      return Optional.empty();
    }
    FieldPath at = path.field("typed_config");
    return switch (open(proto, path)) {
      case RawBuffer _ -> Optional.empty();
      case UpstreamTlsContext tls -> Optional.of(TlsContexts.upstream(tls, at));
      case Message other -> throw unknown(other, "UpstreamTlsContext", at);
    };
  }

  private static boolean isNamedPlaintext(TransportSocket proto) {
    return !proto.hasTypedConfig() && proto.getName().equals(RAW_BUFFER);
  }

  private Message open(TransportSocket proto, FieldPath path) throws Invalid {
    if (!proto.hasTypedConfig()) {
      throw new Invalid(path, "\"" + proto.getName() + "\" must have a typed_config");
    }
    return typedConfigs.open(proto.getTypedConfig(), path.field("typed_config"));
  }

  private static Invalid unknown(Message found, String wanted, FieldPath at) {
    return new Invalid(
        at,
        "a "
            + TypedConfigs.nameOf(found)
            + " is not supported here; only RawBuffer and "
            + wanted
            + " are");
  }
}
