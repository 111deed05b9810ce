package dev.weir.control.link;

import dev.weir.control.model.ExternalName;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Resource.ParentRef;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Predicate;

/** Follows what a route refers to, and says what is wrong with it. */
final class RouteReferences {
  private final SortedMap<ObjectName, Service> services;
  private final Grants grants;
  private final List<Finding> findings;

  RouteReferences(SortedMap<ObjectName, Service> services, Grants grants, List<Finding> findings) {
    this.services = services;
    this.grants = grants;
    this.findings = findings;
  }

  /**
   * The ports that one of a route's parents names, of which something is that passes. Who names a
   * Service without a port means all of those.
   *
   * @param passing the protocols that the route is for
   * @param otherwise what is to be said where a parent has no such port
   */
  List<ServicePort> parent(
      Manifest manifest, ParentRef ref, Set<Port.Protocol> passing, String otherwise) {
    List<ServicePort> named = parent(manifest, ref);
    List<ServicePort> ports = named.stream().filter(port -> passes(port, passing)).toList();
    if (!named.isEmpty() && ports.isEmpty()) {
      report(
          manifest,
          otherwise.formatted(named.size() == 1 ? named.getFirst() : ref.service()),
          "spec",
          "parentRefs",
          ref.index(),
          ref.port().isPresent() ? "port" : ref.portName().isPresent() ? "sectionName" : "name");
    }
    return ports;
  }

  /** Whether a port is there, and what is spoken on it is one of these. */
  boolean passes(ServicePort port, Set<Port.Protocol> passing) {
    return Optional.ofNullable(services.get(port.service()))
        .flatMap(service -> service.port(port.port()))
        .filter(known -> passing.contains(known.protocol()))
        .isPresent();
  }

  private List<ServicePort> parent(Manifest manifest, ParentRef ref) {
    Service service = services.get(ref.service());
    if (service == null) {
      report(
          manifest,
          "Service " + ref.service() + " does not exist" + hint(ref.service()),
          "spec",
          "parentRefs",
          ref.index(),
          "name");
      return List.of();
    }
    List<ServicePort> ports =
        service.ports().stream()
            .filter(port -> ref.port().isEmpty() || ref.port().getAsInt() == port.port())
            .filter(port -> ref.portName().isEmpty() || ref.portName().get().equals(port.name()))
            .map(port -> new ServicePort(service.name(), port.port()))
            .toList();
    if (ports.isEmpty()) {
      report(
          manifest,
          "no such port of Service %s; it has %s"
              .formatted(service.name(), Linker.portNames(service)),
          "spec",
          "parentRefs",
          ref.index(),
          ref.port().isPresent() ? "port" : "sectionName");
    }
    return ports;
  }

  /** How it is with a backend. */
  enum Backend {
    /** It is there, and may be one. */
    RIGHT,
    /** It is not there, and would be one if it were. */
    MISSING,
    /** It may not be one. */
    REFUSED
  }

  /** {@code steps} lead to the reference in a route that is bound to {@code parents}. */
  Backend backend(Manifest manifest, List<ParentRef> parents, ServicePort target, Object... steps) {
    if (!granted(manifest, parents, target, steps)) {
      return Backend.REFUSED;
    }
    if (!exists(manifest, target, steps)) {
      return Backend.MISSING;
    }
    return external(manifest, target, steps) ? Backend.RIGHT : Backend.REFUSED;
  }

  /** Whether copies may go there, and can. */
  boolean mirror(Manifest manifest, List<ParentRef> parents, ServicePort target, Object... steps) {
    if (!granted(manifest, parents, target, steps) || !exists(manifest, target, steps)) {
      return false;
    }
    if (external(target).isEmpty()) {
      return true;
    }
    report(
        manifest,
        "Service %s is of type ExternalName: copies of requests do not leave the mesh"
            .formatted(target.service()),
        with(steps, "name"));
    return false;
  }

  private boolean granted(
      Manifest manifest, List<ParentRef> parents, ServicePort target, Object... steps) {
    if (grants.allow(manifest, parents, target.service())) {
      return true;
    }
    report(manifest, Grants.wanted(manifest, target.service()), with(steps, "namespace"));
    return false;
  }

  private boolean exists(Manifest manifest, ServicePort target, Object... steps) {
    Service service = services.get(target.service());
    if (service == null) {
      report(
          manifest,
          "Service " + target.service() + " does not exist" + hint(target.service()),
          with(steps, "name"));
      return false;
    }
    if (service.port(target.port()).isEmpty()) {
      report(
          manifest,
          "%d is no port of Service %s; it has %s"
              .formatted(target.port(), service.name(), Linker.portNames(service)),
          with(steps, "port"));
      return false;
    }
    return true;
  }

  /** A name that leads anywhere would let who writes a route reach what he himself may not. */
  private boolean external(Manifest manifest, ServicePort target, Object... steps) {
    if (external(target).filter(Predicate.not(ExternalName::routeBackend)).isEmpty()) {
      return true;
    }
    report(
        manifest,
        ("Service %s is of type ExternalName, and a backend only if it says so itself, by the"
                + " annotation weir.dev/route-backend: allowed")
            .formatted(target.service()),
        with(steps, "name"));
    return false;
  }

  private Optional<ExternalName> external(ServicePort target) {
    return Optional.ofNullable(services.get(target.service())).flatMap(Service::external);
  }

  static Object[] with(Object[] steps, String last) {
    Object[] all = Arrays.copyOf(steps, steps.length + 1);
    all[steps.length] = last;
    return all;
  }

  private String hint(ObjectName missing) {
    return Hints.of(missing, services.keySet());
  }

  /** An error at the field that {@code steps} lead to. */
  void report(Manifest manifest, String message, Object... steps) {
    Manifest.Place place = manifest.place(steps);
    findings.add(Finding.error(place.at(), manifest.resource(), place.path().toString(), message));
  }
}
