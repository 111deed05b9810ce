package dev.weir.control.link;

import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.AuthorizationSpec.Token;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ServicePort;
import dev.weir.control.policy.Policies;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.Finding.Severity;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Warns of rules about tokens that nobody verifies where they hold. */
final class AccessChecks {
  private final PolicyPorts ports;
  private final Policies policies;
  private final List<Finding> findings;

  AccessChecks(MeshModel model, List<Finding> findings) {
    this.ports = new PolicyPorts(model);
    this.policies = new Policies(model);
    this.findings = findings;
  }

  void check(List<Resource> resources) {
    for (Resource resource : resources) {
      if (resource instanceof Resource.OfPolicy<?> of
          && of.policy().spec() instanceof AuthorizationSpec spec
          && spec.rules().stream().anyMatch(rule -> rule.token() != null)) {
        check(of.manifest(), spec);
      }
    }
  }

  private void check(Manifest manifest, AuthorizationSpec spec) {
    List<ServicePort> ports = this.ports.of(manifest.name(), AuthorizationSpec.class);
    if (ports.isEmpty()) {
      return; // it holds for nothing, and that is said
    }
    Set<String> providers = new TreeSet<>();
    ports.forEach(port ->
        policies
            .jwt(port)
            .ifPresent(held ->
                held.value().providers().forEach(provider -> providers.add(provider.name()))));
    for (int i = 0; i < spec.rules().size(); i++) {
      Token token = spec.rules().get(i).token();
      if (token == null) {
        continue;
      }
      if (providers.isEmpty()) {
        warn(
            manifest,
            "never holds: no AuthenticationPolicy with jwt is on what it is for, so nobody verifies"
                + " a token",
            i,
            "token");
        continue;
      }
      List<String> unknown = new ArrayList<>(token.providers());
      unknown.removeAll(providers);
      if (!unknown.isEmpty()) {
        warn(
            manifest,
            "no provider that holds on what it is for is called "
                + String.join(", ", unknown)
                + "; there are "
                + String.join(", ", providers)
                + ": jwt is taken whole from the AuthenticationPolicy that is nearest, or overrides",
            i,
            "token",
            "providers");
      }
    }
  }

  private void warn(Manifest manifest, String message, int rule, String... fields) {
    List<Object> steps = new ArrayList<>(List.of("spec", "rules", rule));
    steps.addAll(List.of(fields));
    Place place = manifest.place(steps.toArray());
    findings.add(
        new Finding(
            Severity.WARNING, place.at(), manifest.resource(), place.path().toString(), message));
  }
}
