package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.Http2Options;
import dev.weir.sidecar.config.cluster.Cluster.Protocol;
import dev.weir.sidecar.config.cluster.Cluster.RequestedName;
import dev.weir.sidecar.config.tls.UpstreamTls;
import dev.weir.sidecar.resource.value.Invalid;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.UpstreamHttpProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Which HTTP a cluster speaks: HttpProtocolOptions, or the older fields of the cluster. */
final class UpstreamProtocolParser {
  private UpstreamProtocolParser() {}

  static Protocol parse(HttpProtocolOptions proto, FieldPath path, boolean tls) throws Invalid {
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

  /**
   * Whom to call.
   *
   * @param tls all that the cluster's connections may go through
   */
  static Optional<RequestedName> requestedName(
      UpstreamHttpProtocolOptions proto, List<UpstreamTls> tls, FieldPath path) throws Invalid {
    if (!proto.getAutoSni() && !proto.getAutoSanValidation()) {
      return Optional.empty();
    }
    if (proto.getAutoSanValidation()
        && tls.stream().anyMatch(each -> each.common().trust().isEmpty())) {
      throw new Invalid(
          path.field("auto_san_validation"),
          "needs a validation_context with a trusted_ca: without, anybody can have that name");
    }
    return Optional.of(
        new RequestedName(
            proto.getAutoSni(),
            proto.getAutoSanValidation(),
            proto.getOverrideAutoSniHeader().toLowerCase(Locale.ROOT)));
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
