package dev.weir.control.link;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.AuthenticationSpec.Mtls;
import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.AuthorizationSpec.AccessRule;
import dev.weir.control.model.AuthorizationSpec.Caller;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.schema.Shapes;
import dev.weir.control.policy.Policies;
import dev.weir.control.policy.SharedPods;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.Finding.Severity;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import java.util.Comparator;
import java.util.List;

/**
 * Warns of rules about who calls where nobody proves it, and of a mode of mutual TLS that a
 * stricter one for the same pods takes the place of.
 */
final class MtlsChecks {
  private final PolicyPorts ports;
  private final Policies policies;
  private final SharedPods shared;
  private final List<Finding> findings;

  MtlsChecks(MeshModel model, List<Finding> findings) {
    this.ports = new PolicyPorts(model);
    this.policies = new Policies(model);
    this.shared = new SharedPods(model);
    this.findings = findings;
  }

  void check(List<Resource> resources) {
    for (Resource resource : resources) {
      if (resource instanceof Resource.OfPolicy<?> of) {
        if (of.policy().spec() instanceof AuthenticationSpec spec && spec.mtls() != null) {
          overruled(of.manifest(), spec.mtls());
        } else if (of.policy().spec() instanceof AuthorizationSpec spec) {
          unproved(of.manifest(), spec);
        }
      }
    }
  }

  /** What protects a pod for one of its Services protects it. */
  private void overruled(Manifest manifest, Mtls mtls) {
    ports.of(manifest.name(), AuthenticationSpec.class).stream()
        .filter(port ->
            policies
                .heldMtls(port)
                .filter(held -> held.policy().name().equals(manifest.name()))
                .isPresent())
        .flatMap(port -> shared.same(port).stream())
        .filter(other -> policies.mtls(other).mode().compareTo(mtls.mode()) < 0)
        .min(
            Comparator.comparing((ServicePort other) -> policies.mtls(other).mode())
                .thenComparing(Comparator.naturalOrder()))
        .ifPresent(other ->
            warn(
                manifest,
                manifest.place("spec", "mtls"),
                "overruled by %s, whose pods are the same: %s holds for both"
                    .formatted(stricter(other), Shapes.word(policies.mtls(other).mode()))));
  }

  /** {@code AuthenticationPolicy s/a on Service s/a}. */
  private String stricter(ServicePort other) {
    String service = "Service " + other.service();
    return policies
        .heldMtls(other)
        .map(held ->
            "AuthenticationPolicy %s on %s%s"
                .formatted(
                    held.policy().name(),
                    held.target().words(),
                    held.target().name().equals(other.service()) ? "" : ", for " + service))
        .orElse(service + ", of which nobody says it");
  }

  private void unproved(Manifest manifest, AuthorizationSpec spec) {
    List<ServicePort> ports = this.ports.of(manifest.name(), AuthorizationSpec.class);
    boolean plain =
        !ports.isEmpty()
            && ports.stream().allMatch(port -> policies.mtls(port).mode() == Mtls.Mode.DISABLED);
    if (!plain) {
      return;
    }
    for (int i = 0; i < spec.rules().size(); i++) {
      AccessRule rule = spec.rules().get(i);
      if (!rule.from().isEmpty() && rule.from().stream().allMatch(Caller::wantsCertificate)) {
        warn(
            manifest,
            manifest.place("spec", "rules", i, "from"),
            "never holds: mutual TLS is Disabled on what it is for, so nobody proves who calls; set"
                + " mtls.mode Permissive or Strict there");
      }
    }
  }

  private void warn(Manifest manifest, Place place, String message) {
    findings.add(
        new Finding(
            Severity.WARNING, place.at(), manifest.resource(), place.path().toString(), message));
  }
}
