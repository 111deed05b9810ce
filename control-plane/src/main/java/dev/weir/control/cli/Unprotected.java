package dev.weir.control.cli;

import dev.weir.control.describe.Instance;
import dev.weir.control.describe.Instances;
import dev.weir.control.link.Linked;
import dev.weir.control.model.AuthenticationSpec.Mtls;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.policy.Holdings;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.Finding.Severity;
import dev.weir.protos.Location;
import java.util.ArrayList;
import java.util.List;

/** Services that are to take mutual TLS alone, and have instances where nobody sees to it. */
final class Unprotected {
  private static final int MOST_NAMED = 5;

  private Unprotected() {}

  /** A warning for each. */
  static List<Finding> findings(Linked linked, Instances instances) {
    Holdings holdings = new Holdings(linked.model());
    List<Finding> findings = new ArrayList<>();
    for (Service service : linked.model().services().values()) {
      boolean strict =
          service.external().isEmpty()
              && service.ports().stream()
                  .anyMatch(port ->
                      holdings.mtls(new ServicePort(service.name(), port.port())).mode()
                          == Mtls.Mode.STRICT);
      if (strict) {
        List<Instance> all = instances.of(service);
        List<String> bare =
            all.stream()
                .filter(one -> !one.sidecar())
                .map(one -> one.name().isEmpty() ? one.address() : one.name())
                .toList();
        if (!bare.isEmpty()) {
          findings.add(finding(linked, service, bare, all.size()));
        }
      }
    }
    return findings;
  }

  private static Finding finding(Linked linked, Service service, List<String> bare, int all) {
    String resource = "Service " + service.name();
    return new Finding(
        Severity.WARNING,
        linked.places().getOrDefault(resource, Location.of(resource)),
        resource,
        "",
        "mutual TLS is Strict, and %d of %d instances have no sidecar to refuse plain text: %s%s"
            .formatted(
                bare.size(),
                all,
                String.join(", ", bare.subList(0, Math.min(bare.size(), MOST_NAMED))),
                bare.size() > MOST_NAMED ? ", ..." : ""));
  }
}
