package dev.weir.control.cli.migrate.linkerd;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Selection;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Port.Protocol;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Linkerd's Servers: ports of Services, and who may call there whom nobody names. */
final class Servers {
  /** What is let in beside those that are named. */
  enum Access {
    DENY,
    EVERYBODY,
    CLUSTER_NETWORKS,
    ANY_IDENTITY,
    ANY_IDENTITY_OF_CLUSTER_NETWORKS,
    AUDIT
  }

  /**
   * One that stands for ports of Services.
   *
   * @param refs as policies name them
   * @param ofRequests whether not all of them pass as bytes
   */
  record Server(
      ObjectName name,
      Fields spec,
      List<Map<String, Object>> refs,
      boolean ofRequests,
      Access access) {
    Server {
      refs = List.copyOf(refs);
    }
  }

  private final Services services;
  private final Report report;
  private final Map<ObjectName, Server> servers = new LinkedHashMap<>();

  Servers(Services services, Report report) {
    this.services = services;
    this.report = report;
  }

  /** Those that were added. */
  List<Server> all() {
    return List.copyOf(servers.values());
  }

  Optional<Server> named(ObjectName name) {
    return Optional.ofNullable(servers.get(name));
  }

  void add(ObjectName name, Fields spec) {
    Access access = access(spec);
    Optional<Map<String, String>> labels = labels(spec);
    String port = spec.text("port").orElse("");
    spec.without("externalWorkloadSelector", "write a Service for what is outside of the cluster");
    List<Map<String, Object>> refs = new ArrayList<>();
    List<Protocol> protocols = new ArrayList<>();
    for (ObjectName service : labels.map(some -> selected(name, spec, some)).orElse(List.of())) {
      Optional<Services.Port> found = services.leadingTo(service, port);
      boolean only = services.ports(service).size() == 1;
      if (found.isPresent() && (only || !found.get().name().isEmpty())) {
        refs.add(
            found.get().name().isEmpty()
                ? Output.service(service.name())
                : Output.service(service.name(), found.get().name()));
        protocols.add(found.get().protocol());
      }
    }
    spoken(spec, protocols);
    if (refs.isEmpty()) {
      report.wrong(
          spec.at(),
          spec.path(),
          "is left out: no Service among the files selects its instances and has a port that leads to"
              + " port \"%s\" of them".formatted(port));
    } else {
      boolean ofRequests = protocols.stream().anyMatch(each -> each != Protocol.TCP);
      servers.put(name, new Server(name, spec, refs, ofRequests, access));
    }
  }

  private List<ObjectName> selected(ObjectName name, Fields spec, Map<String, String> labels) {
    Selection selection = services.selecting(Optional.of(name.namespace()), labels);
    for (ObjectName part : selection.part()) {
      report.without(
          spec.at(),
          spec.path().field("podSelector"),
          "a policy is for a Service, and of Service %s not all instances need have these labels; give"
                  .formatted(part)
              + " those that have them a Service of their own, or its Deployments with the files");
    }
    for (ObjectName unknown : selection.unknown()) {
      report.note(
          spec.at(),
          spec.path().field("podSelector"),
          "is not taken to mean Service %s, whose selector says nothing of these labels; give its"
                  .formatted(unknown)
              + " Deployments with the files if its instances have them");
    }
    return selection.whole();
  }

  /** Empty, and said, if it selects by more than labels. */
  private static Optional<Map<String, String>> labels(Fields spec) {
    Map<String, String> labels = new LinkedHashMap<>();
    Optional<Fields> selector = spec.map("podSelector");
    if (selector.isEmpty()) {
      return Optional.empty();
    }
    labels.putAll(selector.get().textTable("matchLabels"));
    List<Fields> expressions = selector.get().maps("matchExpressions");
    boolean known =
        !selector.get().lost("matchExpressions", expressions.size())
            && selector.get().unread().isEmpty()
            && selector.get().map("matchLabels").map(Fields::names).orElse(List.of()).size()
                == labels.size();
    for (Fields expression : expressions) {
      List<String> values = expression.texts("values");
      if (expression.text("operator").filter("In"::equals).isPresent() && values.size() == 1) {
        labels.put(expression.text("key").orElse(""), values.getFirst());
      } else {
        expression.ignore("key");
        expression.without("operator", "instances are selected by labels that they have");
        known = false;
      }
    }
    return known ? Optional.of(labels) : Optional.empty();
  }

  private static Access access(Fields spec) {
    String policy = spec.text("accessPolicy").orElse("deny");
    return switch (policy) {
      case "deny" -> Access.DENY;
      case "all-unauthenticated" -> Access.EVERYBODY;
      case "cluster-unauthenticated" -> Access.CLUSTER_NETWORKS;
      case "all-authenticated" -> Access.ANY_IDENTITY;
      case "cluster-authenticated" -> Access.ANY_IDENTITY_OF_CLUSTER_NETWORKS;
      case "audit" -> Access.AUDIT;
      default -> {
        spec.without("accessPolicy", "there is none of that name; whom it lets in is refused");
        yield Access.DENY;
      }
    };
  }

  /** What is spoken is said by Services; what is said otherwise is named. */
  private void spoken(Fields spec, List<Protocol> protocols) {
    String written = spec.text("proxyProtocol").orElse("unknown");
    Optional<Protocol> wanted =
        switch (written) {
          case "HTTP/1" -> Optional.of(Protocol.HTTP);
          case "HTTP/2", "gRPC" -> Optional.of(Protocol.HTTP2);
          case "opaque", "TLS" -> Optional.of(Protocol.TCP);
          default -> Optional.empty();
        };
    if (wanted.isPresent() && protocols.stream().anyMatch(each -> each != wanted.get())) {
      report.note(
          spec.at(),
          spec.path().field("proxyProtocol"),
          "is said by the appProtocol of the Service's port, which says something else");
    }
  }
}
