package dev.weir.control.source;

import dev.weir.control.model.CircuitBreaker;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy;
import dev.weir.control.model.Policy.Attachment;
import dev.weir.control.model.Policy.Target;
import dev.weir.control.model.Port;
import dev.weir.control.model.RateLimitSpec;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.model.Route;
import dev.weir.control.model.Service;
import dev.weir.control.model.TargetRef;
import dev.weir.control.model.TargetRef.Kind;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import dev.weir.protos.Nearest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/** Attaches policies to what they are for, and refuses what two of equal rank both say. */
final class PolicyLinker {
  /** Where policies for the whole mesh live. */
  static final String MESH_NAMESPACE = "weir-system";

  private static final String MESH_NAME = "default";

  private final SortedMap<ObjectName, Service> services;
  private final List<Route> routes;
  private final List<Finding> findings;

  PolicyLinker(
      SortedMap<ObjectName, Service> services, List<Route> routes, List<Finding> findings) {
    this.services = services;
    this.routes = routes;
    this.findings = findings;
  }

  List<Attachment<ResilienceSpec>> resilience(List<Resource> resources) {
    return attach(resources, ResilienceSpec.class, EnumSet.allOf(Kind.class), "");
  }

  List<Attachment<RateLimitSpec>> rateLimits(List<Resource> resources) {
    return attach(
        resources,
        RateLimitSpec.class,
        EnumSet.of(Kind.SERVICE, Kind.NAMESPACE, Kind.MESH_CONFIG),
        "limits are enforced by the service, which sees requests and not routes; name the Service,"
            + " and the requests in limits[].matches");
  }

  List<Attachment<TelemetrySpec>> telemetry(List<Resource> resources) {
    return attach(
        resources,
        TelemetrySpec.class,
        EnumSet.of(Kind.SERVICE, Kind.NAMESPACE, Kind.MESH_CONFIG),
        "telemetry is of a service's own sidecars; name the Service");
  }

  private <S extends Policy.Spec> List<Attachment<S>> attach(
      List<Resource> resources, Class<S> type, Set<Kind> kinds, String otherKinds) {
    List<Attachment<S>> attachments = new ArrayList<>();
    Map<String, Manifest> taken = new HashMap<>();
    List<Resource.OfPolicy<?>> policies = new ArrayList<>();
    for (Resource resource : resources) {
      if (resource instanceof Resource.OfPolicy<?> of && type.isInstance(of.policy().spec())) {
        policies.add(of);
      }
    }
    policies.sort(Comparator.comparing(of -> of.policy().name()));
    for (Resource.OfPolicy<?> of : policies) {
      Manifest manifest = of.manifest();
      S spec = type.cast(of.policy().spec());
      Policy<S> policy = new Policy<>(of.policy().name(), spec);
      for (int i = 0; i < spec.targetRefs().size(); i++) {
        TargetRef ref = spec.targetRefs().get(i);
        if (!kinds.contains(ref.kind())) {
          report(manifest, manifest.place("spec", "targetRefs", i, "kind"), otherKinds);
          continue;
        }
        refuseEndpointBreaker(manifest, i, ref, spec);
        Optional<Target> target = target(manifest, i, ref);
        if (target.isPresent() && free(taken, manifest, i, target.get(), spec.sections())) {
          attachments.add(new Attachment<>(policy, target.get()));
        }
      }
    }
    return attachments;
  }

  /** A route's breaker counts the route's attempts, to whichever instance. */
  private void refuseEndpointBreaker(
      Manifest manifest, int index, TargetRef ref, Policy.Spec spec) {
    boolean onRoute = ref.kind() == Kind.HTTP_ROUTE || ref.kind() == Kind.GRPC_ROUTE;
    if (onRoute
        && spec instanceof ResilienceSpec resilience
        && resilience.circuitBreaker() != null
        && resilience.circuitBreaker().scope() == CircuitBreaker.Scope.ENDPOINT) {
      report(
          manifest,
          manifest.place("spec", "circuitBreaker", "scope"),
          "Endpoint is for a Service; targetRefs[" + index + "] is a route");
    }
  }

