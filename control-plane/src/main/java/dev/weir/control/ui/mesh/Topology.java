package dev.weir.control.ui.mesh;

import dev.weir.control.json.JsonText;
import dev.weir.control.link.Linked;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.traffic.Edge;
import dev.weir.control.traffic.Tier;
import dev.weir.control.traffic.TrafficStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.function.Predicate;

/**
 * Who calls whom at the moment, and what comes of it. How often is that of the last whole steps, in
 * each of which each sidecar has spoken; what comes of it is that of the latest, so that a failure
 * shows as soon as it is told.
 */
final class Topology {
  private static final long STEP = Tier.HOUR.step().toMillis();
  private static final int WHOLE_STEPS = 3;
  private static final int LATEST_STEPS = 2;
  private static final int MOST_CAUSES = 8;
  private static final Comparator<Edge> BY_NAME =
      Comparator.comparing(Edge::source)
          .thenComparing(Edge::destination)
          .thenComparingInt(Edge::port);

  private final TrafficStore store;

  Topology(TrafficStore store) {
    this.store = store;
  }

  /**
   * As JSON.
   *
   * @param now since the epoch
   */
  String json(Linked linked, SortedMap<ServicePort, SortedSet<Endpoint>> endpoints, long now) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("services", services(linked, endpoints));
    fields.put("edges", edges(linked, now, edge -> true));
    fields.put("findings", linked.findings().size());
    return JsonText.compact(fields);
  }

  /** Those that were called of late, by name. */
  List<Map<String, Object>> edges(Linked linked, long now, Predicate<Edge> wanted) {
    long step = Math.floorDiv(now, STEP) * STEP;
    long latest = step - (LATEST_STEPS - 1) * STEP;
    Map<Edge, EdgeSum> before = new HashMap<>();
    Map<Edge, EdgeSum> late = new HashMap<>();
    store.forEach(
        Tier.HOUR,
        step - WHOLE_STEPS * STEP,
        step + STEP,
        wanted,
        (edge, reporter, begin, cell) -> {
          EdgeSum ofWhole = before.computeIfAbsent(edge, each -> new EdgeSum());
          if (begin < step) {
            ofWhole.add(reporter, cell);
          }
          if (begin >= latest) {
            late.computeIfAbsent(edge, each -> new EdgeSum()).add(reporter, cell);
          }
        });
    PolicyNames names = new PolicyNames(linked);
    return before.keySet().stream()
        .sorted(BY_NAME)
        .map(edge -> {
          EdgeSum whole = before.getOrDefault(edge, new EdgeSum());
          // One that was silent in the latest is told by those before.
          return fields(edge, whole, late.getOrDefault(edge, whole), names);
        })
        .toList();
  }

  private static Map<String, Object> fields(
      Edge edge, EdgeSum whole, EdgeSum late, PolicyNames names) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("from", edge.source());
    fields.put("to", edge.destination());
    fields.put("port", edge.port());
    fields.put("protocol", late.protocol());
    // One that has just begun has no whole step yet.
    EdgeSum counted = whole.requests() > 0 ? whole : late;
    int steps = whole.requests() > 0 ? WHOLE_STEPS : LATEST_STEPS;
    fields.put("rps", Numbers.rounded(counted.requests() * 1000.0 / (steps * STEP)));
    fields.put("success", Numbers.share(late.success()));
    fields.put("p50", Numbers.rounded(late.durations().quantileMillis(0.5)));
    fields.put("p99", Numbers.rounded(late.durations().quantileMillis(0.99)));
    fields.put("requests", late.requests());
    fields.put("failed", late.failures());
    fields.put("by", late.by().name().toLowerCase(Locale.ROOT));
    fields.put("causes", causes(late.causes(), names));
    return fields;
  }

  /** The most frequent first. */
  private static List<Map<String, Object>> causes(
      Map<EdgeSum.Why, Long> causes, PolicyNames names) {
    return causes.entrySet().stream()
        .sorted(
            Map.Entry.<EdgeSum.Why, Long>comparingByValue()
                .reversed()
                .thenComparing(each -> each.getKey().toString()))
        .limit(MOST_CAUSES)
        .map(each -> {
          Map<String, Object> fields = each.getKey().fields(names);
          fields.put("count", each.getValue());
          return fields;
        })
        .toList();
  }

  private static List<Map<String, Object>> services(
      Linked linked, SortedMap<ServicePort, SortedSet<Endpoint>> endpoints) {
    Map<ObjectName, Set<String>> policies = new HashMap<>();
    for (Policy.Attachment<?> attachment : linked.model().policies()) {
      Policies.services(linked.model(), attachment)
          .forEach(service ->
              policies
                  .computeIfAbsent(service, each -> new HashSet<>())
                  .add(Policies.resource(attachment.policy())));
    }
    List<Map<String, Object>> services = new ArrayList<>();
    for (Service service : linked.model().services().values()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("name", service.name().toString());
      fields.put("instances", instances(service, endpoints));
      fields.put("external", service.external().isPresent());
      fields.put("policies", policies.getOrDefault(service.name(), Set.of()).size());
      services.add(fields);
    }
    return services;
  }

  private static int instances(
      Service service, SortedMap<ServicePort, SortedSet<Endpoint>> endpoints) {
    return service.ports().stream()
        .mapToInt(port ->
            endpoints
                .getOrDefault(
                    new ServicePort(service.name(), port.port()), Collections.emptySortedSet())
                .size())
        .max()
        .orElse(0);
  }
}
