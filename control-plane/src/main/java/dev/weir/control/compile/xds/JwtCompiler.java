package dev.weir.control.compile.xds;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.Jwt;
import dev.weir.control.policy.PolicyIndex.Held;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.HttpUri;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtHeader;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtProvider;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirementOrList;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.RemoteJwks;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.RequirementRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Tokens of end users, as Envoy's filter takes them. */
final class JwtCompiler {
  /** The filter's name, and that of its metadata: what a provider has verified, by its name. */
  static final String FILTER = "envoy.filters.http.jwt_authn";

  private static final Duration FETCH_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration CACHED_FOR = Duration.ofMinutes(5);

  private JwtCompiler() {}

  /**
   * @param servers where keys are
   */
  static JwtAuthentication of(Held<AuthenticationSpec, Jwt> held, KeyServers servers) {
    Jwt jwt = held.value();
    String namespace = held.policy().name().namespace();
    JwtAuthentication.Builder filter = JwtAuthentication.newBuilder().setBypassCorsPreflight(true);
    List<String> names = new ArrayList<>();
    for (Jwt.Provider provider : jwt.providers()) {
      filter.putProviders(provider.name(), provider(provider, namespace, servers));
      names.add(provider.name());
    }
    jwt.exclude()
        .forEach(match ->
            filter.addRules(
                RequirementRule.newBuilder().setMatch(MatchCompiler.routeMatch(match))));
    filter.addRules(
        RequirementRule.newBuilder()
            .setMatch(MatchCompiler.any())
            .setRequires(required(names, jwt.tokens())));
    return filter.build();
  }

  private static JwtRequirement required(List<String> names, Jwt.Tokens tokens) {
    List<JwtRequirement> any = new ArrayList<>();
    names.forEach(name -> any.add(JwtRequirement.newBuilder().setProviderName(name).build()));
    if (tokens == Jwt.Tokens.OPTIONAL) {
      any.add(
          JwtRequirement.newBuilder()
              .setAllowMissing(com.google.protobuf.Empty.getDefaultInstance())
              .build());
    }
    return any.size() == 1
        ? any.getFirst()
        : JwtRequirement.newBuilder()
            .setRequiresAny(JwtRequirementOrList.newBuilder().addAllRequirements(any))
            .build();
  }

  private static JwtProvider provider(Jwt.Provider provider, String namespace, KeyServers servers) {
    JwtProvider.Builder made =
        JwtProvider.newBuilder()
            .setIssuer(provider.issuer())
            .addAllAudiences(provider.audiences())
            .setForward(provider.forwardOriginalToken())
            .setPayloadInMetadata(provider.name())
            .setClockSkewSeconds((int) provider.clockSkew().toSeconds());
    for (Jwt.From from : provider.from()) {
      switch (from) {
        case Jwt.FromHeader(String header) -> made.addFromHeaders(header(header));
        case Jwt.FromQuery(String parameter) -> made.addFromParams(parameter);
        case Jwt.FromCookie(String cookie) -> made.addFromCookies(cookie);
      }
    }
    if (provider.from().isEmpty()) {
      made.addFromHeaders(header("authorization"));
    }
    provider
        .claimsToHeaders()
        .forEach(claim ->
            made.addClaimToHeaders(
                JwtClaimToHeader.newBuilder()
                    .setClaimName(claim.claim())
                    .setHeaderName(claim.header().toLowerCase(Locale.ROOT))));
    switch (provider.jwks()) {
      case Jwt.JwksInline(String inline) ->
          made.setLocalJwks(DataSource.newBuilder().setInlineString(inline));
      case Jwt.JwksConfigMap(Jwt.ConfigMapRef ref) ->
          made.setLocalJwks(
              DataSource.newBuilder().setInlineString(servers.text(ref.in(namespace))));
      case Jwt.JwksUri(String uri) ->
          made.setRemoteJwks(
              RemoteJwks.newBuilder()
                  .setHttpUri(
                      HttpUri.newBuilder()
                          .setUri(uri)
                          .setCluster(servers.cluster(uri))
                          .setTimeout(Protos.duration(FETCH_TIMEOUT)))
                  .setCacheDuration(Protos.duration(CACHED_FOR)));
    }
    return made.build();
  }

  private static JwtHeader header(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    JwtHeader.Builder header = JwtHeader.newBuilder().setName(lower);
    if (lower.equals("authorization")) {
      header.setValuePrefix("Bearer ");
    }
    return header.build();
  }
}