  /** Claims each section of the target for this policy; false when one is another's. */
  private boolean free(
      Map<String, Manifest> taken, Manifest manifest, int index, Target target, Set<String> parts) {
    for (String part : parts) {
      Manifest other = taken.get(target + " " + part);
      if (other != null) {
        report(
            manifest,
            manifest.place("spec", "targetRefs", index),
            other.equals(manifest)
                ? target + " is listed twice"
                : "%s of %s is already set by %s at %s; one of them may set it"
                    .formatted(part, target, other.resource(), other.at()));
        return false;
      }
    }
    parts.forEach(part -> taken.put(target + " " + part, manifest));
    return true;
  }

  private Optional<Target> target(Manifest manifest, int index, TargetRef ref) {
    String namespace = manifest.name().namespace();
    ObjectName name = new ObjectName(namespace, ref.name());
    String section = ref.sectionName() == null ? "" : ref.sectionName();
    return switch (ref.kind()) {
      case SERVICE -> service(manifest, index, name, section);
      case HTTP_ROUTE -> route(manifest, index, Route.Kind.HTTP, name, section);
      case GRPC_ROUTE -> route(manifest, index, Route.Kind.GRPC, name, section);
      case NAMESPACE -> namespace(manifest, index, ref.name());
      case MESH_CONFIG -> mesh(manifest, index, ref.name());
    };
  }

  private Optional<Target> namespace(Manifest manifest, int index, String name) {
    String own = manifest.name().namespace();
    if (!name.equals(own)) {
      report(
          manifest,
          manifest.place("spec", "targetRefs", index, "name"),
          "not supported yet: a policy must live in its target's namespace; this one is in " + own);
      return Optional.empty();
    }
    return Optional.of(Target.namespace(name));
  }

  private Optional<Target> mesh(Manifest manifest, int index, String name) {
    if (!name.equals(MESH_NAME)) {
      report(
          manifest,
          manifest.place("spec", "targetRefs", index, "name"),
          "there is one MeshConfig, named " + MESH_NAME);
      return Optional.empty();
    }
    if (!manifest.name().namespace().equals(MESH_NAMESPACE)) {
      report(
          manifest,
          manifest.place("metadata", "namespace"),
          "a policy for the whole mesh lives in the namespace " + MESH_NAMESPACE);
      return Optional.empty();
    }
    return Optional.of(Target.MESH);
  }

  private Optional<Target> service(Manifest manifest, int index, ObjectName name, String section) {
    Service service = services.get(name);
    if (service == null) {
      List<String> known =
          services.keySet().stream()
              .filter(other -> other.namespace().equals(name.namespace()))
              .map(ObjectName::name)
              .toList();
      report(
          manifest,
          manifest.place("spec", "targetRefs", index, "name"),
          "Service " + name + " does not exist" + Nearest.hint(name.name(), known));
      return Optional.empty();
    }
    if (!section.isEmpty() && service.ports().stream().map(Port::name).noneMatch(section::equals)) {
      report(
          manifest,
          manifest.place("spec", "targetRefs", index, "sectionName"),
          "\"%s\" is no port of Service %s; it has %s"
              .formatted(section, name, Linker.portNames(service)));
      return Optional.empty();
    }
    return Optional.of(Target.service(name, section));
  }

  private Optional<Target> route(
      Manifest manifest, int index, Route.Kind kind, ObjectName name, String section) {
    Optional<Route> found =
        routes.stream()
            .filter(route -> route.kind() == kind && route.name().equals(name))
            .findFirst();
    if (found.isEmpty()) {
      List<String> known =
          routes.stream()
              .filter(route -> route.kind() == kind)
              .map(route -> route.name().name())
              .toList();
      report(
          manifest,
          manifest.place("spec", "targetRefs", index, "name"),
          kind + " " + name + " does not exist" + Nearest.hint(name.name(), known));
      return Optional.empty();
    }
    if (!section.isEmpty()
        && found.get().rules().stream()
            .noneMatch(rule -> rule.name().filter(section::equals).isPresent())) {
      report(
          manifest,
          manifest.place("spec", "targetRefs", index, "sectionName"),
          "\"%s\" names no rule of %s %s".formatted(section, kind, name));
      return Optional.empty();
    }
    return Optional.of(
        new Target(kind == Route.Kind.HTTP ? Kind.HTTP_ROUTE : Kind.GRPC_ROUTE, name, section));
  }

  private void report(Manifest manifest, Place place, String message) {
    findings.add(Finding.error(place.at(), manifest.resource(), place.path().toString(), message));
  }
}
