package dev.weir.control.model;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Everything the compiler needs to know, consistent: what a route or policy refers to exists, but
 * for single backends, and no two policies of equal rank set the same section.
 *
 * @param endpoints those that resources name, by service port; a port without any may be missing
 * @param streams routes of connections, of which no two say where one goes
 * @param policies of all kinds, each on one of its targets
 * @param backendTls what callers speak TLS to, by port of a service that leads out of the mesh
 * @param texts what ConfigMaps have under the keys that policies name
 * @param written what somebody wrote for all of it; empty: nobody did
 */
public record MeshModel(
    SortedMap<ObjectName, Service> services,
    SortedMap<ServicePort, SortedSet<Endpoint>> endpoints,
    List<Route> routes,
    List<StreamRoute> streams,
    List<Policy.Attachment<?>> policies,
    SortedMap<ServicePort, BackendTls> backendTls,
    SortedMap<ConfigMapKey, String> texts,
    Optional<MeshConfig> written) {
  public static final MeshModel EMPTY =
      new MeshModel(
          new TreeMap<>(),
          new TreeMap<>(),
          List.of(),
          List.of(),
          List.of(),
          new TreeMap<>(),
          new TreeMap<>(),
          Optional.empty());

  public MeshModel {
    services = Collections.unmodifiableSortedMap(new TreeMap<>(services));
    endpoints = Collections.unmodifiableSortedMap(new TreeMap<>(endpoints));
    routes = List.copyOf(routes);
    streams = List.copyOf(streams);
    policies = List.copyOf(policies);
    backendTls = Collections.unmodifiableSortedMap(new TreeMap<>(backendTls));
    texts = Collections.unmodifiableSortedMap(new TreeMap<>(texts));
  }

  /** What holds for all of it. */
  public MeshConfig config() {
    return written.orElse(MeshConfig.DEFAULT);
  }

  /** Empty where callers speak none of their own. */
  public Optional<BackendTls> backendTls(ServicePort port) {
    return Optional.ofNullable(backendTls.get(port));
  }

  /** The host that calls to a port are to have, if it is not the caller's word. */
  public Optional<String> externalHost(ServicePort port) {
    return Optional.ofNullable(services.get(port.service()))
        .flatMap(service ->
            service
                .external()
                .flatMap(leads ->
                    service
                        .port(port.port())
                        .map(each -> leads.host(each.targetPort(), backendTls.containsKey(port)))));
  }

  public boolean isEmpty() {
    return equals(EMPTY);
  }

  /** The policies of one kind. */
  public <S extends Policy.Spec> List<Policy.Attachment<S>> policies(Class<S> kind) {
    return policies.stream().flatMap(policy -> policy.of(kind).stream()).toList();
  }

  public SortedSet<Endpoint> endpointsOf(ServicePort port) {
    return endpoints.getOrDefault(port, Collections.emptySortedSet());
  }

  /** Whether a service has the same ports and the same named endpoints in the other model. */
  public boolean placesEqually(MeshModel other, ObjectName name) {
    Service service = services.get(name);
    return service != null
        && service.equals(other.services.get(name))
        && service.ports().stream()
            .map(port -> new ServicePort(name, port.port()))
            .allMatch(port -> endpointsOf(port).equals(other.endpointsOf(port)));
  }

  /** Whether a route of {@code namespace} of calls to a port is chosen by the path. */
  public boolean routesByPath(ServicePort port, String namespace) {
    return routesOf(port, namespace).stream()
        .flatMap(route -> route.rules().stream())
        .flatMap(rule -> rule.matches().stream())
        .anyMatch(HttpMatch::comparesPath);
  }

  /**
   * The routes of {@code namespace} bound to a port of a service, by name. Those of the service's
   * own are for all who call it; those of another are for the callers in that one alone, in place
   * of the others.
   */
  public List<Route> routesOf(ServicePort port, String namespace) {
    return routes.stream()
        .filter(route -> route.name().namespace().equals(namespace))
        .filter(route -> route.parents().contains(port))
        .sorted(Route.ORDER)
        .toList();
  }

  /** The namespaces, other than its own, that have routes for their calls to a port. */
  public SortedSet<String> consumersOf(ServicePort port) {
    SortedSet<String> namespaces = new TreeSet<>();
    for (Route route : routes) {
      if (route.isConsumerOf(port)) {
        namespaces.add(route.name().namespace());
      }
    }
    return namespaces;
  }

  /** As {@link #routesOf}, of connections. */
  public List<StreamRoute> streamsOf(ServicePort port, String namespace) {
    return streams.stream()
        .filter(route -> route.name().namespace().equals(namespace))
        .filter(route -> route.parents().contains(port))
        .sorted(StreamRoute.ORDER)
        .toList();
  }

  /** As {@link #consumersOf}, of connections. */
  public SortedSet<String> streamConsumersOf(ServicePort port) {
    SortedSet<String> namespaces = new TreeSet<>();
    for (StreamRoute route : streams) {
      if (route.parents().contains(port)) {
        namespaces.add(route.name().namespace());
      }
    }
    namespaces.remove(port.service().namespace());
    return namespaces;
  }
}
