package dev.weir.control.link;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy;
import dev.weir.control.model.Policy.Target;
import dev.weir.control.model.Port;
import dev.weir.control.model.RateLimitSpec;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.model.Service;
import dev.weir.control.model.TargetRef.Kind;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.Finding.Severity;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/** Reports what a policy says and nobody would do for its target. */
final class PolicyEffects {
  /** The section of a ResiliencePolicy that is of connections too. */
  private static final String OUTLIER_DETECTION = "outlierDetection";

  /** The section of a ResiliencePolicy that a service's own sidecars enforce. */
  private static final String CONCURRENCY = "concurrency";

  private final SortedMap<ObjectName, Service> services;
  private final List<Finding> findings;

  PolicyEffects(SortedMap<ObjectName, Service> services, List<Finding> findings) {
    this.services = services;
    this.findings = findings;
  }

  /** {@code target} is what the item {@code index} of the policy's targetRefs names. */
  void check(Manifest manifest, int index, Target target, Policy.Spec spec) {
    Service service = services.get(target.name());
    if (target.kind() == Kind.SERVICE && service != null) {
      ofAService(manifest, index, target, service, spec);
    }
    String namespace = target.name().namespace();
    if (target.kind() == Kind.NAMESPACE
        && !services.isEmpty()
        && services.keySet().stream().noneMatch(name -> name.namespace().equals(namespace))) {
      Place place = manifest.place("spec", "targetRefs", index);
      findings.add(
          new Finding(
              Severity.WARNING,
              place.at(),
              manifest.resource(),
              place.path().toString(),
              "holds for nothing: there is no Service in the namespace " + namespace));
    }
  }

  private void ofAService(
      Manifest manifest, int index, Target target, Service service, Policy.Spec spec) {
    List<Port> ports =
        service.ports().stream()
            .filter(port -> target.section().isEmpty() || target.section().equals(port.name()))
            .toList();
    if (service.external().isPresent()) {
      ofAnExternal(manifest, service.name(), spec);
      if (!(spec instanceof ResilienceSpec)) {
        return;
      }
    }
    if (ports.stream().allMatch(port -> port.protocol() == Port.Protocol.TCP)) {
      for (String section : ofRequests(spec)) {
        report(
            manifest,
            manifest.place("spec", section),
            ("is of requests, and %s passes as TCP; a port's appProtocol, or the first word of its"
                    + " name, says what is spoken")
                .formatted(target));
      }
    }
    if (spec instanceof RateLimitSpec
        || spec instanceof AuthenticationSpec
        || spec instanceof AuthorizationSpec
        || spec.sections().contains(CONCURRENCY)) {
      ports.forEach(port -> behindAnother(manifest, index, target, service, port));
    }
  }

  /** It has callers, and no sidecar of its own. */
  private void ofAnExternal(Manifest manifest, ObjectName name, Policy.Spec spec) {
    Set<String> sections = new TreeSet<>(spec.sections());
    if (spec instanceof RateLimitSpec) {
      sections = Set.of("limits");
    } else if (spec instanceof AuthenticationSpec || spec instanceof AuthorizationSpec) {
      sections = spec.sections();
    } else if (spec instanceof ResilienceSpec) {
      sections.retainAll(Set.of(CONCURRENCY));
    }
    for (String section : sections) {
      report(
          manifest,
          manifest.place("spec", section),
          "is of a service's own sidecars, and Service %s, of type ExternalName, has none"
              .formatted(name));
    }
  }

  private static Set<String> ofRequests(Policy.Spec spec) {
    if (spec instanceof RateLimitSpec) {
      return Set.of("limits");
    }
    if (spec instanceof AuthenticationSpec authentication) {
      return authentication.jwt() == null ? Set.of() : Set.of("jwt");
    }
    if (spec instanceof AuthorizationSpec authorization) {
      return authorization.external() == null ? Set.of() : Set.of("external");
    }
    Set<String> sections = new TreeSet<>();
    if (spec instanceof ResilienceSpec) {
      sections.addAll(spec.sections());
      sections.remove(OUTLIER_DETECTION);
    }
    return sections;
  }

  /** A service's own sidecars see the instances' port, and take two with one for the first. */
  private void behindAnother(
      Manifest manifest, int index, Target target, Service service, Port port) {
    Port first =
        service.ports().stream()
            .filter(other -> other.targetPort() == port.targetPort())
            .findFirst()
            .orElse(port);
    if (!target.section().isEmpty() && first.port() != port.port()) {
      report(
          manifest,
          manifest.place("spec", "targetRefs", index, "sectionName"),
          "has the targetPort of port %d%s, and what protects that one holds for both; name it"
              .formatted(first.port(), first.name().isEmpty() ? "" : " (" + first.name() + ")"));
    }
  }

  private void report(Manifest manifest, Place place, String message) {
    findings.add(Finding.error(place.at(), manifest.resource(), place.path().toString(), message));
  }
}
