package dev.weir.control.describe;

import dev.weir.control.link.Linked;
import dev.weir.control.model.AuthenticationSpec.Mtls;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Port;
import dev.weir.control.model.Route;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.StreamRoute;
import dev.weir.control.policy.Holding;
import dev.weir.control.policy.Holdings;
import dev.weir.control.policy.Policies.RuleOf;
import dev.weir.control.source.reader.Finding;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * What holds for a service.
 *
 * @param place kind and name of the service, and where it stands
 * @param instances those that are known
 * @param telling what its own sidecars tell of it
 * @param routesFrom routes of other services that lead here
 * @param plainText whom Strict would refuse; empty: it is Strict, or nobody says who calls
 * @param findings what is wrong with what it is made of, and with policies of its namespace, which
 *     may have been meant for it
 */
public record Description(
    Service service,
    String place,
    List<Instance> instances,
    List<OfPort> ports,
    List<Told> telling,
    List<String> routesFrom,
    Optional<PlainText> plainText,
    List<Finding> findings) {
  public Description {
    instances = List.copyOf(instances);
    ports = List.copyOf(ports);
    telling = List.copyOf(telling);
    routesFrom = List.copyOf(routesFrom);
    findings = List.copyOf(findings);
  }

  /**
   * Of one port.
   *
   * @param mtls what it takes
   * @param holdings of calls that no rule says more about
   */
  public record OfPort(Port port, Mtls.Mode mtls, List<Told> holdings, List<OfRule> rules) {
    public OfPort {
      holdings = List.copyOf(holdings);
      rules = List.copyOf(rules);
    }
  }

  /**
   * A rule of a route that is bound to the port.
   *
   * @param place kind and name of the route, and where it stands
   * @param rule its name, or {@code rules[0]}
   * @param holdings what holds by it alone
   */
  public record OfRule(
      String place, String rule, List<String> matches, String leadsTo, List<Told> holdings) {
    public OfRule {
      matches = List.copyOf(matches);
      holdings = List.copyOf(holdings);
    }
  }

  /** A holding, with where its resource stands. */
  public record Told(Holding holding, String place) {}

  /** Of a service of the mesh. */
  public static Description of(Linked linked, Service service, Instances instances) {
    MeshModel model = linked.model();
    Holdings holdings = new Holdings(model);
    Set<String> concerned = new HashSet<>();
    concerned.add("Service " + service.name());
    List<OfPort> ports = new ArrayList<>();
    for (Port port : service.ports()) {
      ServicePort key = new ServicePort(service.name(), port.port());
      List<OfRule> rules = new ArrayList<>();
      for (Route route : of(key, model::routesOf, model.consumersOf(key))) {
        concerned.add(route.kind() + " " + route.name());
        for (int i = 0; i < route.rules().size(); i++) {
          rules.add(rule(linked, holdings, key, route, i));
        }
      }
      for (StreamRoute route : of(key, model::streamsOf, model.streamConsumersOf(key))) {
        concerned.add(route.kind() + " " + route.name());
        rules.add(rule(linked, key, route));
      }
      ports.add(new OfPort(port, holdings.mtls(key).mode(), told(linked, holdings.of(key)), rules));
    }
    List<Told> telling = told(linked, holdings.of(service));
    ports.forEach(port -> port.holdings().forEach(one -> concerned.add(one.holding().resource())));
    telling.forEach(one -> concerned.add(one.holding().resource()));
    return new Description(
        service,
        linked.described("Service " + service.name()),
        instances.of(service),
        ports,
        telling,
        routesFrom(linked, service),
        Optional.empty(),
        findings(linked, service, concerned));
  }

  private static OfRule rule(
      Linked linked, Holdings holdings, ServicePort port, Route route, int index) {
    Route.Rule rule = route.rules().get(index);
    return new OfRule(
        linked.described(route.kind() + " " + route.name()),
        rule.name().orElse("rules[" + index + "]") + callers(route.name(), port),
        rule.matches().stream().map(RuleWords::match).toList(),
        RuleWords.leadsTo(rule),
        told(linked, holdings.of(port, new RuleOf(route, rule))));
  }

  private static OfRule rule(Linked linked, ServicePort port, StreamRoute route) {
    return new OfRule(
        linked.described(route.kind() + " " + route.name()),
        "rules[0]" + callers(route.name(), port),
        List.copyOf(route.hostnames()),
        RuleWords.leadsTo(route),
        List.of());
  }

  /** The routes of the service's namespace, which are for all, then those of others. */
  private static <R> List<R> of(
      ServicePort port,
      BiFunction<ServicePort, String, List<R>> routes,
      SortedSet<String> consumers) {
    return Stream.concat(Stream.of(port.service().namespace()), consumers.stream())
        .flatMap(namespace -> routes.apply(port, namespace).stream())
        .toList();
  }

  private static String callers(ObjectName route, ServicePort port) {
    return route.namespace().equals(port.service().namespace())
        ? ""
        : " (for callers in " + route.namespace() + ")";
  }

  private static List<Told> told(Linked linked, List<Holding> holdings) {
    return holdings.stream().map(one -> new Told(one, linked.described(one.resource()))).toList();
  }

  private static List<String> routesFrom(Linked linked, Service service) {
    return linked.model().routes().stream()
        .filter(route ->
            route.parents().stream().noneMatch(port -> port.service().equals(service.name())))
        .filter(route ->
            route.rules().stream()
                .flatMap(rule -> rule.backends().stream())
                .anyMatch(backend -> backend.target().service().equals(service.name())))
        .map(route -> linked.described(route.kind() + " " + route.name()))
        .sorted()
        .toList();
  }

  private static List<Finding> findings(Linked linked, Service service, Set<String> concerned) {
    String policy = "Policy " + service.name().namespace() + "/";
    return linked.findings().stream()
        .filter(finding ->
            concerned.contains(finding.resource())
                || finding.isError() && finding.resource().contains(policy))
        .toList();
  }

  /** Whether a port takes mutual TLS, and plain text too. */
  public boolean takesBoth() {
    return service.external().isEmpty()
        && ports.stream().anyMatch(port -> port.mtls() == Mtls.Mode.PERMISSIVE);
  }

  /** The same, and whom Strict would refuse. */
  public Description with(PlainText known) {
    return new Description(
        service, place, instances, ports, telling, routesFrom, Optional.of(known), findings);
  }

  /** How many of the instances have a sidecar. */
  public long withSidecar() {
    return instances.stream().filter(Instance::sidecar).count();
  }
}
