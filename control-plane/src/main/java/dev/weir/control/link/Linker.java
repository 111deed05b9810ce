package dev.weir.control.link;

import dev.weir.control.model.Endpoint;
import dev.weir.control.model.ExternalName;
import dev.weir.control.model.MeshConfig;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Port;
import dev.weir.control.model.Route;
import dev.weir.control.model.RouteFilters;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import dev.weir.protos.Location;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Follows the references between resources and makes the model of those that hold. What refers to
 * nothing, comes twice or contradicts another is reported and left out, alone.
 */
public final class Linker {
  private final List<Finding> findings = new ArrayList<>();
  private final SortedMap<ObjectName, Service> services = new TreeMap<>();
  private final SortedMap<ServicePort, SortedSet<Endpoint>> endpoints = new TreeMap<>();
  private final List<Route> routes = new ArrayList<>();
  private final Claims claims;
  private Grants grants = new Grants(List.of());
  private MeshConfig config = MeshConfig.DEFAULT;

  private Linker(Claims claims) {
    this.claims = claims;
  }

  /**
   * Of two that cannot both hold, the one holds that did {@code before}, else the first in the
   * list.
   *
   * @param before the {@link Linked#owners()} of the time before
   */
  public static Linked link(List<Resource> resources, Map<String, String> before) {
    return new Linker(new Claims(before)).linked(resources);
  }

  private Linked linked(List<Resource> written) {
    List<Resource> resources = unique(written);
    List<Resource.OfService> ofServices = of(Resource.OfService.class, resources);
    ofServices.forEach(of ->
        of.service()
            .clusterIp()
            .ifPresent(ip -> claims.renew(ip, of.manifest().resource(), of.manifest())));
    grants = new Grants(resources);
    TargetPorts targets = new TargetPorts(resources);
    ofServices.forEach(of -> service(of, targets));
    for (Resource resource : resources) {
      switch (resource) {
        case Resource.OfEndpoints of -> endpoints(of);
        case Resource.OfRoute of -> route(of);
        case Resource.OfService service -> {}
        case Resource.OfPolicy<?> policy -> {}
        case Resource.OfWorkload workload -> {}
        case Resource.OfGrant grant -> {}
        case Resource.OfMeshConfig of -> config(of);
      }
    }
    PolicyLinker policies = new PolicyLinker(services, routes, claims, findings);
    MeshModel model =
        new MeshModel(services, endpoints, routes, policies.attachments(resources), config);
    Map<String, Location> places = new HashMap<>();
    resources.forEach(one -> places.put(one.manifest().resource(), one.manifest().at()));
    return new Linked(model, findings.stream().sorted().toList(), claims.owners(), places);
  }

  /** A virtual address that is another's is not taken; the mesh allocates one. */
  private void service(Resource.OfService of, TargetPorts targets) {
    Service service = targets.resolved(of, findings);
    Manifest manifest = of.manifest();
    Optional<Manifest> other =
        service.clusterIp().flatMap(ip -> claims.take(ip, manifest.resource(), manifest));
    if (other.isPresent()) {
      report(
          manifest,
          manifest.place("spec", "clusterIP"),
          "%s is already the address of %s"
              .formatted(service.clusterIp().orElse(""), other.get().resource()));
      service = service.withoutClusterIp();
    }
    services.put(service.name(), service);
  }

  private void config(Resource.OfMeshConfig of) {
    ObjectName name = of.manifest().name();
    if (name.equals(MeshConfig.NAME)) {
      config = of.config();
    } else {
      report(
          of.manifest(),
          of.manifest().place("metadata"),
          "there is one MeshConfig, named %s in the namespace %s"
              .formatted(MeshConfig.NAME.name(), MeshConfig.NAME.namespace()));
    }
  }

