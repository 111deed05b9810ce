package dev.weir.control.policy;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.CallMatch;
import dev.weir.control.model.CircuitBreaker;
import dev.weir.control.model.Concurrency;
import dev.weir.control.model.Hedging;
import dev.weir.control.model.HttpMatch;
import dev.weir.control.model.Jwt;
import dev.weir.control.model.Limit;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.OutlierDetection;
import dev.weir.control.model.Policy;
import dev.weir.control.model.Policy.Target;
import dev.weir.control.model.Precedence;
import dev.weir.control.model.RateLimitSpec;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.model.Retry;
import dev.weir.control.model.Route;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.control.model.Timeouts;
import dev.weir.control.policy.PolicyIndex.Held;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which policy holds where: the most specific one that has the section, and the section whole, in
 * the order rule of a route, route, port of a Service, Service, Namespace, mesh. It notes which it
 * has given out. Not thread-safe.
 */
public final class Policies {
  private final MeshModel model;
  private final PolicyIndex<ResilienceSpec> resilience;
  private final PolicyIndex<RateLimitSpec> rateLimits;
  private final PolicyIndex<TelemetrySpec> telemetry;
  private final PolicyIndex<AuthenticationSpec> authentication;
  private final PolicyIndex<AuthorizationSpec> authorization;
  private final SortedSet<String> used = new TreeSet<>();

  /** Ports of other services that are the same of their instances. */
  private Map<ServicePort, List<ServicePort>> alike = Map.of();

  private List<Service> together = List.of();

  public Policies(MeshModel model) {
    this.model = model;
    this.resilience = new PolicyIndex<>(model.policies(ResilienceSpec.class));
    this.rateLimits = new PolicyIndex<>(model.policies(RateLimitSpec.class));
    this.telemetry = new PolicyIndex<>(model.policies(TelemetrySpec.class));
    this.authentication = new PolicyIndex<>(model.policies(AuthenticationSpec.class));
    this.authorization = new PolicyIndex<>(model.policies(AuthorizationSpec.class));
  }

  /**
   * An instance is one of all these services: what protects one of them protects it. Of ports that
   * are one port of the instance it is asked about the first.
   */
  public void together(List<Service> services) {
    Map<Integer, List<ServicePort>> byTarget = new TreeMap<>();
    services.forEach(service ->
        service
            .ports()
            .forEach(port ->
                byTarget
                    .computeIfAbsent(port.targetPort(), target -> new ArrayList<>())
                    .add(new ServicePort(service.name(), port.port()))));
    Map<ServicePort, List<ServicePort>> others = new HashMap<>();
    byTarget
        .values()
        .forEach(ports -> others.put(ports.getFirst(), ports.subList(1, ports.size())));
    alike = others;
    together = List.copyOf(services);
  }

  /** Of several services, each port and those that are the same. */
  private Stream<ServicePort> same(ServicePort port) {
    return Stream.concat(Stream.of(port), alike.getOrDefault(port, List.of()).stream());
  }

  /**
   * Sections for other services that do not hold at a port, since there can be one alone: by the
   * policies' kinds and names.
   */
  public SortedMap<String, String> outdone(ServicePort port) {
    SortedMap<String, String> outdone = new TreeMap<>();
    for (ServicePort other : alike.getOrDefault(port, List.of())) {
      outdone("ResiliencePolicy ", "concurrency", concurrency(port), concurrencyOf(other), outdone);
      outdone("AuthenticationPolicy ", "jwt", jwt(port), jwtOf(other), outdone);
    }
    return outdone;
  }

  private static <S extends Policy.Spec, T> void outdone(
      String kind,
      String section,
      Optional<Held<S, T>> holds,
      Optional<Held<S, T>> other,
      SortedMap<String, String> outdone) {
    other
        .filter(one -> holds.filter(held -> held.saysAs(one)).isEmpty())
        .ifPresent(one -> outdone.put(kind + one.policy().name(), section));
  }

  /** Something that is being made follows from this resource, too. */
  public void use(String kind, ObjectName name) {
    used.add(kind + " " + name);
  }

  /** The resources that were given out, or used, since this was asked before: kind and name. */
  public SortedSet<String> takeUsed() {
    SortedSet<String> taken = new TreeSet<>(used);
    used.clear();
    return taken;
  }

  private <T> Optional<Held<ResilienceSpec, T>> resilience(
      List<Target> targets, Function<ResilienceSpec, @Nullable T> section) {
    Optional<Held<ResilienceSpec, T>> held = resilience.find(targets, section);
    held.ifPresent(found -> use("ResiliencePolicy", found.policy().name()));
    return held;
  }

  private <T> Optional<Held<TelemetrySpec, T>> telemetry(
      Service service, Function<TelemetrySpec, @Nullable T> section) {
    Optional<Held<TelemetrySpec, T>> held = telemetry.find(targets(service), section);
    held.ifPresent(found -> use("TelemetryPolicy", found.policy().name()));
    return held;
  }

