package dev.weir.control.compile.xds;

import com.google.protobuf.Message;
import dev.weir.control.compile.Names;
import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.AuthorizationSpec.AccessRule;
import dev.weir.control.model.ExternalCheck;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.schema.Shapes;
import dev.weir.control.model.schema.Span;
import io.envoyproxy.envoy.config.common.mutation_rules.v3.HeaderMutationRules;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.HttpUri;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC.Action;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.AuthorizationResponse;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.HttpService;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.ListStringMatcher;
import io.envoyproxy.envoy.type.matcher.v3.MetadataMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ValueMatcher;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.envoyproxy.envoy.type.v3.StatusCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Requests that servers are asked about: for each server and way of asking two filters, that of
 * rules, which notes the policy that a request is asked about for, and that which asks about those
 * with a note. Rules only note, by RBAC's shadow rules of the action LOG, whose finding is the
 * dynamic metadata that the other filter looks at. Unlike other rules they come with the listener
 * and not with its routes, beside the server that they are for: neither ever holds without the
 * other.
 */
final class ExternalCompiler {
  private static final String RULES = "weir.rbac.external|";
  private static final String ASK = "weir.ext_authz|";

  /** Whose metadata the note is. */
  private static final String RBAC_FILTER = "envoy.filters.http.rbac";

  private static final String NOTE = "shadow_effective_policy_id";

  /**
   * Beside {@code authorization}: sessions, and who called, which the proxy itself has found out.
   */
  private static final List<String> TOLD =
      List.of("cookie", "x-forwarded-client-cert", "x-forwarded-proto", "x-request-id");

  private final boolean weir;

  /** By its text, so that the filters' order is the same each time. */
  private final SortedMap<String, Asked> asked = new TreeMap<>();

  /** A server and a way of asking it; {@code policies} are those that have rules of the port. */
  private record Asked(
      ServicePort server, ExternalCheck check, SortedMap<String, List<Principal>> policies) {
    /** What tells one from another: all that its filter says. */
    static String key(ServicePort server, ExternalCheck check) {
      List<String> parts = new ArrayList<>();
      parts.add(server.service() + ":" + server.port());
      parts.add(Shapes.word(check.protocol()));
      parts.add(Span.print(check.timeout()));
      parts.add(Shapes.word(check.onUnavailable()));
      parts.addAll(toApp(check));
      return String.join("|", parts);
    }

    /** Before the names of statistics and of notes, which take no other signs. */
    String prefix() {
      return "external." + key(server, check).replaceAll("[|/:]", ".") + ".";
    }

    /** In lower case, as they are compared. */
    static SortedSet<String> toApp(ExternalCheck check) {
      SortedSet<String> names = new TreeSet<>();
      check.headersToApp().forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
      return names;
    }
  }

  /**
   * @param held the policies of a port
   * @param own the port's service
   * @param rules what a rule becomes; empty for what can never be
   * @param weir whether it is for Weir's sidecar
   */
  ExternalCompiler(
      List<Policy<AuthorizationSpec>> held,
      ObjectName own,
      Function<AccessRule, Optional<Principal>> rules,
      boolean weir) {
    this.weir = weir;
    for (Policy<AuthorizationSpec> policy : held) {
      ExternalCheck check = policy.spec().external();
      if (check == null) {
        continue;
      }
      ServicePort server = check.server(policy.name().namespace());
      List<Principal> principals =
          policy.spec().rules().stream().flatMap(rule -> rules.apply(rule).stream()).toList();
      if (!asksItself(policy, own) && !principals.isEmpty()) {
        asked
            .computeIfAbsent(
                Asked.key(server, check), key -> new Asked(server, check, new TreeMap<>()))
            .policies()
            .put(policy.name().toString(), principals);
      }
    }
  }

  /**
   * Whether a policy would have {@code own} asked about its own requests, which would never end.
   */
  static boolean asksItself(Policy<AuthorizationSpec> policy, ObjectName own) {
    ExternalCheck check = policy.spec().external();
    return check != null && check.server(policy.name().namespace()).service().equals(own);
  }

