package dev.weir.sidecar.resource;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.extensions.http.forwarded_client_cert.v1alpha1.ForwardedClientCert;
import dev.weir.sidecar.config.listener.ClientCertificates;
import dev.weir.sidecar.config.listener.ClientCertificates.Forward;
import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.HttpConnectionManager.Codec;
import dev.weir.sidecar.config.listener.HttpConnectionManager.EscapedSlashes;
import dev.weir.sidecar.config.listener.HttpConnectionManager.ForwardedOptions;
import dev.weir.sidecar.config.listener.HttpConnectionManager.Limits;
import dev.weir.sidecar.config.listener.HttpConnectionManager.PathOptions;
import dev.weir.sidecar.config.listener.HttpConnectionManager.ServerHeader;
import dev.weir.sidecar.config.listener.HttpConnectionManager.Timeouts;
import dev.weir.sidecar.config.route.RouteSource;
import dev.weir.sidecar.resource.filter.HttpFilterParsers;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import dev.weir.sidecar.resource.value.TypedConfigs;
import dev.weir.sidecar.resource.value.WireTexts;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** {@code HttpConnectionManager}, with Envoy's defaults. */
final class HttpConnectionManagerParser {
  private static final int DEFAULT_HEAD_KB = 60;
  private static final int DEFAULT_MAX_HEADERS = 100;
  private static final Duration DEFAULT_IDLE = Duration.ofHours(1);

  /** Envoy has none: a head that never ends would hold its connection for the idle timeout. */
  private static final Duration DEFAULT_REQUEST_HEADERS = Duration.ofSeconds(10);

  private static final Duration DEFAULT_STREAM_IDLE = Duration.ofMinutes(5);
  private static final Duration DEFAULT_DELAYED_CLOSE = Duration.ofSeconds(1);
  private static final String DEFAULT_SERVER_NAME = "envoy";

  private final TypedConfigs typedConfigs;
  private final HttpFilterParsers filters;
  private final RouteParser routes;
  private final AccessLogParser accessLogs;

  HttpConnectionManagerParser(
      TypedConfigs typedConfigs,
      HttpFilterParsers filters,
      RouteParser routes,
      AccessLogParser accessLogs) {
    this.typedConfigs = typedConfigs;
    this.filters = filters;
    this.routes = routes;
    this.accessLogs = accessLogs;
  }

  HttpConnectionManager parse(
      io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3
              .HttpConnectionManager
          proto,
      FieldPath path)
      throws Invalid {
    return new HttpConnectionManager(
        proto.getStatPrefix(),
        switch (proto.getCodecType()) {
          case AUTO -> Codec.AUTO;
          case HTTP1 -> Codec.HTTP1;
          case HTTP2 -> Codec.HTTP2;
          case HTTP3, UNRECOGNIZED ->
              throw new Invalid(path.field("codec_type"), "must be AUTO, HTTP1 or HTTP2");
        },
        routeSource(proto, path),
        filters.downstream(proto.getHttpFiltersList(), path.field("http_filters")),
        accessLogs.parse(proto.getAccessLogList(), path.field("access_log")),
        proto.hasTracing()
            ? new TracingParser(typedConfigs).parse(proto.getTracing(), path.field("tracing"))
            : Optional.empty(),
        limits(proto),
        timeouts(proto, path),
        Http2OptionsParser.parse(
            proto.getHttp2ProtocolOptions(), path.field("http2_protocol_options")),
        pathOptions(proto, path),
        forwarded(proto),
        clientCertificates(proto, path),
        serverHeader(proto, path),
        upgrades(proto.getUpgradeConfigsList(), path.field("upgrade_configs")));
  }

  private static Set<String> upgrades(
      List<
              io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3
                  .HttpConnectionManager.UpgradeConfig>
          protos,
      FieldPath path)
      throws Invalid {
    Set<String> types = new HashSet<>();
    for (int i = 0; i < protos.size(); i++) {
      var proto = protos.get(i);
      if (proto.getFiltersCount() > 0) {
        throw new Invalid(path.index(i).field("filters"), "are not supported; it has the chain's");
      }
      if (!proto.hasEnabled() || proto.getEnabled().getValue()) {
        types.add(upgradeType(proto.getUpgradeType(), path.index(i)));
      }
    }
    return types;
  }

