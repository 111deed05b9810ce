package dev.weir.control.compile.xds;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.weir.control.compile.xds.AccessCompiler.Access;
import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.AuthorizationSpec.Action;
import dev.weir.control.model.Jwt;
import dev.weir.control.model.Policy;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.policy.Policies;
import dev.weir.control.policy.PolicyIndex.Held;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who may call an app, found out and enforced: filters of its inbound chains. For HTTP the filters
 * of authorization are always there, and off where no route says more, so that a policy ends no
 * connection, but for those that ask a server; those of connections are there where a policy is.
 */
final class InboundAccess {
  /** What is refused comes first: a Deny beats each Allow. */
  private static final String DENY = "weir.rbac.deny";

  private static final String ALLOW = "weir.rbac.allow";
  private static final String TOKENS = "weir.rbac.tokens";
  private static final String STATS = "authorization";

  private final Policies policies;
  private final String trustDomain;
  private final KeyServers servers;
  private final boolean weir;

  /**
   * @param weir whether it is for Weir's sidecar
   */
  InboundAccess(Policies policies, String trustDomain, KeyServers servers, boolean weir) {
    this.policies = policies;
    this.trustDomain = trustDomain;
    this.servers = servers;
    this.weir = weir;
  }

  /**
   * The filters of requests to {@code port}, the same whatever its policies say but for tokens and
   * for who is asked.
   */
  List<HttpFilter> http(ServicePort port) {
    Optional<Held<AuthenticationSpec, Jwt>> jwt = policies.jwt(port);
    List<HttpFilter> filters = new ArrayList<>();
    filters.add(
        HttpFilter.newBuilder()
            .setName(JwtCompiler.FILTER)
            .setTypedConfig(
                Protos.any(
                    jwt.map(held -> JwtCompiler.of(held, servers))
                        .orElseGet(JwtAuthentication::getDefaultInstance)))
            .setDisabled(jwt.isEmpty())
            .build());
    filters.add(off(DENY));
    filters.add(off(ALLOW));
    filters.addAll(external(port).filters());
    return filters;
  }

  private ExternalCompiler external(ServicePort port) {
    return new ExternalCompiler(
        policies.authorization(port), port.service(), principals(port)::http, weir);
  }

  private Principals principals(ServicePort port) {
    return new Principals(port.port(), trustDomain, providers(port));
  }

  /** The servers that are asked about requests to {@code port}. */
  Set<ServicePort> asked(ServicePort port) {
    return external(port).servers();
  }

  private static HttpFilter off(String name) {
    return HttpFilter.newBuilder()
        .setName(name)
        .setTypedConfig(Protos.any(RBAC.getDefaultInstance()))
        .setDisabled(true)
        .build();
  }

  /** Adds what those filters do on the routes of {@code port}. */
  void routes(ServicePort port, Map<String, Any> filters) {
    List<Policy<AuthorizationSpec>> held = policies.authorization(port);
    if (held.isEmpty()) {
      return;
    }
    AccessCompiler access = new AccessCompiler(held, principals(port)::http);
    perRoute(DENY, access.deny(), filters);
    perRoute(ALLOW, access.allow(), filters);
  }

  private List<String> providers(ServicePort port) {
    return policies
        .jwt(port)
        .map(held -> held.value().providers().stream().map(Jwt.Provider::name).toList())
        .orElse(List.of());
  }

  private static void perRoute(String name, Access access, Map<String, Any> filters) {
    if (!access.none()) {
      RBAC.Builder rbac = RBAC.newBuilder();
      access.enforced().ifPresent(rbac::setRules);
      access.shadow().ifPresent(rbac::setShadowRules);
      filters.put(name, Protos.any(RBACPerRoute.newBuilder().setRbac(rbac).build()));
    }
  }

  /**
   * What stands before the relay of connections to {@code port}.
   *
   * @param instead of requests: a server can be asked about these alone
   */
  List<Filter> connections(ServicePort port, boolean instead) {
    List<Policy<AuthorizationSpec>> held =
        policies.authorization(port).stream()
            .filter(policy -> !ExternalCompiler.asksItself(policy, port.service()))
            .toList();
    List<Filter> filters = new ArrayList<>();
    Optional<Held<AuthenticationSpec, Jwt>> jwt = policies.jwt(port);
    if (instead && jwt.isPresent() && jwt.get().value().tokens() == Jwt.Tokens.REQUIRED) {
      network(TOKENS, everyone(jwt.get().policy().name().toString())).ifPresent(filters::add);
    }
    filters.addAll(connections(held, port.port(), instead));
    return filters;
  }

  /** No token comes but by HTTP. */
  private static Access everyone(String policy) {
    return new Access(
        Optional.of(
            io.envoyproxy
                .envoy
                .config
                .rbac
                .v3
                .RBAC
                .newBuilder()
                .setAction(io.envoyproxy.envoy.config.rbac.v3.RBAC.Action.DENY)
                .putPolicies(policy, AccessCompiler.policy(List.of(Principals.all(List.of()))))
                .build()),
        Optional.empty());
  }

  /** As above, on ports that the service does not name. */
  List<Filter> elsewhere(Service own) {
    return connections(policies.authorization(own), 0, false);
  }

  private List<Filter> connections(
      List<Policy<AuthorizationSpec>> held, int port, boolean instead) {
    Principals principals = new Principals(port, trustDomain, List.of());
    List<Filter> filters = new ArrayList<>();
    AccessCompiler denied =
        new AccessCompiler(held, rule -> principals.connection(rule, Action.DENY));
    Access deny = instead ? denied.denyUnasked() : denied.deny();
    Access allow =
        new AccessCompiler(held, rule -> principals.connection(rule, Action.ALLOW)).allow();
    network(DENY, deny).ifPresent(filters::add);
    network(ALLOW, allow).ifPresent(filters::add);
    return filters;
  }

  private static Optional<Filter> network(String name, Access access) {
    if (access.none()) {
      return Optional.empty();
    }
    var rbac =
        io.envoyproxy
            .envoy
            .extensions
            .filters
            .network
            .rbac
            .v3
            .RBAC
            .newBuilder()
            .setStatPrefix(STATS);
    access.enforced().ifPresent(rbac::setRules);
    access.shadow().ifPresent(rbac::setShadowRules);
    Message config = rbac.build();
    return Optional.of(
        Filter.newBuilder().setName(name).setTypedConfig(Protos.any(config)).build());
  }
}
