package dev.weir.control.link;

import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.AuthorizationSpec.AccessRule;
import dev.weir.control.model.AuthorizationSpec.Action;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.Mode;
import dev.weir.control.model.Policy;
import dev.weir.control.model.ServicePort;
import dev.weir.control.policy.Policies;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.Finding.Severity;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import java.util.List;

/**
 * Warns of an Allow that lets nobody in where what passes is no HTTP: its rules ask for what no
 * connection shows. {@code rules: []} says that on purpose.
 */
final class ConnectionChecks {
  private final PolicyPorts ports;
  private final Policies policies;
  private final List<Finding> findings;

  ConnectionChecks(MeshModel model, List<Finding> findings) {
    this.ports = new PolicyPorts(model);
    this.policies = new Policies(model);
    this.findings = findings;
  }

  void check(List<Resource> resources) {
    for (Resource resource : resources) {
      if (resource instanceof Resource.OfPolicy<?> of
          && of.policy().spec() instanceof AuthorizationSpec spec
          && allows(spec)
          && !spec.rules().isEmpty()
          && ofRequests(spec)) {
        check(of.manifest());
      }
    }
  }

  private void check(Manifest manifest) {
    List<ServicePort> shut =
        ports.of(manifest.name(), AuthorizationSpec.class).stream()
            .filter(ports::isTcp)
            .filter(this::letsNobodyIn)
            .toList();
    if (shut.isEmpty()) {
      return;
    }
    int more = shut.size() - 1;
    Place place = manifest.place("spec", "rules");
    findings.add(
        new Finding(
            Severity.WARNING,
            place.at(),
            manifest.resource(),
            place.path().toString(),
            "let nobody in at port %d of Service %s%s, which passes as TCP: a connection shows neither token nor request; a rule with from alone holds for it, and a port's appProtocol, or the first word of its name, says what is spoken"
                .formatted(
                    shut.getFirst().port(),
                    shut.getFirst().service(),
                    more == 0 ? "" : " and %d more".formatted(more))));
  }

  private boolean letsNobodyIn(ServicePort port) {
    return policies.authorization(port).stream()
        .map(Policy::spec)
        .filter(ConnectionChecks::allows)
        .allMatch(ConnectionChecks::ofRequests);
  }

  private static boolean allows(AuthorizationSpec spec) {
    return spec.action() == Action.ALLOW && spec.mode() == Mode.ENFORCE;
  }

  private static boolean ofRequests(AuthorizationSpec spec) {
    return spec.rules().stream().allMatch(AccessRule::ofRequests);
  }
}
