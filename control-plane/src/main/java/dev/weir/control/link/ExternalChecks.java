package dev.weir.control.link;

import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.ExternalCheck;
import dev.weir.control.model.ExternalCheck.OnUnavailable;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.TargetRef;
import dev.weir.control.model.TargetRef.Kind;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.Finding.Severity;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Reports servers that cannot be asked about requests; the policies hold all the same. */
final class ExternalChecks {
  private static final String BACKEND = "backendRef";

  private final SortedMap<ObjectName, Service> services;
  private final List<Finding> findings;

  ExternalChecks(SortedMap<ObjectName, Service> services, List<Finding> findings) {
    this.services = services;
    this.findings = findings;
  }

  void check(List<Resource> resources) {
    for (Resource resource : resources) {
      if (resource instanceof Resource.OfPolicy<?> of
          && of.policy().spec() instanceof AuthorizationSpec spec
          && spec.external() != null) {
        check(of.manifest(), spec, spec.external());
      }
    }
  }

  private void check(Manifest manifest, AuthorizationSpec spec, ExternalCheck check) {
    ServicePort server = check.server(manifest.name().namespace());
    Service service = services.get(server.service());
    String so =
        check.onUnavailable() == OnUnavailable.REFUSE
            ? "; requests that it would be asked about are refused"
            : "; requests that it would be asked about go on unasked";
    if (service == null) {
      error(
          manifest,
          "Service "
              + server.service()
              + " does not exist"
              + so
              + Hints.of(server.service(), services.keySet()),
          BACKEND,
          "name");
      tcpPorts(manifest, spec);
      return;
    }
    Optional<Port> port = service.port(server.port());
    if (port.isEmpty()) {
      error(
          manifest,
          "%d is no port of Service %s; it has %s%s"
              .formatted(server.port(), service.name(), Linker.portNames(service), so),
          BACKEND,
          "port");
    } else {
      spoken(manifest, check, server, port.get());
    }
    itself(manifest, spec, server);
    tcpPorts(manifest, spec);
  }

  private void spoken(Manifest manifest, ExternalCheck check, ServicePort server, Port port) {
    boolean speaks =
        switch (check.protocol()) {
          case GRPC -> port.protocol() == Port.Protocol.HTTP2;
          case HTTP -> port.protocol() != Port.Protocol.TCP;
        };
    if (!speaks) {
      error(
          manifest,
          "port %d of Service %s does not say that it speaks %s, by appProtocol or the first word of its name"
              .formatted(
                  server.port(),
                  server.service(),
                  check.protocol() == ExternalCheck.Protocol.GRPC
                      ? "gRPC (kubernetes.io/h2c, grpc)"
                      : "HTTP"),
          "protocol");
    }
  }

  private void itself(Manifest manifest, AuthorizationSpec spec, ServicePort server) {
    for (int i = 0; i < spec.targetRefs().size(); i++) {
      TargetRef ref = spec.targetRefs().get(i);
      if (ref.kind() == Kind.SERVICE
          && server.service().equals(new ObjectName(manifest.name().namespace(), ref.name()))) {
        Place place = manifest.place("spec", "targetRefs", i);
        findings.add(
            Finding.error(
                place.at(),
                manifest.resource(),
                place.path().toString(),
                "asks the Service %s about its own requests, which would never end; they are not asked about"
                    .formatted(server.service())));
      }
    }
  }

  /** Connections cannot be asked about: said where some ports are asked about, and others not. */
  private void tcpPorts(Manifest manifest, AuthorizationSpec spec) {
    for (int i = 0; i < spec.targetRefs().size(); i++) {
      TargetRef ref = spec.targetRefs().get(i);
      Service target =
          ref.kind() == Kind.SERVICE && ref.sectionName() == null
              ? services.get(new ObjectName(manifest.name().namespace(), ref.name()))
              : null;
      List<Port> tcp =
          target == null
              ? List.of()
              : target.ports().stream()
                  .filter(port -> port.protocol() == Port.Protocol.TCP)
                  .toList();
      if (target != null && !tcp.isEmpty() && tcp.size() < target.ports().size()) {
        Place place = manifest.place("spec", "targetRefs", i);
        findings.add(
            new Finding(
                Severity.WARNING,
                place.at(),
                manifest.resource(),
                place.path().toString(),
                "is of requests: what port %d of Service %s takes passes as TCP, and is not asked about"
                    .formatted(tcp.getFirst().port(), target.name())));
      }
    }
  }

  private void error(Manifest manifest, String message, Object... fields) {
    List<Object> steps = new ArrayList<>(List.of("spec", "external"));
    steps.addAll(List.of(fields));
    Place place = manifest.place(steps.toArray());
    findings.add(Finding.error(place.at(), manifest.resource(), place.path().toString(), message));
  }
}
