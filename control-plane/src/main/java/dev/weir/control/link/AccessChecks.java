package dev.weir.control.link;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.AuthorizationSpec.AccessRule;
import dev.weir.control.model.AuthorizationSpec.Token;
import dev.weir.control.model.Jwt;
import dev.weir.control.model.Policy.Attachment;
import dev.weir.control.model.Policy.Target;
import dev.weir.control.model.TargetRef.Kind;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.Finding.Severity;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Warns of rules about tokens that nobody verifies. */
final class AccessChecks {
  private final List<Attachment<?>> attachments;
  private final List<Finding> findings;

  AccessChecks(List<Attachment<?>> attachments, List<Finding> findings) {
    this.attachments = attachments;
    this.findings = findings;
  }

  void check(List<Resource> resources) {
    for (Resource resource : resources) {
      if (resource instanceof Resource.OfPolicy<?> of
          && of.policy().spec() instanceof AuthorizationSpec spec) {
        check(of.manifest(), spec);
      }
    }
  }

  private void check(Manifest manifest, AuthorizationSpec spec) {
    Set<String> providers = new TreeSet<>();
    for (Attachment<?> each : attachments) {
      if (each.policy().name().equals(manifest.name())
          && each.policy().spec() instanceof AuthorizationSpec) {
        providers.addAll(providers(each.target()));
      }
    }
    for (int i = 0; i < spec.rules().size(); i++) {
      AccessRule rule = spec.rules().get(i);
      Token token = rule.token();
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
            "no provider of the AuthenticationPolicies on what it is for is called "
                + String.join(", ", unknown)
                + "; there are "
                + String.join(", ", providers),
            i,
            "token",
            "providers");
      }
    }
  }

  /** Of all that may hold for {@code target}, or for a part of it. */
  private Set<String> providers(Target target) {
    Set<String> names = new TreeSet<>();
    for (Attachment<?> each : attachments) {
      if (each.policy().spec() instanceof AuthenticationSpec spec
          && (covers(each.target(), target) || covers(target, each.target()))) {
        Jwt jwt = spec.jwt();
        if (jwt != null) {
          jwt.providers().forEach(provider -> names.add(provider.name()));
        }
      }
    }
    return names;
  }

  private static boolean covers(Target outer, Target inner) {
    return switch (outer.kind()) {
      case MESH_CONFIG -> true;
      case NAMESPACE ->
          inner.kind() != Kind.MESH_CONFIG
              && outer.name().namespace().equals(inner.name().namespace());
      default ->
          outer.kind() == inner.kind()
              && outer.name().equals(inner.name())
              && (outer.section().isEmpty() || outer.section().equals(inner.section()));
    };
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