  Set<ServicePort> servers() {
    Set<ServicePort> servers = new TreeSet<>();
    asked.values().forEach(each -> servers.add(each.server()));
    return servers;
  }

  /** They stand before what else is done for a request that may come. */
  List<HttpFilter> filters() {
    List<HttpFilter> filters = new ArrayList<>();
    asked.forEach((key, each) -> {
      filters.add(filter(RULES + key, rules(each)));
      filters.add(filter(ASK + key, ask(each)));
    });
    return filters;
  }

  private static HttpFilter filter(String name, Message config) {
    return HttpFilter.newBuilder().setName(name).setTypedConfig(Protos.any(config)).build();
  }

  private static RBAC rules(Asked each) {
    var rules = io.envoyproxy.envoy.config.rbac.v3.RBAC.newBuilder().setAction(Action.LOG);
    each.policies()
        .forEach((name, principals) ->
            rules.putPolicies(
                name,
                io.envoyproxy.envoy.config.rbac.v3.Policy.newBuilder()
                    .addPermissions(Permission.newBuilder().setAny(true))
                    .addAllPrincipals(principals)
                    .build()));
    return RBAC.newBuilder().setShadowRules(rules).setShadowRulesStatPrefix(each.prefix()).build();
  }

  private ExtAuthz ask(Asked each) {
    ExternalCheck check = each.check();
    ServicePort server = each.server();
    String host =
        server.service().name() + "." + server.service().namespace() + ":" + server.port();
    String cluster = Names.outbound(server);
    ExtAuthz.Builder filter =
        ExtAuthz.newBuilder()
            .setTransportApiVersion(ApiVersion.V3)
            .setStatPrefix(each.prefix().substring(0, each.prefix().length() - 1))
            .setFilterEnabledMetadata(
                MetadataMatcher.newBuilder()
                    .setFilter(RBAC_FILTER)
                    .addPath(MetadataMatcher.PathSegment.newBuilder().setKey(each.prefix() + NOTE))
                    .setValue(ValueMatcher.newBuilder().setPresentMatch(true)))
            .addMetadataContextNamespaces(JwtCompiler.FILTER)
            .setValidateMutations(true);
    switch (check.protocol()) {
      case GRPC -> filter.setGrpcService(grpc(cluster, host, check.timeout()));
      case HTTP ->
          filter
              .setHttpService(http(cluster, host, check.timeout(), Asked.toApp(check)))
              .setAllowedHeaders(exactly(TOLD));
    }
    switch (check.onUnavailable()) {
      case ALLOW -> filter.setFailureModeAllow(true);
      case REFUSE ->
          filter.setStatusOnError(HttpStatus.newBuilder().setCode(StatusCode.ServiceUnavailable));
    }
    if (!weir) { // whose sidecar never lets them be changed
      filter.setDecoderHeaderMutationRules(
          HeaderMutationRules.newBuilder()
              .setDisallowSystem(Protos.bool(true))
              .setDisallowIsError(Protos.bool(true)));
    }
    return filter.build();
  }

  private static GrpcService grpc(String cluster, String host, Duration timeout) {
    return GrpcService.newBuilder()
        .setEnvoyGrpc(GrpcService.EnvoyGrpc.newBuilder().setClusterName(cluster).setAuthority(host))
        .setTimeout(Protos.duration(timeout))
        .build();
  }

  private static HttpService http(
      String cluster, String host, Duration timeout, SortedSet<String> toApp) {
    HttpService.Builder service =
        HttpService.newBuilder()
            .setServerUri(
                HttpUri.newBuilder()
                    .setUri("http://" + host)
                    .setCluster(cluster)
                    .setTimeout(Protos.duration(timeout)));
    if (!toApp.isEmpty()) {
      service.setAuthorizationResponse(
          AuthorizationResponse.newBuilder().setAllowedUpstreamHeaders(exactly(toApp)));
    }
    return service.build();
  }

  private static ListStringMatcher exactly(Collection<String> names) {
    ListStringMatcher.Builder matcher = ListStringMatcher.newBuilder();
    names.forEach(name -> matcher.addPatterns(Protos.exactly(name)));
    return matcher.build();
  }
}
