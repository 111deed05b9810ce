package dev.weir.sidecar.resource.filter;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.route.StringMatch;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.Field;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.Service;
import dev.weir.sidecar.resource.value.HeaderMutations;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import dev.weir.sidecar.resource.value.WireTexts;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HttpUri;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.AuthorizationResponse;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.HttpService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who is asked by an {@code ExtAuthz}. */
final class ExtAuthzServiceParser {
  /** Envoy's. */
  private static final Duration TIMEOUT = Duration.ofMillis(200);

  private ExtAuthzServiceParser() {}

  static Service parse(ExtAuthz proto, FieldPath path) throws Invalid {
    return switch (proto.getServicesCase()) {
      case GRPC_SERVICE -> grpc(proto.getGrpcService(), path.field("grpc_service"));
      case HTTP_SERVICE -> http(proto.getHttpService(), path.field("http_service"));
      case SERVICES_NOT_SET ->
          throw new Invalid(path, "must set one of grpc_service, http_service");
    };
  }

  private static Service grpc(GrpcService proto, FieldPath path) throws Invalid {
    if (!proto.hasEnvoyGrpc()) {
      throw new Invalid(path, "must set envoy_grpc; nothing else is supported");
    }
    if (proto.hasRetryPolicy()) {
      throw new Invalid(path.field("retry_policy"), "is not supported");
    }
    GrpcService.EnvoyGrpc envoy = proto.getEnvoyGrpc();
    FieldPath at = path.field("envoy_grpc");
    if (envoy.hasRetryPolicy()) {
      throw new Invalid(at.field("retry_policy"), "is not supported");
    }
    if (envoy.hasMaxReceiveMessageLength()) {
      throw new Invalid(
          at.field("max_receive_message_length"), "is not supported: an answer has up to 1 MiB");
    }
    return new Service.Grpc(
        envoy.getClusterName(),
        WireTexts.grpcAuthority(envoy.getAuthority(), envoy.getClusterName(), at),
        proto.hasTimeout()
            ? timeout(Scalars.duration(proto.getTimeout(), path.field("timeout")), path)
            : TIMEOUT,
        fields(proto.getInitialMetadataList(), path.field("initial_metadata")));
  }

  private static Duration timeout(Duration timeout, FieldPath path) throws Invalid {
    if (timeout.isZero()) {
      throw new Invalid(
          path.field("timeout"),
          "must be above 0: a request would wait as long as a server is silent");
    }
    return timeout;
  }

  private static Service http(HttpService proto, FieldPath path) throws Invalid {
    HttpUri uri = proto.getServerUri();
    FieldPath at = path.field("server_uri");
    if (uri.getCluster().isEmpty()) {
      throw new Invalid(at.field("cluster"), "must not be empty");
    }
    String prefix = proto.getPathPrefix();
    if (!prefix.isEmpty() && (prefix.charAt(0) != '/' || !prefix.matches("[!-~&&[^?#]]*"))) {
      throw new Invalid(path.field("path_prefix"), "\"" + prefix + "\" must begin a path with /");
    }
    FieldPath response = path.field("authorization_response");
    return new Service.Http(
        uri.getCluster(),
        timeout(Scalars.duration(uri.getTimeout(), at.field("timeout")), at),
        prefix,
        fields(
            proto.getAuthorizationRequest().getHeadersToAddList(),
            path.field("authorization_request").field("headers_to_add")),
        onSuccess(proto.getAuthorizationResponse(), response),
        proto.getAuthorizationResponse().hasAllowedClientHeaders()
            ? Optional.of(
                ExtAuthzParser.matches(
                    proto.getAuthorizationResponse().getAllowedClientHeaders(),
                    response.field("allowed_client_headers")))
            : Optional.<List<StringMatch>>empty());
  }

  private static ExtAuthzConfig.OnSuccess onSuccess(AuthorizationResponse proto, FieldPath path)
      throws Invalid {
    return new ExtAuthzConfig.OnSuccess(
        ExtAuthzParser.matches(
            proto.getAllowedUpstreamHeaders(), path.field("allowed_upstream_headers")),
        ExtAuthzParser.matches(
            proto.getAllowedUpstreamHeadersToAppend(),
            path.field("allowed_upstream_headers_to_append")),
        ExtAuthzParser.matches(
            proto.getAllowedClientHeadersOnSuccess(),
            path.field("allowed_client_headers_on_success")),
        ExtAuthzParser.matches(
            proto.getDynamicMetadataFromHeaders(), path.field("dynamic_metadata_from_headers")));
  }

  private static List<Field> fields(List<HeaderValue> protos, FieldPath path) throws Invalid {
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      HeaderValue proto = protos.get(i);
      String name = HeaderMutations.name(proto.getKey(), path.index(i).field("key"));
      fields.add(
          new Field(name, WireTexts.asciiValue(proto.getValue(), path.index(i).field("value"))));
    }
    return fields;
  }
}
