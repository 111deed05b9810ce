package dev.weir.control.cli.migrate.istio.security;

import dev.weir.control.cli.migrate.istio.security.PolicyTargets.Level;
import dev.weir.control.cli.migrate.istio.security.PolicyTargets.Some;
import dev.weir.control.cli.migrate.istio.security.PolicyTargets.Target;
import dev.weir.control.cli.migrate.resource.AccessPolicy;
import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.model.ObjectName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Istio's AuthorizationPolicy as Weir's: ALLOW and DENY as they are, CUSTOM as External. None lets
 * in whom it does not in Istio.
 */
public final class AuthorizationPolicies {
  private static final String DRY_RUN = "istio.io/dry-run";

  private final IstioMesh mesh;
  private final Services services;
  private final PeerAuthentications peers;
  private final RequestAuthentications tokens;
  private final Report report;
  private final Output output;

  /**
   * @param peers all that there are
   * @param tokens likewise
   */
  public AuthorizationPolicies(
      IstioMesh mesh,
      Services services,
      PeerAuthentications peers,
      RequestAuthentications tokens,
      Report report,
      Output output) {
    this.mesh = mesh;
    this.services = services;
    this.peers = peers;
    this.tokens = tokens;
    this.report = report;
    this.output = output;
  }

  public void translate(ObjectName name, Fields metadata, Fields spec) {
    String action = spec.text("action").orElse("ALLOW");
    Optional<String> provider = spec.map("provider").flatMap(of -> of.text("name"));
    boolean shadow = metadata.textTable("annotations").getOrDefault(DRY_RUN, "").equals("true");
    Optional<Effect> effect =
        switch (action) {
          case "ALLOW" -> Optional.of(Effect.ALLOW);
          case "DENY" -> Optional.of(Effect.DENY);
          case "CUSTOM" -> Optional.of(Effect.EXTERNAL);
          default -> Optional.empty();
        };
    List<Fields> rules = spec.maps("rules");
    spec.ignore("selector", "targetRef", "targetRefs");
    if (!spec.unread().isEmpty()) {
      report.wrong(
          spec.at(),
          spec.path(),
          "is left out: what it is for cannot be said without " + String.join(", ", spec.unread()));
      return;
    }
    if (effect.isEmpty()) {
      report.without(
          spec.at(),
          spec.path().field("action"),
          "a policy of Weir's allows, refuses or asks a server, and there is no " + action);
      rules.forEach(rule -> rule.ignore("from", "to", "when"));
      return;
    }
    Some some = effect.get() == Effect.ALLOW ? Some.LEFT_OUT : Some.INCLUDED;
    List<Target> targets = new PolicyTargets(mesh, services, report).of(name, spec, some);
    switch (effect.get()) {
      case ALLOW -> targets.forEach(target -> allow(name, target, shadow, rules));
      case DENY -> targets.forEach(target -> deny(name, target, shadow, spec, rules));
      case EXTERNAL -> external(name, targets, provider.orElse(""), shadow, spec, rules);
    }
    if (targets.isEmpty()) {
      rules.forEach(rule -> rule.ignore("from", "to", "when"));
    }
  }

  private AccessContext context(ObjectName name, Target target) {
    return new AccessContext(
        mesh,
        name.namespace(),
        peers.strict(target),
        tokens.issuers(target),
        new InstancePorts(services, target.services()));
  }

  /** A rule of which nothing can be said is one that lets nobody in. */
  private void allow(ObjectName name, Target target, boolean shadow, List<Fields> rules) {
    List<Map<String, Object>> made =
        new AccessRules(context(name, target), Effect.ALLOW, report).rules(rules);
    write(name, target, Effect.ALLOW, false, shadow, Optional.empty(), made);
  }

  private void deny(
      ObjectName name, Target target, boolean shadow, Fields spec, List<Fields> rules) {
    AccessContext context = context(name, target);
    List<Fields> written = new ArrayList<>(rules);
    if (target.level() != Level.SERVICE) {
      for (Fields rule : rules) {
        if (NegatedRules.isOne(rule)) {
          written.remove(rule);
          new NegatedRules(context, report)
              .allows(rule)
              .forEach(spared ->
                  write(name, target, Effect.ALLOW, true, shadow, Optional.empty(), spared));
        }
      }
    }
    List<Map<String, Object>> made = new AccessRules(context, Effect.DENY, report).rules(written);
    if (!made.isEmpty()) {
      write(name, target, Effect.DENY, false, shadow, Optional.empty(), made);
    } else if (rules.isEmpty()) {
      report.note(spec.at(), spec.path().field("rules"), "is left out: it refuses no request");
    }
  }

  private void external(
      ObjectName name,
      List<Target> targets,
      String provider,
      boolean shadow,
      Fields spec,
      List<Fields> rules) {
    List<List<Map<String, Object>>> made =
        targets.stream()
            .map(target ->
                new AccessRules(context(name, target), Effect.EXTERNAL, report).rules(rules))
            .toList();
    var at = spec.path().field("provider").field("name");
    if (!mesh.providers().has(provider)) {
      report.wrong(
          spec.at(),
          at,
          "\""
              + provider
              + "\" is not among the files; give them the ConfigMap istio too, as kubectl -n"
              + " istio-system get configmap istio -o yaml writes it");
      return;
    }
    Optional<Map<String, Object>> asked = mesh.providers().external(provider);
    report.about("AuthorizationPolicy " + name);
    if (asked.isEmpty()) {
      report.wrong(spec.at(), at, "is left out: \"" + provider + "\" cannot be asked");
    } else if (shadow) {
      report.wrong(
          spec.at(), spec.path(), "is left out: a server is asked and heeded, or not asked");
    } else if (rules.isEmpty()) {
      report.note(spec.at(), spec.path().field("rules"), "is left out: it is about no request");
    } else {
      for (int i = 0; i < targets.size(); i++) {
        if (!made.get(i).isEmpty()) {
          write(name, targets.get(i), Effect.EXTERNAL, false, false, asked, made.get(i));
        }
      }
    }
  }

  private void write(
      ObjectName name,
      Target target,
      Effect effect,
      boolean override,
      boolean shadow,
      Optional<Map<String, Object>> external,
      List<Map<String, Object>> rules) {
    new AccessPolicy(
            target.policy(name), target.refs(), effect.word(), override, shadow, external, rules)
        .write(output);
  }
}
