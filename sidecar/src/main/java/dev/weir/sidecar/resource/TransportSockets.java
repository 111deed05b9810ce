package dev.weir.sidecar.resource;

import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.cluster.Cluster.SocketMatch;
import dev.weir.sidecar.config.tls.DownstreamTls;
import dev.weir.sidecar.config.tls.UpstreamTls;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.TypedConfigs;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A transport socket is never dropped, nor is a part of it, whatever the field policy is: what was
 * to be encrypted must not go in plaintext, and who was to be looked at must not be let in.
 */
final class TransportSockets {
  /** Of an endpoint, by which a cluster's {@code transport_socket_matches} choose. */
  static final String METADATA = "envoy.transport_socket_match";

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

  /** {@code transport_socket_matches}, in their order. */
  List<SocketMatch> matches(List<Cluster.TransportSocketMatch> protos, FieldPath path)
      throws Invalid {
    List<SocketMatch> matches = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      Cluster.TransportSocketMatch proto = protos.get(i);
      if (!proto.hasTransportSocket()) {
        throw new Invalid(path.index(i).field("transport_socket"), "must be set");
      }
      matches.add(
          new SocketMatch(
              proto.getName(),
              criteria(proto.getMatch()),
              upstream(proto.getTransportSocket(), path.index(i).field("transport_socket"))));
    }
    return matches;
  }

  /** Values as text that differs where they do. */
  static Map<String, String> criteria(Struct proto) {
    Map<String, String> criteria = new HashMap<>();
    proto
        .getFieldsMap()
        .forEach((key, value) ->
            criteria.put(
                key,
                value.getKindCase() == Value.KindCase.STRING_VALUE
                    ? value.getStringValue()
                    : value.getKindCase() + " " + value));
    return criteria;
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
