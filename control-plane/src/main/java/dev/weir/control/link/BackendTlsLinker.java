package dev.weir.control.link;

import dev.weir.control.model.BackendTls;
import dev.weir.control.model.BackendTls.Trust;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy.Target;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.Finding.Severity;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import dev.weir.control.source.resource.Resource.PolicyTarget;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Binds BackendTLSPolicies to ports of Services that lead out of the mesh. Of two for the same, the
 * older one holds, as Gateway API has it; one for a port goes before one for its Service. Where it
 * is not known whom to trust, nobody is.
 */
final class BackendTlsLinker {
  private static final String CONFIG_MAP = "ConfigMap";
  private static final String SYSTEM = "System";
  private static final Comparator<Resource.OfBackendTls> OLDEST_FIRST =
      Comparator.comparing(
              (Resource.OfBackendTls of) -> of.manifest().created().orElse(Instant.MAX))
          .thenComparing(of -> of.manifest().name());

  private final SortedMap<ObjectName, Service> services;
  private final ConfigMapTexts texts;
  private final List<Finding> findings;
  private final Map<Target, ObjectName> holders = new HashMap<>();

  BackendTlsLinker(
      SortedMap<ObjectName, Service> services, ConfigMapTexts texts, List<Finding> findings) {
    this.services = services;
    this.texts = texts;
    this.findings = findings;
  }

  /** What holds, by port. */
  SortedMap<ServicePort, BackendTls> link(List<Resource.OfBackendTls> policies) {
    List<BackendTls> ofServices = new ArrayList<>();
    List<BackendTls> ofPorts = new ArrayList<>();
    policies.stream()
        .sorted(OLDEST_FIRST)
        .forEach(of -> {
          Trust trust = trust(of);
          for (int i = 0; i < of.targets().size(); i++) {
            target(of, i)
                .map(target -> tls(of, target, trust))
                .ifPresent(
                    one -> (one.target().section().isEmpty() ? ofServices : ofPorts).add(one));
          }
        });
    SortedMap<ServicePort, BackendTls> tls = new TreeMap<>();
    ofServices.forEach(one -> put(one, tls));
    ofPorts.forEach(one -> put(one, tls));
    return tls;
  }

  private static BackendTls tls(Resource.OfBackendTls of, Target target, Trust trust) {
    return new BackendTls(
        of.manifest().name(),
        target,
        of.hostname(),
        trust,
        of.names().isEmpty() ? List.of(new BackendTls.DnsName(of.hostname())) : of.names());
  }

  private void put(BackendTls one, SortedMap<ServicePort, BackendTls> tls) {
    Service service = services.get(one.target().name());
    for (Port port : service == null ? List.<Port>of() : service.ports()) {
      if (ofRequests(port) && isOf(port, one.target().section())) {
        tls.put(new ServicePort(one.target().name(), port.port()), one);
      }
    }
  }

  private static boolean isOf(Port port, String section) {
    return section.isEmpty() || section.equals(port.name());
  }

  private static boolean ofRequests(Port port) {
    return port.protocol() != Port.Protocol.TCP;
  }

  /** What an entry of the targetRefs names, if it holds there. */
  private Optional<Target> target(Resource.OfBackendTls of, int index) {
    Manifest manifest = of.manifest();
    PolicyTarget ref = of.targets().get(index);
    if (!ref.group().isEmpty() || !ref.kind().equals("Service")) {
      return error(manifest, "is for a Service of the group \"\" alone", targetRef(index, "kind"));
    }
    Service service = services.get(ref.name());
    if (service == null) {
      return error(
          manifest,
          "Service " + ref.name() + " does not exist" + Hints.of(ref.name(), services.keySet()),
          targetRef(index, "name"));
    }
    List<Port> ports = service.ports().stream().filter(port -> isOf(port, ref.section())).toList();
    if (ports.isEmpty()) {
      return error(
          manifest,
          "\"%s\" is no port of Service %s; it has %s"
              .formatted(ref.section(), ref.name(), Linker.portNames(service)),
          targetRef(index, "sectionName"));
    }
    Target target = Target.service(ref.name(), ref.section());
    ObjectName other = holders.putIfAbsent(target, manifest.name());
    if (other != null) {
      return error(
          manifest,
          "BackendTLSPolicy %s comes first for %s: the older one does, then the first by name"
              .formatted(other, target),
          targetRef(index));
    }
    return inForce(manifest, service, ports, target, index);
  }