  public Optional<Timeouts> timeouts(ServicePort port, Optional<RuleOf> rule) {
    return rule.flatMap(of -> of.rule().timeouts())
        .or(() -> heldTimeouts(port, rule).map(Held::value));
  }

  /** The policy that {@link #timeouts} are of; empty where they stand in the rule itself. */
  public Optional<ObjectName> timeoutsFrom(ServicePort port, Optional<RuleOf> rule) {
    return rule.flatMap(of -> of.rule().timeouts()).isPresent()
        ? Optional.empty()
        : heldTimeouts(port, rule).map(held -> held.policy().name());
  }

  /** The policy that {@link #retry} is of; empty where it stands in the rule itself. */
  public Optional<ObjectName> retryFrom(ServicePort port, Optional<RuleOf> rule) {
    return rule.flatMap(of -> of.rule().retry()).isPresent()
        ? Optional.empty()
        : heldRetry(port, rule).map(held -> held.policy().name());
  }

  public Optional<Retry> retry(ServicePort port, Optional<RuleOf> rule) {
    return rule.flatMap(of -> of.rule().retry()).or(() -> heldRetry(port, rule).map(Held::value));
  }

  /** The policy's, whatever stands in the rule itself. */
  Optional<Held<ResilienceSpec, Timeouts>> heldTimeouts(ServicePort port, Optional<RuleOf> rule) {
    return resilience(targets(port, rule), ResilienceSpec::timeouts);
  }

  /** The policy's, whatever stands in the rule itself. */
  Optional<Held<ResilienceSpec, Retry>> heldRetry(ServicePort port, Optional<RuleOf> rule) {
    return resilience(targets(port, rule), ResilienceSpec::retry);
  }

  public Optional<Held<ResilienceSpec, Hedging>> hedging(ServicePort port, Optional<RuleOf> rule) {
    return resilience(targets(port, rule), ResilienceSpec::hedging);
  }

  /** The breaker of all calls to a port. */
  public Optional<Held<ResilienceSpec, CircuitBreaker>> circuitBreaker(ServicePort port) {
    return resilience(targets(port, Optional.empty()), ResilienceSpec::circuitBreaker);
  }

  /** The breaker that a route, or one rule of it, has of its own. */
  public Optional<Held<ResilienceSpec, CircuitBreaker>> circuitBreaker(RuleOf rule) {
    return resilience(targets(rule), ResilienceSpec::circuitBreaker);
  }

  public Optional<Held<ResilienceSpec, OutlierDetection>> outlierDetection(ServicePort port) {
    return resilience(targets(port, Optional.empty()), ResilienceSpec::outlierDetection);
  }

  /** How much an instance works on at a time. */
  public Optional<Held<ResilienceSpec, Concurrency>> concurrency(ServicePort port) {
    return same(port).flatMap(each -> concurrencyOf(each).stream()).findFirst();
  }

  private Optional<Held<ResilienceSpec, Concurrency>> concurrencyOf(ServicePort port) {
    return resilience(targets(port, Optional.empty()), ResilienceSpec::concurrency);
  }

  /** All that hold for a port, by name; of two with one name the most specific. */
  public List<LimitOf> limits(ServicePort port) {
    return same(port)
        .flatMap(each -> heldLimits(each).stream())
        .map(held -> new LimitOf(held.policy(), held.value()))
        .distinct()
        .toList();
  }

  /** As {@link #limits}, each with the target it holds for. */
  List<Held<RateLimitSpec, Limit>> heldLimits(ServicePort port) {
    Set<String> names = new HashSet<>();
    List<Held<RateLimitSpec, Limit>> limits = new ArrayList<>();
    for (Policy.Attachment<RateLimitSpec> one :
        rateLimits.attached(targets(port, Optional.empty()))) {
      for (Limit limit : one.policy().spec().limits()) {
        if (names.add(limit.name())) {
          use("RateLimitPolicy", one.policy().name());
          limits.add(new Held<>(one.policy(), one.target(), limit));
        }
      }
    }
    return limits;
  }

  /** Whether what protects a port holds for some paths and not for others. */
  public boolean protectsByPath(ServicePort port) {
    return Stream.concat(
                limits(port).stream().flatMap(of -> of.limit().matches().stream()),
                Stream.concat(
                    concurrency(port).stream().flatMap(held -> held.value().exclude().stream()),
                    jwt(port).stream().flatMap(held -> held.value().exclude().stream())))
            .anyMatch(HttpMatch::comparesPath)
        || authorization(port).stream()
            .flatMap(policy -> policy.spec().rules().stream())
            .flatMap(rule -> rule.matches().stream())
            .anyMatch(CallMatch::comparesPath);
  }

  /** How workloads prove who they are to a port; of several services the strictest. */
  public AuthenticationSpec.Mtls mtls(ServicePort port) {
    return same(port)
        .map(each -> heldMtls(each).map(Held::value).orElse(AuthenticationSpec.Mtls.DEFAULT))
        .min(Comparator.comparing(AuthenticationSpec.Mtls::mode))
        .orElseThrow();
  }

