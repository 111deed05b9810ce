package dev.weir.control.cli.migrate.istio.networking;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Port.Protocol;
import dev.weir.protos.FieldPath;
import java.util.Map;
import java.util.Optional;

/** A {@code destination} of a VirtualService as a backend of a route. */
final class Destinations {
  private final Services services;
  private final ServiceEntries entries;
  private final String namespace;
  private final String writtenIn;
  private final Report report;

  /**
   * @param namespace of the route that is made
   * @param writtenIn the namespace that short hosts are of
   */
  Destinations(
      Services services,
      ServiceEntries entries,
      String namespace,
      String writtenIn,
      Report report) {
    this.services = services;
    this.entries = entries;
    this.namespace = namespace;
    this.writtenIn = writtenIn;
    this.report = report;
  }

  /** Empty, and said, if no route can lead there. */
  Optional<Map<String, Object>> backend(Fields destination) {
    String host = host(destination);
    Optional<String> subset = destination.text("subset");
    Optional<Integer> written = destination.map("port").flatMap(port -> port.number("number"));
    FieldPath path = destination.path().field("host");
    Optional<ObjectName> service = services.service(host, writtenIn, destination.at(), path);
    if (service.isEmpty() || !mayBeOne(service.get(), destination, path)) {
      return Optional.empty();
    }
    Optional<Integer> port =
        written.isPresent()
            ? written
            : services.onlyPort(service.get(), destination.at(), destination.path());
    return port.map(number ->
        Output.fields(
            "name",
            service.get().name() + subset.map(part -> "-" + part).orElse(""),
            "port",
            number));
  }

  /** The same of a connection, which can go to a port of bytes alone. */
  Optional<Map<String, Object>> ofConnections(Fields destination) {
    Optional<Map<String, Object>> backend = backend(destination);
    Optional<ObjectName> service =
        backend.flatMap(found ->
            services.service(host(destination), writtenIn, destination.at(), destination.path()));
    boolean ofRequests =
        service.stream()
            .flatMap(found -> services.ports(found).stream())
            .filter(port -> backend.filter(found -> found.containsValue(port.number())).isPresent())
            .anyMatch(
                port -> port.protocol() == Protocol.HTTP || port.protocol() == Protocol.HTTP2);
    if (ofRequests) {
      report.without(
          destination.at(),
          destination.path(),
          "what comes to that port of Service %s passes as requests, and a connection cannot go there"
              .formatted(service.orElseThrow()));
    }
    return ofRequests ? Optional.empty() : backend;
  }

  private boolean mayBeOne(ObjectName service, Fields destination, FieldPath path) {
    if (!service.namespace().equals(namespace)) {
      report.without(
          destination.at(),
          path,
          "a backend lives in its route's namespace, which is " + namespace);
      return false;
    }
    if (!services.isBackend(service)) {
      report.wrong(
          destination.at(),
          path,
          "Service %s is of type ExternalName, and a backend only with the annotation"
                  .formatted(service)
              + " weir.dev/route-backend: allowed");
      return false;
    }
    if (services.outside(host(destination)).isPresent() && services.isOutside(service)) {
      entries.isBackend(service);
      report.note(
          destination.at(),
          path,
          "Service %s gets the annotation weir.dev/route-backend: allowed, so that routes may lead"
                  .formatted(service)
              + " to it; who may write routes can then call it by the sidecars of others");
    }
    return true;
  }

  private static String host(Fields destination) {
    return destination.text("host").orElse("");
  }
}
