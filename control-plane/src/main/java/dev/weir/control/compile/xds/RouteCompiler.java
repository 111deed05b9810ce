package dev.weir.control.compile.xds;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import dev.weir.control.compile.Diagnostics;
import dev.weir.control.compile.Extension;
import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.model.HttpMatch;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Retry;
import dev.weir.control.model.Route.Backend;
import dev.weir.control.model.Route.HeaderChange;
import dev.weir.control.model.Route.Kind;
import dev.weir.control.model.RouteFilters;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.SessionPersistence;
import dev.weir.control.model.Timeouts;
import dev.weir.control.policy.Policies;
import dev.weir.control.policy.Policies.RuleOf;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteAction.ClusterNotFoundResponseCode;
import io.envoyproxy.envoy.config.route.v3.RouteAction.MaxStreamDuration;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch.GrpcRouteMatchOptions;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Routes of calls to a port: Gateway API's, most specific match first, or one to the service
 * itself. Policies stand here and not in the listener, so that open connections get them.
 */
final class RouteCompiler {
  /** {@code filter_metadata} of a route. */
  private static final String POLICIES = "weir.policies";

  private final Mesh mesh;
  private final Policies policies;
  private final ProxyKind kind;
  private final Diagnostics diagnostics;
  private final Map<String, Any> filterConfigs;

  /**
   * @param diagnostics told of what the client cannot take
   * @param filterConfigs what filters do on every route, by filter
   */
  RouteCompiler(
      Mesh mesh,
      Policies policies,
      ProxyKind kind,
      Diagnostics diagnostics,
      Map<String, Any> filterConfigs) {
    this.mesh = mesh;
    this.policies = policies;
    this.kind = kind;
    this.diagnostics = diagnostics;
    this.filterConfigs = filterConfigs;
  }

  /**
   * @param namespace whose routes these are: the service's own, for all who have none themselves,
   *     or the caller's
   */
  RouteConfiguration outbound(Service service, ServicePort port, String namespace) {
    List<Candidate> candidates = new ArrayList<>();
    for (dev.weir.control.model.Route route : mesh.model().routesOf(port, namespace)) {
      policies.use(route.kind().toString(), route.name());
      for (int i = 0; i < route.rules().size(); i++) {
        String of = "rules[%d]".formatted(i);
        RuleOf rule = new RuleOf(route, route.rules().get(i));
        String name =
            route.kind() + "/" + route.name() + "/" + rule.rule().name().orElse(String.valueOf(i));
        rule.rule()
            .matches()
            .forEach(match -> candidates.add(new Candidate(match, rule, name, of)));
      }
    }
    VirtualHost.Builder host = host(service, port).putAllTypedPerFilterConfig(filterConfigs);
    if (candidates.isEmpty()) {
      Route.Builder route = Route.newBuilder().setName("default").setMatch(MatchCompiler.any());
      forward(
          route,
          port,
          Optional.empty(),
          action -> {
            action.setCluster(Names.outbound(port));
            externalHost(port).ifPresent(action::setHostRewriteLiteral);
          });
      host.addRoutes(route);
    }
    // A call of gRPC is a GRPCRoute's first, and nothing else is where there are HTTPRoutes too.
    boolean both =
        candidates.stream().map(candidate -> candidate.rule().route().kind()).distinct().count()
            > 1;
    for (Kind gatewayKind : List.of(Kind.GRPC, Kind.HTTP)) {
      boolean grpcAlone = both && gatewayKind == Kind.GRPC && !kind.proxyless();
      candidates.stream()
          .filter(candidate -> candidate.rule().route().kind() == gatewayKind)
          .sorted(
              Comparator.comparing(Candidate::match, MatchCompiler.mostSpecificFirst(gatewayKind)))
          .forEach(candidate -> host.addRoutes(route(port, candidate, grpcAlone)));
    }
    return RouteConfiguration.newBuilder()
        .setName(Names.outbound(port))
        .addVirtualHosts(host)
        .build();
  }

  /** What the service takes: everything, to the app, which is told who called. */
  RouteConfiguration inbound(Service service, ServicePort port) {
    return RouteConfiguration.newBuilder()
        .setName(Names.inbound(port))
        .addRequestHeadersToAdd(caller())
        .addVirtualHosts(
            VirtualHost.newBuilder()
                .setName(service.name().toString())
                .addDomains("*")
                .putAllTypedPerFilterConfig(filterConfigs)
                .addRoutes(
                    Route.newBuilder()
                        .setName("default")
                        .setMatch(MatchCompiler.any())
                        .setRoute(
                            RouteAction.newBuilder()
                                .setCluster(Names.inbound(port))
                                .setTimeout(Protos.duration(Duration.ZERO)))))
        .build();
  }

  /** The app sees its sidecar's connection; the caller's address comes behind what others say. */
  private static HeaderValueOption caller() {
    return HeaderValueOption.newBuilder()
        .setHeader(
            HeaderValue.newBuilder()
                .setKey("x-forwarded-for")
                .setValue("%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%"))
        .setAppendAction(HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD)
        .build();
  }

