package dev.weir.control.policy;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.BackendTls;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.Mode;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy.Target;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.control.policy.Holding.Enforcer;
import dev.weir.control.policy.Policies.RuleOf;
import dev.weir.control.policy.PolicyIndex.Held;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** All that holds for a port or a rule, from where, and who enforces it. Not thread-safe. */
public final class Holdings {
  private final MeshModel model;
  private final Policies policies;
  private final SharedPods shared;

  public Holdings(MeshModel model) {
    this.model = model;
    this.policies = new Policies(model);
    this.shared = new SharedPods(model);
  }

  /** Of calls to a port that no rule of a route says more about. */
  public List<Holding> of(ServicePort port) {
    List<Holding> holdings = new ArrayList<>(byCallers(port, Optional.empty()));
    policies
        .circuitBreaker(port)
        .ifPresent(held -> holdings.add(byCallers("circuitBreaker", held, shadow(held))));
    policies
        .outlierDetection(port)
        .ifPresent(held -> holdings.add(byCallers("outlierDetection", held, false)));
    model
        .backendTls(port)
        .ifPresent(tls ->
            holdings.add(
                new Holding(
                    "tls",
                    "BackendTLSPolicy",
                    tls.policy(),
                    tls.target().words(),
                    false,
                    Enforcer.CALLERS_SIDECARS,
                    said(tls))));
    policies.heldMtls(port).ifPresent(held -> holdings.add(authentication("mtls", held)));
    policies.jwt(port).ifPresent(held -> holdings.add(authentication("jwt", held)));
    policies
        .attachedAuthorization(port)
        .forEach(one ->
            holdings.add(
                new Holding(
                    "rules",
                    "AuthorizationPolicy",
                    one.policy().name(),
                    one.target().words(),
                    one.policy().spec().mode() == Mode.SHADOW,
                    Enforcer.OWN_SIDECARS,
                    one.policy().spec())));
    policies
        .heldLimits(port)
        .forEach(held ->
            holdings.add(
                new Holding(
                    "limits[" + held.value().name() + "]",
                    "RateLimitPolicy",
                    held.policy().name(),
                    held.target().words(),
                    held.policy().spec().mode() == Mode.SHADOW,
                    Enforcer.OWN_SIDECARS,
                    held.value())));
    policies
        .concurrency(port)
        .ifPresent(held ->
            holdings.add(
                new Holding(
                    "concurrency",
                    "ResiliencePolicy",
                    held.policy().name(),
                    held.target().words(),
                    shadow(held),
                    Enforcer.OWN_SIDECARS,
                    held.value())));
    return holdings;
  }

  /** Of the certificates whose they are: they are long. */
  private static Map<String, Object> said(BackendTls tls) {
    Map<String, Object> said = new LinkedHashMap<>();
    said.put("hostname", tls.hostname());
    switch (tls.trust()) {
      case BackendTls.SystemRoots() -> said.put("wellKnownCACertificates", "System");
      case BackendTls.Certificates(List<ObjectName> maps, var _) ->
          said.put("caCertificateRefs", maps.stream().map(ObjectName::name).toList());
      case BackendTls.Nobody() -> said.put("connections", "fail, for there is nobody to trust");
    }
    List<String> names = new ArrayList<>();
    for (BackendTls.Name name : tls.names()) {
      names.add(
          switch (name) {
            case BackendTls.DnsName(String dns) -> dns;
            case BackendTls.Uri(String uri) -> uri;
          });
    }
    if (!names.equals(List.of(tls.hostname()))) {
      said.put("subjectAltNames", names);
    }
    return said;
  }

  /** Of calls to a port by a rule: what is not the same without the rule. */
  public List<Holding> of(ServicePort port, RuleOf rule) {
    List<Holding> holdings = new ArrayList<>();
    String route = rule.route().kind().toString();
    String target =
        Target.route(rule.route().kind(), rule.route().name(), rule.rule().name().orElse(""))
            .words();
    rule.rule()
        .timeouts()
        .ifPresent(value -> holdings.add(inline("timeouts", route, rule, target, value)));
    rule.rule()
        .retry()
        .ifPresent(value -> holdings.add(inline("retry", route, rule, target, value)));
    rule.rule()
        .session()
        .ifPresent(value -> holdings.add(inline("sessionPersistence", route, rule, target, value)));
    List<Holding> byPolicies = new ArrayList<>(byCallers(port, Optional.of(rule)));
    policies
        .circuitBreaker(rule)
        .ifPresent(held -> byPolicies.add(byCallers("circuitBreaker", held, shadow(held))));
    List<Holding> ofPort = byCallers(port, Optional.empty());
    for (Holding holding : byPolicies) {
      boolean inlineOne =
          holdings.stream().anyMatch(one -> one.section().equals(holding.section()));
      if (!inlineOne && !ofPort.contains(holding)) {
        holdings.add(holding);
      }
    }
    return holdings;
  }

  private static Holding inline(
      String section, String kind, RuleOf rule, String target, Object value) {
    return new Holding(
        section, kind, rule.route().name(), target, false, Enforcer.CALLERS_SIDECARS, value);
  }

  /** What a service's own sidecars tell. */
  public List<Holding> of(Service service) {
    List<Holding> holdings = new ArrayList<>();
    policies.tracing(service).ifPresent(held -> holdings.add(telemetry("tracing", held)));
    policies.accessLog(service).ifPresent(held -> holdings.add(telemetry("accessLog", held)));
    policies.metrics(service).ifPresent(held -> holdings.add(telemetry("metrics", held)));
    policies
        .redactHeaders(service)
        .forEach(held ->
            holdings.add(
                telemetry(
                    "redactHeaders",
                    new Held<>(
                        held.policy(), held.target(), Map.of("redactHeaders", held.value())))));
    return holdings;
  }

  /** How workloads prove who they are to a port; of services with the same pods the strictest. */
  public AuthenticationSpec.Mtls mtls(ServicePort port) {
    return Stream.concat(Stream.of(port), shared.same(port).stream())
        .map(policies::mtls)
        .min(Comparator.comparing(AuthenticationSpec.Mtls::mode))
        .orElseThrow();
  }

  private List<Holding> byCallers(ServicePort port, Optional<RuleOf> rule) {
    List<Holding> holdings = new ArrayList<>();
    policies
        .heldTimeouts(port, rule)
        .ifPresent(held -> holdings.add(byCallers("timeouts", held, false)));
    policies.heldRetry(port, rule).ifPresent(held -> holdings.add(byCallers("retry", held, false)));
    policies.hedging(port, rule).ifPresent(held -> holdings.add(byCallers("hedging", held, false)));
    return holdings;
  }

  private static boolean shadow(Held<ResilienceSpec, ?> held) {
    return held.policy().spec().mode() == Mode.SHADOW;
  }

  private static Holding byCallers(String section, Held<ResilienceSpec, ?> held, boolean shadow) {
    return new Holding(
        section,
        "ResiliencePolicy",
        held.policy().name(),
        held.target().words(),
        shadow,
        Enforcer.CALLERS_SIDECARS,
        held.value());
  }

  private static Holding authentication(String section, Held<AuthenticationSpec, ?> held) {
    return new Holding(
        section,
        "AuthenticationPolicy",
        held.policy().name(),
        held.target().words(),
        false,
        Enforcer.OWN_SIDECARS,
        held.value());
  }

  private static Holding telemetry(String section, Held<TelemetrySpec, ?> held) {
    return new Holding(
        section,
        "TelemetryPolicy",
        held.policy().name(),
        held.target().words(),
        false,
        Enforcer.OWN_SIDECARS,
        held.value());
  }
}
