package dev.weir.control.cli.migrate.istio.networking;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.cli.migrate.resource.Texts;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Port.Protocol;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a DestinationRule wants its host to be called, {@code trafficPolicy.tls}: for a host outside
 * of the mesh a BackendTLSPolicy. Within the mesh it is the callee who decides.
 */
final class ClientTls {
  private static final int MOST_NAMES = 5;
  private static final String HOST = "(\\*\\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?";
  private static final Set<String> SYSTEM =
      Set.of("system", "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem");

  private final Services services;
  private final ServiceEntries entries;
  private final Report report;
  private final Output output;
  private final Set<List<Object>> taken = new HashSet<>();

  ClientTls(Services services, ServiceEntries entries, Report report, Output output) {
    this.services = services;
    this.entries = entries;
    this.report = report;
    this.output = output;
  }

  /**
   * @param policy what is written is called so
   * @param host as the rule has it
   * @param ports those of the service that are meant
   */
  void translate(
      ObjectName policy, String host, ObjectName service, List<Services.Port> ports, Fields tls) {
    String mode = tls.text("mode").orElse("DISABLE");
    boolean outside = services.isOutside(service);
    switch (mode) {
      case "DISABLE" -> {
        if (!outside) {
          tls.note(
              "mode",
              "is the callee's to say: callers use mutual TLS with it unless an"
                  + " AuthenticationPolicy of its own says Disabled");
        }
      }
      case "ISTIO_MUTUAL" -> {
        if (outside) {
          tls.without("mode", "what is outside of the mesh has no sidecar");
        } else {
          tls.note(
              "mode",
              "is how sidecars call each other anyway; an instance without one is called in plain"
                  + " text");
        }
      }
      case "SIMPLE" -> {
        if (outside) {
          simple(policy, host, service, ports, tls);
        } else {
          tls.without(
              "mode",
              "sidecars speak TLS to Services of type ExternalName, and to others the mesh's own");
          ignoreRest(tls);
        }
      }
      default -> {
        tls.without(
            "mode",
            "a sidecar shows others than sidecars no certificate; calls go in plain text unless"
                + " the app itself speaks TLS");
        ignoreRest(tls);
      }
    }
  }

  /** What is said of the mode is said of all of it. */
  private static void ignoreRest(Fields tls) {
    tls.ignore(tls.names().toArray(String[]::new));
  }

  private void simple(
      ObjectName policy, String host, ObjectName service, List<Services.Port> ports, Fields tls) {
    List<Services.Port> ofRequests =
        ports.stream().filter(port -> port.protocol() != Protocol.TCP).toList();
    String name = tls.text("sni").orElse(host).toLowerCase(Locale.ROOT);
    List<Map<String, Object>> subjects = subjects(service, tls);
    if (tls.flag("insecureSkipVerify")) {
      tls.note("insecureSkipVerify", "the server is verified all the same");
    }
    tls.without("caCrl", "revoked certificates are not looked up");
    tls.without("clientCertificate", "a sidecar shows others than sidecars no certificate");
    tls.without("privateKey", "a sidecar shows others than sidecars no certificate");
    String why = "";
    if (tls.lost("subjectAltNames", tls.texts("subjectAltNames").size())
        || subjects.isEmpty() && !names(service, tls).isEmpty()) {
      why = "none of the names that its certificate may have can be said";
    } else if (tls.has("credentialName")) {
      tls.ignore("credentialName", "caCertificates");
      why =
          "its certificates are in a Secret; put its CA's into a ConfigMap, as ca.crt, and write a"
              + " BackendTLSPolicy with it";
    } else if (tls.text("caCertificates").filter(file -> !SYSTEM.contains(file)).isPresent()) {
      why =
          "its CA's certificates are in a file of Istio's sidecars; put them into a ConfigMap, as"
              + " ca.crt, and write a BackendTLSPolicy with it";
    } else if (name.contains("*") || !name.matches(HOST)) {
      why = "\"" + name + "\" is no name of one server; write sni";
    } else if (ofRequests.isEmpty()) {
      why =
          "a sidecar speaks TLS for requests, and these ports pass as TCP; write a port of HTTP"
              + " with the targetPort that takes TLS";
    }
    if (!why.isEmpty()) {
      report.without(tls.at(), tls.path(), why + "; until then calls go in plain text");
      return;
    }
    List<Map<String, Object>> refs = refs(service, ports, ofRequests, tls);
    if (!refs.isEmpty()) {
      Map<String, Object> validation =
          Output.fields("wellKnownCACertificates", "System", "hostname", name);
      if (!subjects.isEmpty()) {
        validation.put("subjectAltNames", subjects);
      }
      output.add(
          Output.GATEWAY + "/v1",
          "BackendTLSPolicy",
          output.unused(
              "BackendTLSPolicy", new ObjectName(service.namespace(), Texts.name(policy.name()))),
          Output.fields("targetRefs", refs, "validation", validation));
    }
  }

  /** The Service if all of its ports are meant and are of requests, else those by their names. */
  private List<Map<String, Object>> refs(
      ObjectName service, List<Services.Port> ports, List<Services.Port> ofRequests, Fields tls) {
    if (ofRequests.size() == services.ports(service).size()) {
      return free(service, "", tls) ? List.of(Output.service(service.name())) : List.of();
    }
    List<Map<String, Object>> refs = new ArrayList<>();
    for (Services.Port port : ports) {
      if (!ofRequests.contains(port)) {
        report.note(
            tls.at(),
            tls.path(),
            "is not for port %d of Service %s, which passes as TCP: TLS there is the app's own"
                .formatted(port.number(), service));
      } else if (port.name().isEmpty()) {
        report.without(
            tls.at(),
            tls.path(),
            "a policy is for a port by its name; give port %d of Service %s one"
                .formatted(port.number(), service));
      } else if (free(service, port.name(), tls)) {
        refs.add(Output.service(service.name(), port.name()));
      }
    }
    return refs;
  }

  private boolean free(ObjectName service, String port, Fields tls) {
    boolean free = taken.add(List.of(service, port));
    if (!free) {
      report.wrong(
          tls.at(),
          tls.path(),
          "is left out: another DestinationRule is for the same%s"
              .formatted(port.isEmpty() ? "" : " port"));
    }
    return free;
  }

  private List<Map<String, Object>> subjects(ObjectName service, Fields tls) {
    List<Map<String, Object>> subjects = new ArrayList<>();
    for (String name : names(service, tls)) {
      Optional<Map<String, Object>> subject = subject(name);
      if (subject.isEmpty() || subjects.size() == MOST_NAMES) {
        report.without(
            tls.at(),
            tls.path().field("subjectAltNames"),
            "a certificate has one of %d names of hosts or URIs; one for \"%s\" is refused"
                .formatted(MOST_NAMES, name));
      } else {
        subjects.add(subject.get());
      }
    }
    return subjects;
  }

  private List<String> names(ObjectName service, Fields tls) {
    List<String> own = tls.texts("subjectAltNames");
    return own.isEmpty() ? entries.subjects(service) : own;
  }

  private static Optional<Map<String, Object>> subject(String name) {
    if (name.contains("://")) {
      return Optional.of(Output.fields("type", "URI", "uri", name));
    }
    String host = name.toLowerCase(Locale.ROOT);
    return host.matches(HOST)
        ? Optional.of(Output.fields("type", "Hostname", "hostname", host))
        : Optional.empty();
  }
}
