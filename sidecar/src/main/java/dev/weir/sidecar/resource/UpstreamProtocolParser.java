package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.Http2Options;
import dev.weir.sidecar.config.cluster.Cluster.Protocol;
import dev.weir.sidecar.resource.value.Invalid;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;

/** Which HTTP a cluster speaks: HttpProtocolOptions, or the older fields of the cluster. */
final class UpstreamProtocolParser {
  private UpstreamProtocolParser() {}

  static Protocol parse(HttpProtocolOptions proto, FieldPath path, boolean tls) throws Invalid {
    if (tls && proto.hasUpstreamHttpProtocolOptions()) {
      // auto_sni and auto_san_validation: whom we call would not be looked at as it is meant.
      throw new Invalid(path.field("upstream_http_protocol_options"), "is not supported with TLS");
    }
    return switch (proto.getUpstreamProtocolOptionsCase()) {
      case EXPLICIT_HTTP_CONFIG -> {
        var explicit = proto.getExplicitHttpConfig();
        FieldPath at = path.field("explicit_http_config");
        yield switch (explicit.getProtocolConfigCase()) {
          case HTTP_PROTOCOL_OPTIONS -> new Protocol.Http1();
          case HTTP2_PROTOCOL_OPTIONS ->
              new Protocol.Http2(http2(explicit.getHttp2ProtocolOptions(), at));
          case HTTP3_PROTOCOL_OPTIONS ->
              throw new Invalid(at.field("http3_protocol_options"), "is not supported");
          case PROTOCOLCONFIG_NOT_SET ->
              throw new Invalid(
                  at, "must set one of http_protocol_options, http2_protocol_options");
        };
      }
      case USE_DOWNSTREAM_PROTOCOL_CONFIG ->
          new Protocol.UseDownstream(
              http2(
                  proto.getUseDownstreamProtocolConfig().getHttp2ProtocolOptions(),
                  path.field("use_downstream_protocol_config")));
      case AUTO_CONFIG -> {
        FieldPath at = path.field("auto_config");
        if (!tls) {
          throw new Invalid(at, "needs a transport_socket with TLS: ALPN agrees on the protocol");
        }
        if (proto.getAutoConfig().hasHttp3ProtocolOptions()) {
          throw new Invalid(at.field("http3_protocol_options"), "is not supported");
        }
        yield new Protocol.Auto(http2(proto.getAutoConfig().getHttp2ProtocolOptions(), at));
      }
      case UPSTREAMPROTOCOLOPTIONS_NOT_SET ->
          throw new Invalid(
              path,
              "must set one of explicit_http_config, use_downstream_protocol_config, auto_config");
    };
  }

  @SuppressWarnings("deprecation") // The older fields are still written.
  static Protocol parseOlder(Cluster proto, FieldPath path) throws Invalid {
    if (proto.getProtocolSelection() == Cluster.ClusterProtocolSelection.USE_DOWNSTREAM_PROTOCOL) {
      return new Protocol.UseDownstream(http2(proto.getHttp2ProtocolOptions(), path));
    }
    return proto.hasHttp2ProtocolOptions()
        ? new Protocol.Http2(http2(proto.getHttp2ProtocolOptions(), path))
        : new Protocol.Http1();
  }

  private static Http2Options http2(Http2ProtocolOptions proto, FieldPath path) throws Invalid {
    return Http2OptionsParser.parse(proto, path.field("http2_protocol_options"));
  }
}
