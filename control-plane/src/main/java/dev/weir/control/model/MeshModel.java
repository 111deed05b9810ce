package dev.weir.control.model;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Everything the compiler needs to know, consistent: what a route or policy refers to exists, but
 * for single backends, and no two policies of equal rank set the same section.
 *
 * @param endpoints ready ones by service port; a port without any may be missing
 */
public record MeshModel(
    SortedMap<ObjectName, Service> services,
    SortedMap<ServicePort, SortedSet<Endpoint>> endpoints,
    List<Route> routes,
    List<Policy.Attachment<ResilienceSpec>> resilience,
    List<Policy.Attachment<RateLimitSpec>> rateLimits,
    List<Policy.Attachment<TelemetrySpec>> telemetry) {
  public static final MeshModel EMPTY =
      new MeshModel(new TreeMap<>(), new TreeMap<>(), List.of(), List.of(), List.of(), List.of());

  public MeshModel {
    services = Collections.unmodifiableSortedMap(new TreeMap<>(services));
    endpoints = Collections.unmodifiableSortedMap(new TreeMap<>(endpoints));
    routes = List.copyOf(routes);
    resilience = List.copyOf(resilience);
    rateLimits = List.copyOf(rateLimits);
    telemetry = List.copyOf(telemetry);
  }

  public boolean isEmpty() {
    return equals(EMPTY);
  }

  /** The same with the workloads' ready ports as endpoints of their services. */
  public MeshModel with(Iterable<Workload> workloads) {
    SortedMap<ServicePort, SortedSet<Endpoint>> all = new TreeMap<>();
    endpoints.forEach((port, known) -> all.put(port, new TreeSet<>(known)));
    for (Workload workload : workloads) {
      Service service = services.get(workload.service());
      if (service == null) {
        continue;
      }
      for (Port port : service.ports()) {
        if (workload.readyPorts().contains(port.targetPort())) {
          all.computeIfAbsent(new ServicePort(service.name(), port.port()), key -> new TreeSet<>())
              .add(new Endpoint(workload.address(), port.targetPort()));
        }
      }
    }
    return new MeshModel(services, all, routes, resilience, rateLimits, telemetry);
  }

  public SortedSet<Endpoint> endpointsOf(ServicePort port) {
    return endpoints.getOrDefault(port, Collections.emptySortedSet());
  }

  /** Whether a route of calls to a port is chosen by the path. */
  public boolean routesByPath(ServicePort port) {
    return routesOf(port).stream()
        .flatMap(route -> route.rules().stream())
        .flatMap(rule -> rule.matches().stream())
        .anyMatch(HttpMatch::comparesPath);
  }

  /** The routes bound to a port of a service, by name. */
  public List<Route> routesOf(ServicePort port) {
    return routes.stream()
        .filter(route -> route.parents().contains(port))
        .sorted(Route.ORDER)
        .toList();
  }
}