  static String upgradeType(String type, FieldPath path) throws Invalid {
    if (type.isEmpty()) {
      throw new Invalid(path.field("upgrade_type"), "must not be empty");
    }
    if (type.equalsIgnoreCase("CONNECT")) {
      throw new Invalid(path.field("upgrade_type"), "CONNECT is not supported");
    }
    return type.toLowerCase(Locale.ROOT);
  }

  private RouteSource routeSource(
      io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3
              .HttpConnectionManager
          proto,
      FieldPath path)
      throws Invalid {
    return switch (proto.getRouteSpecifierCase()) {
      case RDS -> {
        FieldPath at = path.field("rds");
        if (proto.getRds().getRouteConfigName().isEmpty()) {
          throw new Invalid(at.field("route_config_name"), "must not be empty");
        }
        yield new RouteSource.Rds(
            proto.getRds().getRouteConfigName(),
            ConfigSources.fetch(proto.getRds().getConfigSource(), at.field("config_source")));
      }
      case ROUTE_CONFIG ->
          new RouteSource.Inline(routes.parse(proto.getRouteConfig(), path.field("route_config")));
      case SCOPED_ROUTES -> throw new Invalid(path.field("scoped_routes"), "is not supported");
      case ROUTESPECIFIER_NOT_SET -> throw new Invalid(path, "must set rds or route_config");
    };
  }

  private static Limits limits(
      io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3
              .HttpConnectionManager
          proto) {
    HttpProtocolOptions common = proto.getCommonHttpProtocolOptions();
    int kilobytes =
        Scalars.clamp(
            proto.hasMaxRequestHeadersKb(), proto.getMaxRequestHeadersKb(), DEFAULT_HEAD_KB);
    return new Limits(
        kilobytes * 1024,
        Scalars.clamp(
            common.hasMaxHeadersCount(), common.getMaxHeadersCount(), DEFAULT_MAX_HEADERS),
        Scalars.clamp(
            common.hasMaxRequestsPerConnection(), common.getMaxRequestsPerConnection(), 0));
  }

  private static Timeouts timeouts(
      io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3
              .HttpConnectionManager
          proto,
      FieldPath path)
      throws Invalid {
    HttpProtocolOptions common = proto.getCommonHttpProtocolOptions();
    FieldPath commonPath = path.field("common_http_protocol_options");
    return new Timeouts(
        Scalars.duration(
            common.hasIdleTimeout(),
            common.getIdleTimeout(),
            DEFAULT_IDLE,
            commonPath.field("idle_timeout")),
        Scalars.duration(
            proto.hasStreamIdleTimeout(),
            proto.getStreamIdleTimeout(),
            DEFAULT_STREAM_IDLE,
            path.field("stream_idle_timeout")),
        Scalars.duration(proto.getRequestTimeout(), path.field("request_timeout")),
        Scalars.duration(
            proto.hasRequestHeadersTimeout(),
            proto.getRequestHeadersTimeout(),
            DEFAULT_REQUEST_HEADERS,
            path.field("request_headers_timeout")),
        Scalars.duration(
            common.getMaxConnectionDuration(), commonPath.field("max_connection_duration")),
        Scalars.duration(
            proto.hasDelayedCloseTimeout(),
            proto.getDelayedCloseTimeout(),
            DEFAULT_DELAYED_CLOSE,
            path.field("delayed_close_timeout")));
  }