  private VirtualHost.Builder host(Service service, ServicePort port) {
    ObjectName name = service.name();
    String qualified = name.name() + "." + name.namespace();
    VirtualHost.Builder host = VirtualHost.newBuilder().setName(name.toString());
    Stream.of(
            name.name(),
            qualified,
            qualified + ".svc",
            qualified + ".svc.cluster.local",
            mesh.addressOf(service))
        .flatMap(domain -> Stream.of(domain, domain + ":" + port.port()))
        .forEach(host::addDomains);
    // The chain already knows the service; a client that gives another host means it all the same.
    return host.addDomains("*");
  }

  /**
   * @param grpcAlone it takes calls of gRPC and nothing else
   */
  private Route route(ServicePort port, Candidate candidate, boolean grpcAlone) {
    dev.weir.control.model.Route.Rule rule = candidate.rule().rule();
    Route.Builder route =
        Route.newBuilder()
            .setName(candidate.name())
            .setMatch(MatchCompiler.routeMatch(candidate.match()));
    if (grpcAlone) {
      route.getMatchBuilder().setGrpc(GrpcRouteMatchOptions.getDefaultInstance());
    }
    RouteFilters filters = rule.filters();
    HeaderChange request = filters.requestHeaders();
    HeaderChange response = filters.responseHeaders();
    route
        .addAllRequestHeadersToAdd(headers(request))
        .addAllRequestHeadersToRemove(request.remove())
        .addAllResponseHeadersToAdd(headers(response))
        .addAllResponseHeadersToRemove(response.remove());
    filters.cors().ifPresent(cors -> cors(route, cors, candidate));
    if (filters.redirect().isPresent()) {
      return route
          .setRedirect(PathCompiler.redirect(filters.redirect().get(), candidate.match(), port))
          .build();
    }
    List<Backend> backends =
        rule.backends().stream().filter(backend -> backend.weight() > 0).toList();
    if (backends.isEmpty()) {
      return withoutBackend(route, candidate.rule().route().kind());
    }
    forward(
        route,
        port,
        Optional.of(candidate.rule()),
        action -> {
          boolean named = filters.rewrite().flatMap(RouteFilters.Rewrite::hostname).isPresent();
          destination(candidate.rule().route().kind(), action, backends, named);
          filters
              .rewrite()
              .ifPresent(rewrite -> PathCompiler.rewrite(rewrite, candidate.match(), action));
          filters.mirrors().forEach(mirror -> action.addRequestMirrorPolicies(mirror(mirror)));
        });
    rule.session().ifPresent(session -> session(route, session, candidate));
    if (kind.takes(Extension.CIRCUIT_BREAKER)) {
      policies
          .circuitBreaker(candidate.rule())
          .ifPresent(held ->
              route.putTypedPerFilterConfig(
                  Extension.CIRCUIT_BREAKER.key(), Protos.any(BreakerCompiler.ofRoute(held))));
    }
    return route.build();
  }

  /** As Gateway API has it; gRPC's UNAVAILABLE is made of 503, its UNKNOWN would be of 500. */
  private static Route withoutBackend(Route.Builder route, Kind kind) {
    int status =
        switch (kind) {
          case HTTP -> 500;
          case GRPC -> 503;
        };
    return route
        .addResponseHeadersToAdd(
            header("x-weir-cause", "no-backend", HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD))
        .setDirectResponse(DirectResponseAction.newBuilder().setStatus(status))
        .build();
  }

  private void cors(Route.Builder route, RouteFilters.Cors cors, Candidate candidate) {
    if (kind.proxyless()) {
      leftOut(candidate, "CORS");
    } else {
      route.putTypedPerFilterConfig(CorsCompiler.FILTER, Protos.any(CorsCompiler.policy(cors)));
    }
  }

  private void leftOut(Candidate candidate, String what) {
    dev.weir.control.model.Route route = candidate.rule().route();
    diagnostics.report(
        route.kind() + " " + route.name(),
        candidate.field(),
        what + " is left out: a gRPC library has no such filter");
  }

  private void session(Route.Builder route, SessionPersistence session, Candidate candidate) {
    if (kind.proxyless()) {
      leftOut(candidate, "sessionPersistence");
    } else {
      route.putTypedPerFilterConfig(
          SessionCompiler.FILTER, Protos.any(SessionCompiler.session(session)));
    }
  }

  private static RouteAction.RequestMirrorPolicy mirror(RouteFilters.Mirror mirror) {
    return RouteAction.RequestMirrorPolicy.newBuilder()
        .setCluster(Names.outbound(mirror.target()))
        .setRuntimeFraction(
            RuntimeFractionalPercent.newBuilder()
                .setDefaultValue(
                    FractionalPercent.newBuilder()
                        .setNumerator(mirror.perMillion())
                        .setDenominator(FractionalPercent.DenominatorType.MILLION)))
        .build();
  }

  private boolean exists(ServicePort target) {
    Service service = mesh.model().services().get(target.service());
    return service != null && service.port(target.port()).isPresent();
  }

  /** What DNS has for the host of requests to {@code target}. */
  private Optional<String> externalHost(ServicePort target) {
    return mesh.model().externalHost(target);
  }