  /** As {@link #mtls(ServicePort)}, where somebody says how. */
  public Optional<Held<AuthenticationSpec, AuthenticationSpec.Mtls>> heldMtls(ServicePort port) {
    return authentication(targets(port, Optional.empty()), AuthenticationSpec::mtls);
  }

  /** As {@link #mtls(ServicePort)}, of what comes to no port that the service names. */
  public AuthenticationSpec.Mtls mtls(Service service) {
    return authentication(targets(service), AuthenticationSpec::mtls)
        .map(Held::value)
        .orElse(AuthenticationSpec.Mtls.DEFAULT);
  }

  /** The tokens of end users that a port looks at. */
  public Optional<Held<AuthenticationSpec, Jwt>> jwt(ServicePort port) {
    return same(port).flatMap(each -> jwtOf(each).stream()).findFirst();
  }

  private Optional<Held<AuthenticationSpec, Jwt>> jwtOf(ServicePort port) {
    return authentication(targets(port, Optional.empty()), AuthenticationSpec::jwt);
  }

  /** What overrides comes first, the widest before the others; then the most specific. */
  private <T> Optional<Held<AuthenticationSpec, T>> authentication(
      List<Target> targets, Function<AuthenticationSpec, @Nullable T> section) {
    Optional<Held<AuthenticationSpec, T>> held =
        authentication
            .find(
                targets.reversed(),
                spec -> spec.precedence() == Precedence.OVERRIDE ? section.apply(spec) : null)
            .or(() -> authentication.find(targets, section));
    held.ifPresent(found -> use("AuthenticationPolicy", found.policy().name()));
    return held;
  }

  /** All that say who may call a port, those on the most specific target first. */
  public List<Policy<AuthorizationSpec>> authorization(ServicePort port) {
    List<Policy<AuthorizationSpec>> all =
        same(port)
            .flatMap(each -> authorization.all(targets(each, Optional.empty())).stream())
            .distinct()
            .toList();
    all.forEach(policy -> use("AuthorizationPolicy", policy.name()));
    return all;
  }

  /** As {@link #authorization(ServicePort)}, each with the target it holds for. */
  List<Policy.Attachment<AuthorizationSpec>> attachedAuthorization(ServicePort port) {
    return authorization.attached(targets(port, Optional.empty()));
  }

  /** As {@link #authorization(ServicePort)}, of what comes to no port that the service names. */
  public List<Policy<AuthorizationSpec>> authorization(Service service) {
    List<Policy<AuthorizationSpec>> all =
        Stream.concat(Stream.of(service), together.stream())
            .flatMap(each -> authorization.all(targets(each)).stream())
            .distinct()
            .toList();
    all.forEach(policy -> use("AuthorizationPolicy", policy.name()));
    return all;
  }

  public Optional<Held<TelemetrySpec, TelemetrySpec.Tracing>> tracing(Service service) {
    return telemetry(service, TelemetrySpec::tracing);
  }

  /** Where somebody asks for one. */
  public Optional<Held<TelemetrySpec, TelemetrySpec.AccessLog>> accessLog(Service service) {
    return telemetry(service, TelemetrySpec::accessLog);
  }

  /** What each policy for the service says, the most specific first: they add up. */
  public List<Held<TelemetrySpec, List<String>>> redactHeaders(Service service) {
    List<Held<TelemetrySpec, List<String>>> all =
        telemetry.attached(targets(service)).stream()
            .filter(each -> !each.policy().spec().redactHeaders().isEmpty())
            .map(each ->
                new Held<>(each.policy(), each.target(), each.policy().spec().redactHeaders()))
            .toList();
    all.forEach(held -> use("TelemetryPolicy", held.policy().name()));
    return all;
  }

  public Optional<Held<TelemetrySpec, TelemetrySpec.Metrics>> metrics(Service service) {
    return telemetry(service, TelemetrySpec::metrics);
  }

  private List<Target> targets(ServicePort port, Optional<RuleOf> rule) {
    List<Target> targets = new ArrayList<>();
    rule.ifPresent(of -> targets.addAll(targets(of)));
    Service service = model.services().get(port.service());
    if (service != null) {
      service
          .port(port.port())
          .map(known -> known.name())
          .filter(name -> !name.isEmpty())
          .ifPresent(name -> targets.add(Target.service(port.service(), name)));
      targets.addAll(targets(service));
    }
    return targets;
  }

  private static List<Target> targets(RuleOf of) {
    List<Target> targets = new ArrayList<>();
    Route route = of.route();
    of.rule().name().ifPresent(name -> targets.add(Target.route(route.kind(), route.name(), name)));
    targets.add(Target.route(route.kind(), route.name(), ""));
    return targets;
  }

  private static List<Target> targets(Service service) {
    return List.of(
        Target.service(service.name(), ""),
        Target.namespace(service.name().namespace()),
        Target.MESH);
  }

  /** A limit and the policy it stands in. */
  public record LimitOf(Policy<RateLimitSpec> policy, Limit limit) {}

  /** A rule and its route. */
  public record RuleOf(Route route, Route.Rule rule) {}
}
