package dev.weir.control.link;

import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.Finding.Severity;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The numbers of ports that a Service names by {@code targetPort}: what its EndpointSlices or
 * Endpoints have for the service's port, else what the pods that it selects call so.
 */
final class TargetPorts {
  private final List<Resource> resources;

  TargetPorts(List<Resource> resources) {
    this.resources = resources;
  }

  /**
   * The service with numbers for names; a port whose name leads nowhere is reported, and left out.
   */
  Service resolved(Resource.OfService of, List<Finding> findings) {
    if (of.namedTargets().isEmpty()) {
      return of.service();
    }
    Service service = of.service();
    List<Port> ports = new ArrayList<>();
    for (Port port : service.ports()) {
      Resource.NamedTarget named = of.namedTargets().get(port.port());
      if (named == null) {
        ports.add(port);
        continue;
      }
      SortedSet<Integer> numbers = ofEndpoints(of, port);
      if (numbers.isEmpty()) {
        numbers = ofPods(of, named.name());
      }
      Place place = of.manifest().place("spec", "ports", named.index(), "targetPort");
      if (numbers.isEmpty()) {
        findings.add(finding(Severity.ERROR, of.manifest(), place, unknown(of, port, named)));
        continue;
      }
      if (numbers.size() > 1) {
        findings.add(
            finding(
                Severity.WARNING,
                of.manifest(),
                place,
                "\"%s\" is %s; instances that register themselves are called at %d"
                    .formatted(named.name(), numbers, numbers.first())));
      }
      ports.add(new Port(port.name(), port.port(), numbers.first(), port.protocol()));
    }
    return service.with(ports);
  }

  private static Finding finding(
      Severity severity, Manifest manifest, Place place, String message) {
    return new Finding(severity, place.at(), manifest.resource(), place.path().toString(), message);
  }

  private static String unknown(Resource.OfService of, Port port, Resource.NamedTarget named) {
    String slice = port.name().isEmpty() ? "" : " has a port \"" + port.name() + "\"";
    return "\"%s\" is the name of no port: no EndpointSlice of the service%s, and no pods%s have one"
            .formatted(
                named.name(),
                slice,
                of.service().selector().isEmpty() ? "" : " with the labels " + labels(of))
        + " of that name; write the number that the app listens on";
  }

  private static String labels(Resource.OfService of) {
    return of.service().selector().entrySet().stream()
        .map(label -> label.getKey() + "=" + label.getValue())
        .sorted()
        .reduce((one, other) -> one + "," + other)
        .orElse("");
  }

  private SortedSet<Integer> ofEndpoints(Resource.OfService of, Port port) {
    SortedSet<Integer> numbers = new TreeSet<>();
    for (Resource resource : resources) {
      if (resource instanceof Resource.OfEndpoints endpoints
          && endpoints.service().equals(of.service().name())) {
        endpoints.ports().stream()
            .filter(part -> part.portName().equals(port.name()))
            .flatMap(part -> part.endpoints().stream())
            .forEach(endpoint -> numbers.add(endpoint.port()));
      }
    }
    return numbers;
  }

  private SortedSet<Integer> ofPods(Resource.OfService of, String name) {
    SortedSet<Integer> numbers = new TreeSet<>();
    for (Resource resource : resources) {
      if (resource instanceof Resource.OfWorkload pods
          && pods.manifest().name().namespace().equals(of.service().name().namespace())
          && !of.service().selector().isEmpty()
          && pods.labels().entrySet().containsAll(of.service().selector().entrySet())
          && pods.ports().containsKey(name)) {
        numbers.add(pods.ports().get(name));
      }
    }
    return numbers;
  }
}
