package dev.weir.control.link;

import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.TargetRef;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import java.util.List;
import java.util.SortedMap;

/**
 * Reports ports of rules that are never called: a Deny that names one refuses nobody, however right
 * it looks. The policies hold all the same.
 */
final class PortChecks {
  private final SortedMap<ObjectName, Service> services;
  private final List<Finding> findings;

  PortChecks(SortedMap<ObjectName, Service> services, List<Finding> findings) {
    this.services = services;
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
    List<Service> targets =
        services.values().stream()
            .filter(service ->
                spec.targetRefs().stream().anyMatch(ref -> isFor(ref, manifest, service)))
            .toList();
    if (targets.isEmpty()) {
      return; // which is reported, or there is none yet
    }
    for (int rule = 0; rule < spec.rules().size(); rule++) {
      var matches = spec.rules().get(rule).matches();
      for (int match = 0; match < matches.size(); match++) {
        List<Integer> ports = matches.get(match).ports();
        for (int i = 0; i < ports.size(); i++) {
          String never = never(ports.get(i), targets);
          if (!never.isEmpty()) {
            Place place = manifest.place("spec", "rules", rule, "matches", match, "ports", i);
            findings.add(
                Finding.error(place.at(), manifest.resource(), place.path().toString(), never));
          }
        }
      }
    }
  }

  private static boolean isFor(TargetRef ref, Manifest manifest, Service service) {
    return switch (ref.kind()) {
      case SERVICE ->
          service.name().equals(new ObjectName(manifest.name().namespace(), ref.name()));
      case NAMESPACE -> service.name().namespace().equals(ref.name());
      case MESH_CONFIG -> true;
      case HTTP_ROUTE, GRPC_ROUTE -> false;
    };
  }

  /** Why a rule of {@code port} holds for none of them; empty if it does for one. */
  private static String never(int port, List<Service> targets) {
    String never = "";
    for (Service service : targets) {
      Port named = service.port(port).orElse(null);
      if (named == null) {
        continue;
      }
      Port first =
          service.ports().stream()
              .filter(other -> other.targetPort() == named.targetPort())
              .findFirst()
              .orElse(named);
      if (first.port() == port) {
        return "";
      }
      never =
          "has the targetPort of port %d of Service %s, and what is called at either comes to an instance as that; name it"
              .formatted(first.port(), service.name());
    }
    if (!never.isEmpty()) {
      return never;
    }
    return targets.size() == 1
        ? "%d is no port of Service %s, and the rule holds for nothing; it has %s"
            .formatted(port, targets.getFirst().name(), Linker.portNames(targets.getFirst()))
        : "no Service that the policy is for has port %d, and the rule holds for nothing"
            .formatted(port);
  }
}