  private static <R extends Resource> List<R> of(Class<R> type, List<Resource> resources) {
    return resources.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private List<Resource> unique(List<Resource> written) {
    List<Resource> unique = new ArrayList<>();
    for (Resource resource : written) {
      Manifest manifest = resource.manifest();
      claims.renew(manifest.resource(), manifest.at().file(), manifest);
    }
    for (Resource resource : written) {
      Manifest manifest = resource.manifest();
      Optional<Manifest> other = claims.take(manifest.resource(), manifest.at().file(), manifest);
      if (other.isEmpty()) {
        unique.add(resource);
      } else {
        report(
            manifest,
            manifest.place("metadata", "name"),
            "is already at " + other.get().at() + "; names are unique within a kind and namespace");
      }
    }
    return unique;
  }

  private void endpoints(Resource.OfEndpoints of) {
    Service service = services.get(of.service());
    if (service == null) {
      report(
          of.manifest(),
          of.manifest().place("metadata"),
          "endpoints of Service " + of.service() + ", which does not exist" + hint(of.service()));
      return;
    }
    if (service.external().isPresent()) {
      report(
          of.manifest(),
          of.manifest().place("metadata"),
          "endpoints of Service %s, which leads to what DNS has for %s"
              .formatted(of.service(), service.external().get().name()));
      return;
    }
    for (Resource.PortEndpoints part : of.ports()) {
      Optional<Port> port = port(service, part.portName());
      if (port.isEmpty()) {
        report(
            of.manifest(),
            of.manifest().place("ports"),
            "the port \"%s\" is none of Service %s; it has %s"
                .formatted(part.portName(), service.name(), portNames(service)));
      } else {
        endpoints
            .computeIfAbsent(
                new ServicePort(service.name(), port.get().port()), key -> new TreeSet<>())
            .addAll(part.endpoints());
      }
    }
  }

  private static Optional<Port> port(Service service, String name) {
    return service.ports().stream().filter(port -> port.name().equals(name)).findFirst();
  }

  private void route(Resource.OfRoute of) {
    SortedSet<ServicePort> parents = new TreeSet<>();
    for (int i = 0; i < of.parents().size(); i++) {
      parents.addAll(parent(of.manifest(), i, of.parents().get(i)));
    }
    List<Route.Rule> rules = new ArrayList<>();
    for (int i = 0; i < of.route().rules().size(); i++) {
      Route.Rule rule = of.route().rules().get(i);
      rules.add(
          rule.with(backends(of, i, rule.backends()), mirrors(of, i, rule.filters().mirrors())));
    }
    if (!parents.isEmpty()) {
      routes.add(of.route().boundTo(parents).with(rules));
    }
  }

  private List<ServicePort> parent(Manifest manifest, int index, Resource.ParentRef ref) {
    Service service = services.get(ref.service());
    if (service == null) {
      report(
          manifest,
          manifest.place("spec", "parentRefs", index, "name"),
          "Service " + ref.service() + " does not exist" + hint(ref.service()));
      return List.of();
    }
    List<ServicePort> ports =
        service.ports().stream()
            .filter(port -> ref.port().isEmpty() || ref.port().getAsInt() == port.port())
            .filter(port -> ref.portName().isEmpty() || ref.portName().get().equals(port.name()))
            .map(port -> new ServicePort(service.name(), port.port()))
            .toList();
    if (ports.isEmpty()) {
      String field = ref.port().isPresent() ? "port" : "sectionName";
      report(
          manifest,
          manifest.place("spec", "parentRefs", index, field),
          "no such port of Service %s; it has %s".formatted(service.name(), portNames(service)));
    }
    return ports;
  }

  /** One of several that does not exist, or may not be one, keeps its share, answered 500. */
  private List<Route.Backend> backends(Resource.OfRoute of, int rule, List<Route.Backend> written) {
    Manifest manifest = of.manifest();
    List<Route.Backend> backends = new ArrayList<>();
    boolean any = false;
    for (int i = 0; i < written.size(); i++) {
      Route.Backend backend = written.get(i);
      Object[] steps = {"spec", "rules", rule, "backendRefs", i};
      boolean granted = granted(of, backend.target(), steps);
      boolean exists = granted && exists(manifest, backend.target(), steps);
      boolean allowed = granted && (!exists || backend(manifest, backend.target(), steps));
      any |= exists && allowed;
      backends.add(allowed ? backend : backend.nowhere());
    }
    return any ? backends : List.of();
  }

  private boolean granted(Resource.OfRoute of, ServicePort target, Object... steps) {
    if (grants.allow(of, target.service())) {
      return true;
    }
    report(
        of.manifest(),
        of.manifest().place(with(steps, "namespace")),
        Grants.wanted(of.route(), target.service()));
    return false;
  }

  /** A name that leads anywhere would let who writes a route reach what he himself may not. */
  private boolean backend(Manifest manifest, ServicePort target, Object... steps) {
    if (external(target).map(ExternalName::routeBackend).orElse(true)) {
      return true;
    }
    report(
        manifest,
        manifest.place(with(steps, "name")),
        ("Service %s is of type ExternalName, and a backend only if it says so itself, by the"
                + " annotation weir.dev/route-backend: allowed")
            .formatted(target.service()));
    return false;
  }

  private boolean mirror(Manifest manifest, ServicePort target, Object... steps) {
    if (external(target).isEmpty()) {
      return true;
    }
    report(
        manifest,
        manifest.place(with(steps, "name")),
        "Service %s is of type ExternalName: copies of requests do not leave the mesh"
            .formatted(target.service()));
    return false;
  }

  private Optional<ExternalName> external(ServicePort target) {
    return Optional.ofNullable(services.get(target.service())).flatMap(Service::external);
  }

  /** One that does not exist gets nothing, as Gateway API has it; the request goes its way. */
  private List<RouteFilters.Mirror> mirrors(
      Resource.OfRoute of, int rule, List<RouteFilters.Mirror> written) {
    Manifest manifest = of.manifest();
    List<RouteFilters.Mirror> mirrors = new ArrayList<>();
    int filter = -1;
    for (RouteFilters.Mirror mirror : written) {
      do {
        filter++;
      } while (!manifest.has("spec", "rules", rule, "filters", filter, "requestMirror"));
      Object[] steps = {"spec", "rules", rule, "filters", filter, "requestMirror", "backendRef"};
      if (granted(of, mirror.target(), steps)
          && exists(manifest, mirror.target(), steps)
          && mirror(manifest, mirror.target(), steps)) {
        mirrors.add(mirror);
      }
    }
    return mirrors;
  }

  /** {@code steps} lead to the reference. */
  private boolean exists(Manifest manifest, ServicePort target, Object... steps) {
    Service service = services.get(target.service());
    if (service == null) {
      report(
          manifest,
          manifest.place(with(steps, "name")),
          "Service " + target.service() + " does not exist" + hint(target.service()));
      return false;
    }
    if (service.port(target.port()).isEmpty()) {
      report(
          manifest,
          manifest.place(with(steps, "port")),
          "%d is no port of Service %s; it has %s"
              .formatted(target.port(), service.name(), portNames(service)));
      return false;
    }
    return true;
  }

  private static Object[] with(Object[] steps, String last) {
    Object[] all = Arrays.copyOf(steps, steps.length + 1);
    all[steps.length] = last;
    return all;
  }

  private String hint(ObjectName missing) {
    return Hints.of(missing, services.keySet());
  }

  static String portNames(Service service) {
    return String.join(
        ", ",
        service.ports().stream()
            .map(port -> port.port() + (port.name().isEmpty() ? "" : " (" + port.name() + ")"))
            .toList());
  }

  private void report(Manifest manifest, Place place, String message) {
    findings.add(Finding.error(place.at(), manifest.resource(), place.path().toString(), message));
  }
}
