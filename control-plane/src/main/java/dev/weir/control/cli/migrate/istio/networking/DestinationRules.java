package dev.weir.control.cli.migrate.istio.networking;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.cli.migrate.resource.Texts;
import dev.weir.control.model.ObjectName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Istio's DestinationRule: a ResiliencePolicy of the service, a BackendTLSPolicy if it is outside
 * of the mesh, and a Service for each subset.
 */
public final class DestinationRules {
  private static final String KIND = "ResiliencePolicy";

  /** What a service has where a rule says nothing; Weir's own default is 50%. */
  private static final int MOST_EJECTED = 10;

  private final Services services;
  private final Report report;
  private final Output output;
  private final ClientTls tls;

  public DestinationRules(Services services, ServiceEntries entries, Report report, Output output) {
    this.services = services;
    this.report = report;
    this.output = output;
    this.tls = new ClientTls(services, entries, report, output);
  }

  public void translate(ObjectName name, Fields spec) {
    ExportTo.check(spec);
    spec.without("workloadSelector", "a policy holds for all callers");
    String host = spec.text("host").orElse("");
    Optional<ObjectName> found =
        services.service(host, name.namespace(), spec.at(), spec.path().field("host"));
    if (found.isEmpty()) {
      spec.ignore("trafficPolicy", "subsets");
      return;
    }
    ObjectName service = found.get();
    ObjectName policy = new ObjectName(service.namespace(), name.name());
    spec.map("trafficPolicy").ifPresent(traffic -> policy(policy, host, service, traffic));
    for (Fields subset : spec.maps("subsets")) {
      subset(policy, host, service, subset);
    }
  }

  private void policy(ObjectName name, String host, ObjectName service, Fields traffic) {
    output.policy(KIND, name, List.of(Output.service(service.name())), sections(traffic));
    List<Services.Port> rest = new ArrayList<>(services.ports(service));
    for (Fields port : traffic.maps("portLevelSettings")) {
      Optional<Integer> number = port.map("port").flatMap(of -> of.number("number"));
      List<Services.Port> meant =
          services.ports(service).stream()
              .filter(known -> number.filter(wanted -> wanted == known.number()).isPresent())
              .toList();
      rest.removeAll(meant);
      Map<String, Object> sections = sections(port);
      Optional<String> section =
          meant.stream().map(Services.Port::name).filter(each -> !each.isEmpty()).findFirst();
      if (section.isPresent()) {
        output.policy(
            KIND,
            named(name, section.get()),
            List.of(Output.service(service.name(), section.get())),
            sections);
      } else if (!sections.isEmpty()) {
        report.wrong(
            port.at(),
            port.path(),
            "a policy is for a port by its name, and no Service among the files has one for it");
      }
      ObjectName policy = section.map(each -> named(name, each)).orElse(name);
      port.map("tls").ifPresent(each -> tls.translate(policy, host, service, meant, each));
    }
    traffic.map("tls").ifPresent(each -> tls.translate(name, host, service, rest, each));
  }

  private static ObjectName named(ObjectName policy, String part) {
    return new ObjectName(policy.namespace(), Texts.name(policy.name() + "-" + part));
  }

  private static Map<String, Object> sections(Fields traffic) {
    Map<String, Object> sections = Output.fields();
    traffic.map("outlierDetection").ifPresent(outlier -> outlier(outlier, sections));
    traffic
        .map("connectionPool")
        .ifPresent(pool -> {
          pool.without(
              "tcp", "connections are Weir's own; a call that is not let in fails at once");
          pool.map("http")
              .ifPresent(http -> {
                http.without(
                    "http2MaxRequests",
                    "it is of one caller; concurrency.maxRequests of a ResiliencePolicy is of an"
                        + " instance, whoever calls");
                http.without(
                    "http1MaxPendingRequests",
                    "concurrency.queue of a ResiliencePolicy is of an instance, whoever calls");
                http.without(
                    "maxRetries", "retry.budget of a ResiliencePolicy is a share of calls");
                http.without("idleTimeout", "idle connections are kept for an hour");
              });
        });
    traffic
        .map("loadBalancer")
        .ifPresent(balancer -> {
          Optional<String> simple = balancer.text("simple");
          if (simple.isPresent()
              && !List.of("LEAST_REQUEST", "LEAST_CONN", "UNSPECIFIED").contains(simple.get())) {
            balancer.without("simple", "calls go to the instance with the fewest under way");
          }
          balancer.without("consistentHash", "calls go to the instance with the fewest under way");
        });
    return sections;
  }

  private static void outlier(Fields outlier, Map<String, Object> sections) {
    Map<String, Object> detection = Output.fields();
    Optional<Integer> errors = outlier.number("consecutive5xxErrors");
    Optional<Integer> older = outlier.number("consecutiveErrors");
    detection.put("consecutiveErrors", errors.or(() -> older).orElse(5));
    detection.put(
        "ejectFor", outlier.text("baseEjectionTime").flatMap(Texts::duration).orElse("30s"));
    detection.put("maxEjected", outlier.number("maxEjectionPercent").orElse(MOST_EJECTED) + "%");
    outlier.ignore("interval"); // errors in a row count when they come
    outlier.without("consecutiveGatewayErrors", "any 5xx counts; write consecutive5xxErrors");
    outlier.without("minHealthPercent", "maxEjected bounds how many are left out");
    sections.put("outlierDetection", detection);
  }

  private void subset(ObjectName policy, String host, ObjectName service, Fields subset) {
    String name = subset.text("name").orElse("");
    Map<String, String> labels = subset.textTable("labels");
    ObjectName part = new ObjectName(service.namespace(), service.name() + "-" + name);
    List<Services.Port> ports = services.ports(service);
    if (ports.isEmpty()) {
      services.onlyPort(service, subset.at(), subset.path());
    } else {
      Map<String, Object> selector = Output.fields();
      selector.putAll(services.selector(service));
      selector.putAll(labels);
      List<Map<String, Object>> written = ports.stream().map(Services.Port::fields).toList();
      if (!output.unused("Service", part).equals(part)) {
        report.wrong(subset.at(), subset.path(), "is left out: there is a Service " + part);
      } else {
        output.add("v1", "Service", part, Output.fields("selector", selector, "ports", written));
        report.note(
            subset.at(),
            subset.path(),
            "becomes Service "
                + part
                + ", of which its instances have to be: a selector is for"
                + " Kubernetes, ./weir run takes --service");
      }
    }
    subset
        .map("trafficPolicy")
        .ifPresent(traffic -> policy(named(policy, name), host, part, traffic));
  }
}
