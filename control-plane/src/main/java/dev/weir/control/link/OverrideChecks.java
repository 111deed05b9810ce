package dev.weir.control.link;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.Precedence;
import dev.weir.control.model.ServicePort;
import dev.weir.control.policy.Policies;
import dev.weir.control.policy.PolicyIndex.Held;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.Finding.Severity;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Warns of a section of an AuthenticationPolicy that an Override takes the place of everywhere. */
final class OverrideChecks {
  private final PolicyPorts ports;
  private final Policies policies;
  private final List<Finding> findings;

  OverrideChecks(MeshModel model, List<Finding> findings) {
    this.ports = new PolicyPorts(model);
    this.policies = new Policies(model);
    this.findings = findings;
  }

  void check(List<Resource> resources) {
    for (Resource resource : resources) {
      if (resource instanceof Resource.OfPolicy<?> of
          && of.policy().spec() instanceof AuthenticationSpec spec) {
        check(of.manifest(), "mtls", spec.mtls(), policies::heldMtls);
        check(of.manifest(), "jwt", spec.jwt(), policies::jwt);
      }
    }
  }

  private <T> void check(
      Manifest manifest,
      String section,
      @Nullable T said,
      Function<ServicePort, Optional<Held<AuthenticationSpec, T>>> holds) {
    if (said == null) {
      return;
    }
    List<ServicePort> ports = this.ports.of(manifest.name(), AuthenticationSpec.class);
    List<Held<AuthenticationSpec, T>> held =
        ports.stream().flatMap(port -> holds.apply(port).stream()).toList();
    boolean all =
        !ports.isEmpty()
            && held.size() == ports.size()
            && held.stream()
                .allMatch(one ->
                    one.policy().spec().precedence() == Precedence.OVERRIDE
                        && !one.policy().name().equals(manifest.name())
                        && !said.equals(one.value()));
    if (all) {
      Place place = manifest.place("spec", section);
      findings.add(
          new Finding(
              Severity.WARNING,
              place.at(),
              manifest.resource(),
              place.path().toString(),
              "has no effect: AuthenticationPolicy %s, on %s, overrides it"
                  .formatted(held.getFirst().policy().name(), held.getFirst().target().words())));
    }
  }
}
