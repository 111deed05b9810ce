package dev.weir.control.link;

import dev.weir.control.model.AuthenticationSpec.Mtls;
import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.AuthorizationSpec.AccessRule;
import dev.weir.control.model.AuthorizationSpec.Caller;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ServicePort;
import dev.weir.control.policy.Policies;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.Finding.Severity;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import java.util.List;

/** Warns of rules about who calls where nobody proves it. */
final class MtlsChecks {
  private final PolicyPorts ports;
  private final Policies policies;
  private final List<Finding> findings;

  MtlsChecks(MeshModel model, List<Finding> findings) {
    this.ports = new PolicyPorts(model);
    this.policies = new Policies(model);
    this.findings = findings;
  }

  void check(List<Resource> resources) {
    for (Resource resource : resources) {
      if (resource instanceof Resource.OfPolicy<?> of
          && of.policy().spec() instanceof AuthorizationSpec spec) {
        unproved(of.manifest(), spec);
      }
    }
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
