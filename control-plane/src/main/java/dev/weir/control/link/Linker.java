package dev.weir.control.link;

import dev.weir.control.model.BackendTls;
import dev.weir.control.model.ConfigMapKey;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.MeshConfig;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy;
import dev.weir.control.model.Port;
import dev.weir.control.model.Route;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.StreamRoute;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import dev.weir.protos.Location;
import java.util.ArrayList;
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
  private final Map<ConfigMapKey, String> textsBefore;
  private Optional<MeshConfig> config = Optional.empty();

  private Linker(Claims claims, Map<ConfigMapKey, String> textsBefore) {
    this.claims = claims;
    this.textsBefore = textsBefore;
  }

  /**
   * Of two that cannot both hold, the one holds that did {@code before}, else the first in the
   * list.
   *
   * @param before what came of it the time before
   */
  public static Linked link(List<Resource> resources, Linked before) {
    return new Linker(new Claims(before.owners()), before.model().texts()).linked(resources);
  }

  private Linked linked(List<Resource> written) {
    List<Resource> resources = unique(written);
    List<Resource.OfService> ofServices = of(Resource.OfService.class, resources);
    ofServices.forEach(of ->
        of.service()
            .clusterIp()
            .ifPresent(ip -> claims.renew(ip, of.manifest().resource(), of.manifest())));
    TargetPorts targets = new TargetPorts(resources);
    ofServices.forEach(of -> service(of, targets));
    RouteReferences references = new RouteReferences(services, new Grants(resources), findings);
    RouteLinker ofRoutes = new RouteLinker(references);
    for (Resource resource : resources) {
      switch (resource) {
        case Resource.OfEndpoints of -> endpoints(of);
        case Resource.OfRoute of -> ofRoutes.route(of).ifPresent(routes::add);
        case Resource.OfStreamRoute of -> {}
        case Resource.OfService service -> {}
        case Resource.OfPolicy<?> policy -> {}
        case Resource.OfWorkload workload -> {}
        case Resource.OfGrant grant -> {}
        case Resource.OfConfigMap map -> {}
        case Resource.OfBackendTls of -> {}
        case Resource.OfMeshConfig of -> config(of);
      }
    }
    List<StreamRoute> streams =
        new StreamRouteLinker(references).routes(of(Resource.OfStreamRoute.class, resources));
    ConfigMapTexts texts = new ConfigMapTexts(resources, textsBefore, findings);
    PolicyLinker policies = new PolicyLinker(services, routes, claims, texts, findings);
    List<Policy.Attachment<?>> attachments = policies.attachments(resources);
    SortedMap<ServicePort, BackendTls> tls =
        new BackendTlsLinker(services, texts, findings)
            .link(of(Resource.OfBackendTls.class, resources));
    MeshModel model =
        new MeshModel(
            services, endpoints, routes, streams, attachments, tls, texts.texts(), config);
    new RouteChecks(findings).check(model, resources);
    new OverrideChecks(model, findings).check(resources);
    new MtlsChecks(model, findings).check(resources);
    new AccessChecks(model, findings).check(resources);
    new KeyChecks(model, findings).check(resources);
    new ConnectionChecks(model, findings).check(resources);
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
      config = Optional.of(of.config());
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
