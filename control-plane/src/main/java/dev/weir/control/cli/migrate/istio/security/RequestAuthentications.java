package dev.weir.control.cli.migrate.istio.security;

import dev.weir.control.cli.migrate.istio.security.PolicyTargets.Level;
import dev.weir.control.cli.migrate.istio.security.PolicyTargets.Some;
import dev.weir.control.cli.migrate.istio.security.PolicyTargets.Target;
import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.cli.migrate.resource.Texts;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Port.Protocol;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Istio's RequestAuthentication: an AuthenticationPolicy with {@code jwt}. In Istio the rules of
 * all that are for a workload hold side by side, and of Weir's the most specific policy alone: so
 * it has those of the wider ones too.
 */
public final class RequestAuthentications {
  private static final int MOST_PROVIDERS = 8;

  /** A rule and where it stands. */
  private record Provider(
      String issuer, Map<String, Object> fields, String resource, Location at, FieldPath path) {}

  /**
   * What rules are for: the mesh, a namespace, or a Service.
   *
   * @param name of the Service; of a namespace, without a name
   */
  private record Scope(Level level, ObjectName name) {
    /** Whether all that {@code other} is, is of this. */
    boolean covers(Scope other) {
      return switch (level) {
        case MESH -> true;
        case NAMESPACE ->
            other.level != Level.MESH && name.namespace().equals(other.name.namespace());
        case SERVICE -> equals(other);
      };
    }
  }

  /**
   * The policy that is written.
   *
   * @param ref its target
   */
  private record Policy(ObjectName name, Map<String, Object> ref) {}

  /** Policies that say the same are one. */
  private record Written(ObjectName name, List<Map<String, Object>> providers) {}

  private final PolicyTargets targets;
  private final Services services;
  private final Report report;
  private final Output output;
  private final Map<Scope, Policy> policies = new LinkedHashMap<>();
  private final Map<Scope, List<Provider>> rules = new LinkedHashMap<>();

  /** What providers are called, by their issuers. */
  private final Map<String, String> names = new LinkedHashMap<>();

  public RequestAuthentications(IstioMesh mesh, Services services, Report report, Output output) {
    this.targets = new PolicyTargets(mesh, services, report);
    this.services = services;
    this.report = report;
    this.output = output;
  }

  public void add(ObjectName name, Fields spec) {
    List<Provider> providers = new ArrayList<>();
    for (Fields written : spec.maps("jwtRules")) {
      JwtRule rule = new JwtRule(written, report);
      Optional<String> issuer = rule.issuer();
      issuer
          .flatMap(rule::provider)
          .ifPresent(fields ->
              providers.add(
                  new Provider(
                      issuer.orElseThrow(),
                      fields,
                      "RequestAuthentication " + name,
                      written.at(),
                      written.path())));
    }
    for (Target target : targets.of(name, spec, Some.INCLUDED)) {
      for (int i = 0; i < target.refs().size(); i++) {
        add(name, spec, target, i, providers);
      }
    }
    if (spec.maps("jwtRules").isEmpty()) {
      report.note(spec.at(), spec.path().field("jwtRules"), "is left out: it is about no token");
    }
    spec.reportUnread();
  }

  private void add(
      ObjectName name, Fields spec, Target target, int index, List<Provider> providers) {
    ObjectName scope =
        target.level() == Level.SERVICE
            ? target.services().get(index)
            : new ObjectName(target.namespace(), "");
    List<Services.Port> ports = services.ports(scope);
    if (!ports.isEmpty() && ports.stream().allMatch(port -> port.protocol() == Protocol.TCP)) {
      report.wrong(
          spec.at(),
          spec.path(),
          "is left out for Service %s: tokens are of requests, and all of its ports pass as TCP"
              .formatted(scope));
    } else if (!providers.isEmpty()) {
      Scope of = new Scope(target.level(), scope);
      policies.putIfAbsent(of, new Policy(target.policy(name), target.refs().get(index)));
      rules.computeIfAbsent(of, key -> new ArrayList<>()).addAll(providers);
    }
  }

  /** All that were added, once. */
  public void translate() {
    Map<Written, List<Map<String, Object>>> refs = new LinkedHashMap<>();
    policies.forEach((scope, policy) -> {
      List<Provider> all = new ArrayList<>(rules.getOrDefault(scope, List.of()));
      rules.forEach((wider, providers) -> {
        if (!wider.equals(scope) && wider.covers(scope)) {
          all.addAll(providers);
        }
      });
      refs.computeIfAbsent(new Written(policy.name, providers(all)), key -> new ArrayList<>())
          .add(policy.ref);
    });
    refs.forEach((policy, some) ->
        output.policy(
            "AuthenticationPolicy",
            policy.name,
            some,
            Output.fields("jwt", Output.fields("providers", policy.providers))));
  }

  /** One an issuer, and as many as there may be. */
  private List<Map<String, Object>> providers(List<Provider> all) {
    Map<String, Map<String, Object>> byIssuer = new LinkedHashMap<>();
    for (Provider provider : all) {
      Map<String, Object> known = byIssuer.get(provider.issuer);
      report.about(provider.resource);
      if (known == null && byIssuer.size() == MOST_PROVIDERS) {
        report.without(
            provider.at,
            provider.path,
            "a policy has " + MOST_PROVIDERS + " providers; tokens of this one are refused");
      } else if (known == null) {
        Map<String, Object> named = Output.fields("name", provider(provider.issuer));
        named.putAll(provider.fields);
        byIssuer.put(provider.issuer, named);
      } else {
        Map<String, Object> unnamed = Output.fields();
        unnamed.putAll(known);
        unnamed.remove("name");
        if (!unnamed.equals(provider.fields)) {
          report.without(
              provider.at,
              provider.path,
              "a policy has one provider an issuer, and another rule for the same is before it, or"
                  + " nearer to what it is for; what that one does not take is refused");
        }
      }
    }
    return List.copyOf(byIssuer.values());
  }

  /** The same wherever tokens of the issuer are verified. */
  private String provider(String issuer) {
    return names.computeIfAbsent(
        issuer,
        key -> {
          String name = Texts.name(issuer.replaceFirst("^https?://", ""));
          String free = name;
          for (int i = 2; names.containsValue(free); i++) {
            free = name + "-" + i;
          }
          return free;
        });
  }

  /** Whose tokens are verified at what a policy is for, or at a part of it. */
  Issuers issuers(Target target) {
    Map<String, String> providers = new LinkedHashMap<>();
    List<Scope> scopes = new ArrayList<>();
    if (target.level() == Level.SERVICE) {
      target.services().forEach(service -> scopes.add(new Scope(Level.SERVICE, service)));
    } else {
      scopes.add(new Scope(target.level(), new ObjectName(target.namespace(), "")));
    }
    rules.forEach((scope, own) -> {
      if (scopes.stream().anyMatch(each -> each.covers(scope) || scope.covers(each))) {
        own.forEach(each -> providers.put(each.issuer, provider(each.issuer)));
      }
    });
    return new Issuers(providers);
  }
}