  private Optional<Target> inForce(
      Manifest manifest, Service service, List<Port> ports, Target target, int index) {
    if (service.external().isEmpty()) {
      report(
          Severity.WARNING,
          manifest,
          ("does nothing in the mesh: Service %s is of it, and called by mutual TLS of its own;"
                  + " this is for Services of type ExternalName, and for gateways, which say so"
                  + " themselves")
              .formatted(service.name()),
          targetRef(index, "kind"));
      return Optional.empty();
    }
    if (ports.stream().noneMatch(BackendTlsLinker::ofRequests)) {
      return error(
          manifest,
          ("is of requests, and %s passes as TCP, in which TLS is the app's own; write a port of"
                  + " HTTP with the targetPort that takes TLS")
              .formatted(target),
          targetRef(index, "kind"));
    }
    return Optional.of(target);
  }

  private Trust trust(Resource.OfBackendTls of) {
    Manifest manifest = of.manifest();
    if (!of.options().isEmpty()) {
      error(
          manifest,
          "Weir has no options, and \"%s\" may be one that must hold; connections fail"
              .formatted(of.options().getFirst()),
          "spec",
          "options");
      return new BackendTls.Nobody();
    }
    if (!of.wellKnown().isEmpty()) {
      if (of.wellKnown().equals(SYSTEM)) {
        return new BackendTls.SystemRoots();
      }
      error(
          manifest,
          "\"%s\" is not %s; connections fail".formatted(of.wellKnown(), SYSTEM),
          "spec",
          "validation",
          "wellKnownCACertificates");
      return new BackendTls.Nobody();
    }
    return certificates(of);
  }

  private Trust certificates(Resource.OfBackendTls of) {
    Manifest manifest = of.manifest();
    List<ObjectName> maps = new ArrayList<>();
    StringBuilder pem = new StringBuilder();
    for (int i = 0; i < of.roots().size(); i++) {
      Resource.LocalReference ref = of.roots().get(i);
      if (!ref.group().isEmpty() || !ref.kind().equals(CONFIG_MAP)) {
        error(
            manifest,
            "is for a ConfigMap of the group \"\" alone, with the key ca.crt",
            "spec",
            "validation",
            "caCertificateRefs",
            i,
            "kind");
        continue;
      }
      Optional<String> text = texts.certificates(manifest, i, ref.name());
      if (text.isPresent()) {
        maps.add(ref.name());
        pem.append(text.get().stripTrailing()).append('\n');
      }
    }
    if (maps.isEmpty()) {
      error(
          manifest,
          "none of them has a CA certificate: connections fail",
          "spec",
          "validation",
          "caCertificateRefs");
      return new BackendTls.Nobody();
    }
    return new BackendTls.Certificates(maps, pem.toString());
  }

  private static Object[] targetRef(int index, Object... rest) {
    List<Object> steps = new ArrayList<>(List.of("spec", "targetRefs", index));
    steps.addAll(List.of(rest));
    return steps.toArray();
  }

  private <T> Optional<T> error(Manifest manifest, String message, Object... steps) {
    report(Severity.ERROR, manifest, message, steps);
    return Optional.empty();
  }

  private void report(Severity severity, Manifest manifest, String message, Object... steps) {
    Place place = manifest.place(steps);
    findings.add(
        new Finding(severity, place.at(), manifest.resource(), place.path().toString(), message));
  }
}
