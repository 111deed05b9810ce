package dev.weir.control.link;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.MeshConfig;
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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/** Attaches policies to what they are for, and refuses what two of equal rank both say. */
final class PolicyLinker {
  private final SortedMap<ObjectName, Service> services;
  private final List<Route> routes;
  private final Claims claims;
  private final ConfigMapTexts texts;
  private final List<Finding> findings;
  private final PolicyEffects effects;

  PolicyLinker(
      SortedMap<ObjectName, Service> services,
      List<Route> routes,
      Claims claims,
      ConfigMapTexts texts,
      List<Finding> findings) {
    this.services = services;
    this.routes = routes;
    this.claims = claims;
    this.texts = texts;
    this.findings = findings;
    this.effects = new PolicyEffects(services, findings);
  }

  /** All that hold, kind by kind. */
  List<Attachment<?>> attachments(List<Resource> resources) {
    List<Attachment<?>> attachments = new ArrayList<>();
    attachments.addAll(attach(resources, ResilienceSpec.class));
    attachments.addAll(attach(resources, RateLimitSpec.class));
    attachments.addAll(attach(resources, TelemetrySpec.class));
    attachments.addAll(attach(resources, AuthenticationSpec.class));
    attachments.addAll(attach(resources, AuthorizationSpec.class));
    new ExternalChecks(services, findings).check(resources);
    new CollectorChecks(services, findings).check(resources);
    new PortChecks(services, findings).check(resources);
    return attachments;
  }

  private <S extends Policy.Spec> List<Attachment<S>> attach(
      List<Resource> resources, Class<S> type) {
    List<Resource.OfPolicy<?>> policies = new ArrayList<>();
    for (Resource resource : resources) {
      if (resource instanceof Resource.OfPolicy<?> of && type.isInstance(of.policy().spec())) {
        policies.add(of);
      }
    }
    policies.sort(Comparator.comparing(of -> of.policy().name()));
    List<Bound<S>> bound = new ArrayList<>();
    for (Resource.OfPolicy<?> of : policies) {
      Manifest manifest = of.manifest();
      S spec = type.cast(complete(manifest, of.policy().spec()));
      for (int i = 0; i < spec.targetRefs().size(); i++) {
        TargetRef ref = spec.targetRefs().get(i);
        Optional<Target> target = target(manifest, i, ref);
        if (target.isPresent()) {
          effects.check(manifest, i, target.get(), spec);
          bound.add(new Bound<>(manifest, i, target.get(), spec));
        }
      }
    }
    if (bound.stream().allMatch(one -> one.spec.addsUp())) {
      return bound.stream()
          .map(one -> new Attachment<>(new Policy<>(one.manifest.name(), one.spec), one.target))
          .toList();
    }
    bound.forEach(one ->
        one.spec.sections().stream()
            .filter(part -> !one.spec.sectionsThatAddUp().contains(part))
            .forEach(part -> claims.renew(one.claim(part), one.manifest.resource(), one.manifest)));
    return bound.stream().map(one -> attachment(one, type)).flatMap(Optional::stream).toList();
  }

  private Policy.Spec complete(Manifest manifest, Policy.Spec spec) {
    return spec instanceof AuthenticationSpec authentication
        ? texts.complete(manifest, authentication)
        : spec;
  }

  /** A policy and the target that the item {@code index} of its targetRefs names. */
  private record Bound<S extends Policy.Spec>(Manifest manifest, int index, Target target, S spec) {
    String claim(String part) {
      return part + " of " + target;
    }
  }

  /** With the sections that no other policy sets for the very same target, or that add up. */
  private <S extends Policy.Spec> Optional<Attachment<S>> attachment(
      Bound<S> bound, Class<S> type) {
    Manifest manifest = bound.manifest;
    Set<String> free = new TreeSet<>();
    for (String part : bound.spec.sections()) {
      if (bound.spec.sectionsThatAddUp().contains(part)) {
        free.add(part);
        continue;
      }
      Optional<Manifest> other = claims.take(bound.claim(part), manifest.resource(), manifest);
      if (other.isEmpty()) {
        free.add(part);
      } else {
        report(
            manifest,
            manifest.place("spec", "targetRefs", bound.index),
            "%s is already set by %s; one of them may set it"
                .formatted(bound.claim(part), described(other.get())));
      }
    }
    return free.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Attachment<>(
                new Policy<>(manifest.name(), type.cast(bound.spec.only(free))), bound.target));
  }

  /** With its line, if it is in a file. */
  private static String described(Manifest manifest) {
    return manifest.at().line() == 0
        ? manifest.resource()
        : manifest.resource() + " at " + manifest.at();
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
      case MESH_CONFIG -> mesh(manifest);
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

  private Optional<Target> mesh(Manifest manifest) {
    if (!manifest.name().namespace().equals(MeshConfig.NAME.namespace())) {
      report(
          manifest,
          manifest.place("metadata", "namespace"),
          "a policy for the whole mesh lives in the namespace " + MeshConfig.NAME.namespace());
      return Optional.empty();
    }
    return Optional.of(Target.MESH);
  }

  private Optional<Target> service(Manifest manifest, int index, ObjectName name, String section) {
    Service service = services.get(name);
    if (service == null) {
      report(
          manifest,
          manifest.place("spec", "targetRefs", index, "name"),
          "Service " + name + " does not exist" + Hints.of(name, services.keySet()));
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
