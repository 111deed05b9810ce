package dev.weir.control.link;

import dev.weir.control.model.ObjectName;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Resource;
import dev.weir.control.source.resource.Resource.ParentRef;
import dev.weir.control.source.resource.Resource.Referent;
import dev.weir.control.source.resource.Resource.Referrer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which routes may lead to the Services of other namespaces. Who calls a Service is sent on with an
 * identity of his own, so that what a route leads to would be called by who did not choose it: that
 * namespace has to allow it. A route for the calls of its own namespace alone leads nobody else.
 */
final class Grants {
  private static final String GATEWAY = "gateway.networking.k8s.io";

  private final Map<String, Map<Referrer, Set<Referent>>> byNamespace = new HashMap<>();

  Grants(List<Resource> resources) {
    for (Resource resource : resources) {
      if (resource instanceof Resource.OfGrant grant) {
        Map<Referrer, Set<Referent>> granted =
            byNamespace.computeIfAbsent(
                grant.manifest().name().namespace(), key -> new HashMap<>());
        grant
            .from()
            .forEach(
                from -> granted.computeIfAbsent(from, key -> new HashSet<>()).addAll(grant.to()));
      }
    }
  }

  /**
   * Whether a route may lead to a Service: one of its own namespace; one of the namespace that
   * everything it is bound to is of, where the calls went without it; or one that is granted to it.
   */
  boolean allow(Manifest route, List<ParentRef> parents, ObjectName service) {
    String own = route.name().namespace();
    String there = service.namespace();
    if (there.equals(own)
        || parents.stream().allMatch(parent -> parent.service().namespace().equals(there))) {
      return true;
    }
    Set<Referent> granted =
        byNamespace
            .getOrDefault(there, Map.of())
            .getOrDefault(new Referrer(GATEWAY, route.kind(), own), Set.of());
    return granted.contains(new Referent("", "Service", Optional.empty()))
        || granted.contains(new Referent("", "Service", Optional.of(service.name())));
  }

  /** What is to be written where {@link #allow} says no. */
  static String wanted(Manifest route, ObjectName service) {
    return ("Service %s is of another namespace, which does not allow it; it does by a"
            + " ReferenceGrant in %s with from: [{group: %s, kind: %s, namespace: %s}] and to:"
            + " [{group: \"\", kind: Service, name: %s}]")
        .formatted(
            service,
            service.namespace(),
            GATEWAY,
            route.kind(),
            route.name().namespace(),
            service.name());
  }
}