  /**
   * @param named the rule has a host for its requests, wherever they go
   */
  private void destination(
      Kind gatewayKind, RouteAction.Builder action, List<Backend> backends, boolean named) {
    if (!backends.stream().map(Backend::target).allMatch(this::exists)) {
      action.setClusterNotFoundResponseCode(
          switch (gatewayKind) {
            case HTTP -> ClusterNotFoundResponseCode.INTERNAL_SERVER_ERROR;
            case GRPC -> ClusterNotFoundResponseCode.SERVICE_UNAVAILABLE;
          });
    }
    Backend first = backends.getFirst();
    boolean plain =
        first.requestHeaders().equals(HeaderChange.NONE)
            && first.responseHeaders().equals(HeaderChange.NONE);
    if (backends.size() == 1 && plain) {
      action.setCluster(Names.outbound(first.target()));
      externalHost(first.target()).filter(host -> !named).ifPresent(action::setHostRewriteLiteral);
      return;
    }
    WeightedCluster.Builder weighted = WeightedCluster.newBuilder();
    for (Backend backend : backends) {
      WeightedCluster.ClusterWeight.Builder weight =
          WeightedCluster.ClusterWeight.newBuilder()
              .setName(Names.outbound(backend.target()))
              .setWeight(Protos.uint32(backend.weight()))
              .addAllRequestHeadersToAdd(headers(backend.requestHeaders()))
              .addAllRequestHeadersToRemove(backend.requestHeaders().remove())
              .addAllResponseHeadersToAdd(headers(backend.responseHeaders()))
              .addAllResponseHeadersToRemove(backend.responseHeaders().remove());
      externalHost(backend.target())
          .filter(host -> !named)
          .ifPresent(weight::setHostRewriteLiteral);
      weighted.addClusters(weight);
    }
    action.setWeightedClusters(weighted);
  }

  /** Lets {@code route} forward, with what protects the caller. */
  private void forward(
      Route.Builder route,
      ServicePort port,
      Optional<RuleOf> rule,
      Consumer<RouteAction.Builder> destination) {
    Optional<Timeouts> timeouts = policies.timeouts(port, rule);
    Duration request = timeouts.map(Timeouts::request).orElse(Duration.ZERO);
    RouteAction.Builder action =
        RouteAction.newBuilder()
            .setTimeout(Protos.duration(request))
            // A call's own grpc-timeout holds, up to the policy's if there is one.
            .setMaxStreamDuration(
                MaxStreamDuration.newBuilder().setGrpcTimeoutHeaderMax(Protos.duration(request)));
    timeouts.map(Timeouts::idle).ifPresent(idle -> action.setIdleTimeout(Protos.duration(idle)));
    Optional<Retry> retry = policies.retry(port, rule);
    var retryPolicy =
        retry.map(RetryCompiler::retryPolicy).orElse(RetryCompiler.DEFAULT).toBuilder();
    timeouts
        .map(Timeouts::backendRequest)
        .filter(perTry -> !perTry.isZero())
        .ifPresent(perTry -> retryPolicy.setPerTryTimeout(Protos.duration(perTry)));
    policies
        .hedging(port, rule)
        .ifPresent(held -> {
          if (kind.takes(Extension.HEDGING)) {
            route.putTypedPerFilterConfig(
                Extension.HEDGING.key(), Protos.any(HedgingCompiler.hedging(held.value())));
          } else {
            HedgingCompiler.nearest(held, action, retryPolicy, diagnostics);
          }
        });
    named(route, port, rule);
    destination.accept(action);
    route.setRoute(action.setRetryPolicy(retryPolicy));
  }

  /** Whose timeouts and retries these are, so that a proxy can say it of what ends by them. */
  private void named(Route.Builder route, ServicePort port, Optional<RuleOf> rule) {
    if (kind.proxyless()) {
      return;
    }
    Struct.Builder names = Struct.newBuilder();
    policies
        .timeoutsFrom(port, rule)
        .ifPresent(name -> names.putFields("timeouts", Protos.text(name.toString())));
    policies
        .retryFrom(port, rule)
        .ifPresent(name -> names.putFields("retry", Protos.text(name.toString())));
    if (names.getFieldsCount() > 0) {
      route.setMetadata(Metadata.newBuilder().putFilterMetadata(POLICIES, names.build()));
    }
  }

  private static List<HeaderValueOption> headers(HeaderChange change) {
    List<HeaderValueOption> headers = new ArrayList<>();
    change
        .set()
        .forEach((name, value) ->
            headers.add(header(name, value, HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD)));
    change
        .add()
        .forEach((name, value) ->
            headers.add(header(name, value, HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD)));
    return headers;
  }

  private static HeaderValueOption header(String name, String value, HeaderAppendAction action) {
    return HeaderValueOption.newBuilder()
        .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value.replace("%", "%%")))
        .setAppendAction(action)
        .build();
  }

  /**
   * One match of a rule, which becomes one route.
   *
   * @param field of the rule in the spec of its own
   */
  private record Candidate(HttpMatch match, RuleOf rule, String name, String field) {}
}
