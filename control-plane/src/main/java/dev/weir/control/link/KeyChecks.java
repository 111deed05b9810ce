package dev.weir.control.link;

import dev.weir.control.compile.KeyService;
import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.Jwt;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.Finding.Severity;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * Warns of keys at what looks like a service of the mesh and is none: they are fetched from a host
 * of that name, past the mesh.
 */
final class KeyChecks {
  private final SortedMap<ObjectName, Service> services;
  private final Set<String> namespaces;
  private final List<Finding> findings;

  KeyChecks(MeshModel model, List<Finding> findings) {
    this.services = model.services();
    this.namespaces =
        services.keySet().stream().map(ObjectName::namespace).collect(Collectors.toSet());
    this.findings = findings;
  }

  void check(List<Resource> resources) {
    for (Resource resource : resources) {
      if (resource instanceof Resource.OfPolicy<?> of
          && of.policy().spec() instanceof AuthenticationSpec spec
          && spec.jwt() != null) {
        check(of.manifest(), spec.jwt().providers());
      }
    }
  }

  private void check(Manifest manifest, List<Jwt.Provider> providers) {
    for (int i = 0; i < providers.size(); i++) {
      if (providers.get(i).jwks() instanceof Jwt.JwksUri(String uri)) {
        Place place = manifest.place("spec", "jwt", "providers", i, "jwks", "uri");
        KeyService.named(uri, manifest.name().namespace())
            .flatMap(port -> missing(uri, port))
            .ifPresent(what ->
                findings.add(
                    new Finding(
                        Severity.WARNING,
                        place.at(),
                        manifest.resource(),
                        place.path().toString(),
                        what + "; the keys are fetched from a host of that name, past the mesh")));
      }
    }
  }

  /** A name that DNS may have as well is not taken for a service's. */
  private Optional<String> missing(String uri, ServicePort port) {
    Service service = services.get(port.service());
    if (service != null) {
      return service.port(port.port()).isPresent()
          ? Optional.empty()
          : Optional.of(
              "%d is no port of Service %s; it has %s"
                  .formatted(port.port(), service.name(), Linker.portNames(service)));
    }
    boolean named = !uri.matches("http://[^.:/]*([:/].*)?");
    return KeyService.isClusterName(uri) || named && namespaces.contains(port.service().namespace())
        ? Optional.of("Service %s does not exist".formatted(port.service()))
        : Optional.empty();
  }
}
