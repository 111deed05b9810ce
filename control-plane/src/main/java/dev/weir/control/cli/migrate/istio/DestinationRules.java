package dev.weir.control.cli.migrate.istio;

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

/** Istio's DestinationRule: a ResiliencePolicy of the service, and a Service for each subset. */
public final class DestinationRules {
  /** What a service has where a rule says nothing; Weir's own default is 50%. */
  private static final int MOST_EJECTED = 10;

  private final Services services;
  private final Report report;
  private final Output output;

  public DestinationRules(Services services, Report report, Output output) {
    this.services = services;
    this.report = report;
    this.output = output;
  }

  public void translate(ObjectName name, Fields spec) {
    spec.ignore("exportTo");
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
    spec.map("trafficPolicy").ifPresent(traffic -> policy(policy, service, traffic));
    for (Fields subset : spec.maps("subsets")) {
      subset(policy, service, subset);
    }
  }

  private void policy(ObjectName name, ObjectName service, Fields traffic) {
    output.policy(name, Output.service(service.name()), sections(traffic));
    for (Fields port : traffic.maps("portLevelSettings")) {
      Optional<Integer> number = port.map("port").flatMap(of -> of.number("number"));
      Optional<String> section =
          number.flatMap(wanted ->
              services.ports(service).stream()
                  .filter(known -> known.number() == wanted && !known.name().isEmpty())
                  .map(Services.Port::name)
                  .findFirst());
      Map<String, Object> sections = sections(port);
      if (section.isPresent()) {
        Map<String, Object> target = Output.service(service.name());
        target.put("sectionName", section.get());
        output.policy(
            new ObjectName(name.namespace(), Texts.name(name.name() + "-" + section.get())),
            target,
            sections);
      } else if (!sections.isEmpty()) {
        report.wrong(
            port.at(),
            port.path(),
            "a policy is for a port by its name, and no Service among the files has one for it");
      }
    }
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
    traffic
        .map("tls")
        .ifPresent(tls -> {
          if (tls.text("mode").filter("DISABLE"::equals).isEmpty()) {
            tls.without("mode", "sidecars speak plain to each other so far");
          }
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

  private void subset(ObjectName policy, ObjectName service, Fields subset) {
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
      List<Map<String, Object>> written = new ArrayList<>();
      for (Services.Port port : ports) {
        Map<String, Object> fields = Output.fields();
        if (!port.name().isEmpty()) {
          fields.put("name", port.name());
        }
        fields.put("port", port.number());
        written.add(fields);
      }
      output.add("v1", "Service", part, Output.fields("selector", selector, "ports", written));
      report.note(
          subset.at(),
          subset.path(),
          "becomes Service "
              + part
              + ", of which its instances have to be: a selector is for"
              + " Kubernetes, ./weir run takes --service");
    }
    subset
        .map("trafficPolicy")
        .ifPresent(traffic ->
            policy(
                new ObjectName(policy.namespace(), Texts.name(policy.name() + "-" + name)),
                part,
                traffic));
  }
}
