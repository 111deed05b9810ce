package dev.weir.control.link;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Reports collectors that spans cannot be sent to; the policies hold all the same. */
final class CollectorChecks {
  private static final String SO = "; no spans are sent";

  private final SortedMap<ObjectName, Service> services;
  private final List<Finding> findings;

  CollectorChecks(SortedMap<ObjectName, Service> services, List<Finding> findings) {
    this.services = services;
    this.findings = findings;
  }

  void check(List<Resource> resources) {
    for (Resource resource : resources) {
      if (resource instanceof Resource.OfPolicy<?> of
          && of.policy().spec() instanceof TelemetrySpec spec
          && spec.tracing() != null
          && spec.tracing().otlp() != null) {
        check(
            of.manifest(), spec.tracing().otlp().backendRef().in(of.manifest().name().namespace()));
      }
    }
  }

  private void check(Manifest manifest, ServicePort collector) {
    Service service = services.get(collector.service());
    if (service == null) {
      error(
          manifest,
          "name",
          "Service "
              + collector.service()
              + " does not exist"
              + SO
              + Hints.of(collector.service(), services.keySet()));
      return;
    }
    Optional<Port> port = service.port(collector.port());
    if (port.isEmpty()) {
      error(
          manifest,
          "port",
          "%d is no port of Service %s; it has %s%s"
              .formatted(collector.port(), service.name(), Linker.portNames(service), SO));
    } else if (TelemetrySpec.Otlp.Protocol.of(port.get()).isEmpty()) {
      error(
          manifest,
          "port",
          "port %d of Service %s does not say that it speaks gRPC (kubernetes.io/h2c, grpc) or HTTP, by appProtocol or the first word of its name%s"
              .formatted(collector.port(), collector.service(), SO));
    }
  }

  private void error(Manifest manifest, String field, String message) {
    Place place = manifest.place("spec", "tracing", "otlp", "backendRef", field);
    findings.add(Finding.error(place.at(), manifest.resource(), place.path().toString(), message));
  }
}