  private static PathOptions pathOptions(
      io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3
              .HttpConnectionManager
          proto,
      FieldPath path)
      throws Invalid {
    return new PathOptions(
        proto.getNormalizePath().getValue(),
        proto.getMergeSlashes(),
        switch (proto.getPathWithEscapedSlashesAction()) {
          case IMPLEMENTATION_SPECIFIC_DEFAULT, KEEP_UNCHANGED -> EscapedSlashes.KEEP;
          case REJECT_REQUEST -> EscapedSlashes.REJECT;
          case UNESCAPE_AND_FORWARD -> EscapedSlashes.UNESCAPE_AND_FORWARD;
          case UNESCAPE_AND_REDIRECT -> EscapedSlashes.UNESCAPE_AND_REDIRECT;
          case UNRECOGNIZED ->
              throw new Invalid(
                  path.field("path_with_escaped_slashes_action"),
                  "has no value " + proto.getPathWithEscapedSlashesActionValue());
        });
  }

  private static ForwardedOptions forwarded(
      io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3
              .HttpConnectionManager
          proto) {
    return new ForwardedOptions(
        proto.getUseRemoteAddress().getValue(),
        proto.getSkipXffAppend(),
        !proto.hasGenerateRequestId() || proto.getGenerateRequestId().getValue(),
        proto.getPreserveExternalRequestId(),
        proto.getAlwaysSetRequestIdInResponse());
  }

  private ClientCertificates clientCertificates(
      io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3
              .HttpConnectionManager
          proto,
      FieldPath path)
      throws Invalid {
    var details = proto.getSetCurrentClientCertDetails();
    return new ClientCertificates(
        believed(proto, path.field("early_header_mutation_extensions")),
        switch (proto.getForwardClientCertDetails()) {
          case SANITIZE -> Forward.SANITIZE;
          case FORWARD_ONLY -> Forward.FORWARD_ONLY;
          case APPEND_FORWARD -> Forward.APPEND_FORWARD;
          case SANITIZE_SET -> Forward.SANITIZE_SET;
          case ALWAYS_FORWARD_ONLY -> Forward.ALWAYS_FORWARD_ONLY;
          case UNRECOGNIZED ->
              throw new Invalid(
                  path.field("forward_client_cert_details"),
                  "has no value " + proto.getForwardClientCertDetailsValue());
        },
        details.getSubject().getValue(),
        details.getCert(),
        details.getChain(),
        details.getDns(),
        details.getUri());
  }

  /** The one that there is; of several a peer must be named by each. */
  private Optional<Set<String>> believed(
      io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3
              .HttpConnectionManager
          proto,
      FieldPath path)
      throws Invalid {
    Optional<Set<String>> believed = Optional.empty();
    for (int i = 0; i < proto.getEarlyHeaderMutationExtensionsCount(); i++) {
      FieldPath at = path.index(i).field("typed_config");
      Message content =
          typedConfigs.open(proto.getEarlyHeaderMutationExtensions(i).getTypedConfig(), at);
      if (!(content instanceof ForwardedClientCert named)) {
        throw new Invalid(
            at,
            "there is no early header mutation for "
                + TypedConfigs.nameOf(content)
                + "; here may stand "
                + TypedConfigs.nameOf(ForwardedClientCert.getDefaultInstance()));
      }
      Set<String> names = new HashSet<>(named.getBelievedList());
      believed.ifPresent(names::retainAll);
      believed = Optional.of(names);
    }
    return believed;
  }

  private static ServerHeader serverHeader(
      io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3
              .HttpConnectionManager
          proto,
      FieldPath path)
      throws Invalid {
    return new ServerHeader(
        switch (proto.getServerHeaderTransformation()) {
          case OVERWRITE -> ServerHeader.Action.OVERWRITE;
          case APPEND_IF_ABSENT -> ServerHeader.Action.APPEND_IF_ABSENT;
          case PASS_THROUGH -> ServerHeader.Action.PASS_THROUGH;
          case UNRECOGNIZED ->
              throw new Invalid(
                  path.field("server_header_transformation"),
                  "has no value " + proto.getServerHeaderTransformationValue());
        },
        proto.getServerName().isEmpty()
            ? DEFAULT_SERVER_NAME
            : WireTexts.asciiValue(proto.getServerName(), path.field("server_name")));
  }
}
