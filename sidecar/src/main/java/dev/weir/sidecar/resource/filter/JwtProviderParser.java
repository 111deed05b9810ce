package dev.weir.sidecar.resource.filter;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.tls.DataSource;
import dev.weir.sidecar.filter.http.jwtauthn.JwtConfig;
import dev.weir.sidecar.filter.http.jwtauthn.JwtConfig.HeaderPlace;
import dev.weir.sidecar.filter.http.jwtauthn.JwtConfig.Keys;
import dev.weir.sidecar.resource.value.HeaderMutations;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import dev.weir.sidecar.resource.value.StringMatches;
import dev.weir.sidecar.resource.value.WireTexts;
import io.envoyproxy.envoy.config.core.v3.HttpUri;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtProvider;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.RemoteJwks;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code JwtProvider}, with Envoy's defaults. */
final class JwtProviderParser {
  private static final Duration CACHED_FOR = Duration.ofMinutes(10);
  private static final int CLOCK_SKEW_SECONDS = 60;

  private JwtProviderParser() {}

  static JwtConfig.Provider parse(String name, JwtProvider proto, FieldPath path) throws Invalid {
    if (proto.hasNormalizePayloadInMetadata()) {
      throw new Invalid(path.field("normalize_payload_in_metadata"), "is not supported");
    }
    if (!proto.getFailedStatusInMetadata().isEmpty()) {
      throw new Invalid(path.field("failed_status_in_metadata"), "is not supported");
    }
    if (proto.getClearRouteCache()) {
      throw new Invalid(
          path.field("clear_route_cache"), "is not supported: a route is chosen before");
    }
    List<HeaderPlace> headers =
        proto.getFromHeadersList().stream()
            .map(each ->
                new HeaderPlace(each.getName().toLowerCase(Locale.ROOT), each.getValuePrefix()))
            .toList();
    Map<String, String> claims = new HashMap<>();
    for (int i = 0; i < proto.getClaimToHeadersCount(); i++) {
      var each = proto.getClaimToHeaders(i);
      claims.put(
          HeaderMutations.name(
              each.getHeaderName(), path.field("claim_to_headers").index(i).field("header_name")),
          each.getClaimName());
    }
    return new JwtConfig.Provider(
        name,
        proto.getIssuer(),
        proto.getAudiencesList(),
        proto.hasSubjects()
            ? Optional.of(StringMatches.parse(proto.getSubjects(), path.field("subjects")))
            : Optional.empty(),
        proto.getRequireExpiration(),
        Scalars.duration(proto.getMaxLifetime(), path.field("max_lifetime")),
        Duration.ofSeconds(
            proto.getClockSkewSeconds() == 0 ? CLOCK_SKEW_SECONDS : proto.getClockSkewSeconds()),
        keys(proto, path),
        headers,
        proto.getFromParamsList(),
        proto.getFromCookiesList(),
        proto.getForward(),
        proto.getForwardPayloadHeader().isEmpty()
            ? ""
            : HeaderMutations.name(
                proto.getForwardPayloadHeader(), path.field("forward_payload_header")),
        proto.getPadForwardPayloadHeader(),
        proto.getPayloadInMetadata(),
        proto.getHeaderInMetadata(),
        claims);
  }

  private static Keys keys(JwtProvider proto, FieldPath path) throws Invalid {
    return switch (proto.getJwksSourceSpecifierCase()) {
      case LOCAL_JWKS ->
          new Keys.Local(
              switch (proto.getLocalJwks().getSpecifierCase()) {
                case FILENAME -> new DataSource.File(proto.getLocalJwks().getFilename());
                case INLINE_BYTES ->
                    new DataSource.Inline(proto.getLocalJwks().getInlineBytes().toByteArray());
                case INLINE_STRING ->
                    new DataSource.Inline(
                        proto.getLocalJwks().getInlineStringBytes().toByteArray());
                case ENVIRONMENT_VARIABLE, SPECIFIER_NOT_SET ->
                    throw new Invalid(
                        path.field("local_jwks"),
                        "must set one of filename, inline_bytes, inline_string");
              });
      case REMOTE_JWKS -> remote(proto.getRemoteJwks(), path.field("remote_jwks"));
      case JWKSSOURCESPECIFIER_NOT_SET ->
          throw new Invalid(path, "must set one of remote_jwks, local_jwks");
    };
  }

  private static Keys remote(RemoteJwks proto, FieldPath path) throws Invalid {
    HttpUri http = proto.getHttpUri();
    FieldPath at = path.field("http_uri");
    URI uri = WireTexts.uri(http.getUri(), at.field("uri"));
    String target = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    return new Keys.Remote(
        http.getCluster(),
        uri.getRawAuthority(),
        uri.getRawQuery() == null ? target : target + "?" + uri.getRawQuery(),
        Scalars.duration(http.getTimeout(), at.field("timeout")),
        Scalars.duration(
            proto.hasCacheDuration(),
            proto.getCacheDuration(),
            CACHED_FOR,
            path.field("cache_duration")));
  }
}
