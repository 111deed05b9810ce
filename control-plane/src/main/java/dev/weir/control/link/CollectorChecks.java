package dev.weir.control.link;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.control.model.TelemetrySpec.Signal;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Reports collectors that nothing can be sent to; the policies hold all the same. */
final class CollectorChecks {
  private final SortedMap<ObjectName, Service> services;
  private final List<Finding> findings;

  CollectorChecks(SortedMap<ObjectName, Service> services, List<Finding> findings) {
    this.services = services;
    this.findings = findings;
  }

  void check(List<Resource> resources) {
    for (Resource resource : resources) {
      if (resource instanceof Resource.OfPolicy<?> of
          && of.policy().spec() instanceof TelemetrySpec spec) {
        spec.collectors()
            .forEach((signal, collector) ->
                check(of.manifest(), signal, collector.in(of.manifest().name().namespace())));
      }
    }
  }

  private void check(Manifest manifest, Signal signal, ServicePort collector) {
    Service service = services.get(collector.service());
    if (service == null) {
      error(
          manifest,
          signal,
          "name",
          "Service " + collector.service() + " does not exist",
          Hints.of(collector.service(), services.keySet()));
      return;
    }
    Optional<Port> port = service.port(collector.port());
    if (port.isEmpty()) {
      error(
          manifest,
          signal,
          "port",
          "%d is no port of Service %s; it has %s"
              .formatted(collector.port(), service.name(), Linker.portNames(service)),
          "");
    } else if (signal.protocol(port.get()).isEmpty()) {
      boolean http = TelemetrySpec.Otlp.Protocol.of(port.get()).isPresent();
      error(
          manifest,
          signal,
          "port",
          http
              ? "port %d of Service %s is one of HTTP/1, and %s go by gRPC alone"
                  .formatted(collector.port(), collector.service(), signal.words())
              : "port %d of Service %s does not say that it speaks %s, by appProtocol or the first word of its name"
                  .formatted(collector.port(), collector.service(), spoken(signal)),
          "");
    }
  }

  private static String without(Signal signal) {
    return signal == Signal.RECORDS
        ? "lines are written to standard output, and no records are sent"
        : "no " + signal.words() + " are sent";
  }

  private static String spoken(Signal signal) {
    String grpc = "gRPC (kubernetes.io/h2c, grpc)";
    return signal == Signal.RECORDS ? grpc : grpc + " or HTTP";
  }

  private void error(Manifest manifest, Signal signal, String field, String message, String hint) {
    Place place = manifest.place("spec", signal.section(), "otlp", "backendRef", field);
    findings.add(
        Finding.error(
            place.at(),
            manifest.resource(),
            place.path().toString(),
            message + "; " + without(signal) + hint));
  }
}
