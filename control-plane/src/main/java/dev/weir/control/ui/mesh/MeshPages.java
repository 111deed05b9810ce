package dev.weir.control.ui.mesh;

import dev.weir.control.describe.Description;
import dev.weir.control.describe.DescriptionReport;
import dev.weir.control.describe.Instances;
import dev.weir.control.describe.Written;
import dev.weir.control.json.JsonText;
import dev.weir.control.link.Linked;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.traffic.Edge;
import dev.weir.control.traffic.MeshEvent;
import dev.weir.control.traffic.MeshEvents;
import dev.weir.control.traffic.Outcome;
import dev.weir.control.traffic.Tier;
import dev.weir.control.traffic.TrafficStore;
import dev.weir.control.ui.Page;
import dev.weir.control.ui.Query;
import dev.weir.control.ui.Ui;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/** The pages of the API that a control plane answers. */
public final class MeshPages {
  private static final int MOST_MINUTES = 24 * 60;
  private static final int MINUTES = 15;
  private static final long MINUTE = 60_000;

  private final MeshLook look;
  private final TrafficStore store;
  private final MeshEvents events;
  private final InstantSource clock;
  private final Topology topology;

  public MeshPages(MeshLook look, TrafficStore store, MeshEvents events, InstantSource clock) {
    this.look = look;
    this.store = store;
    this.events = events;
    this.clock = clock;
    this.topology = new Topology(store);
  }

  /** By name. */
  public Map<String, Page> pages() {
    return Map.of(
        "about",
        query -> JsonText.compact(Map.of("requests", false)),
        Ui.TOPOLOGY,
        query -> topology.json(linked(), endpoints(), clock.millis()),
        "service",
        query -> JsonText.compact(service(query)),
        "policies",
        query -> JsonText.compact(policies()),
        "policy",
        query -> JsonText.compact(policy(query)),
        "proxies",
        query -> JsonText.compact(proxies()),
        "findings",
        query -> JsonText.compact(linked().findings().stream().map(Finding::fields).toList()),
        "events",
        query -> JsonText.compact(events(minutes(query), event -> true)));
  }

  private static int minutes(Query query) throws Query.Wrong {
    return query.whole("minutes", 1, MOST_MINUTES).orElse(MINUTES);
  }

  private Linked linked() throws IOException {
    return asked(look::linked);
  }

  private SortedMap<ServicePort, SortedSet<Endpoint>> endpoints() throws IOException {
    return asked(look::endpoints);
  }

  private List<Map<String, Object>> proxies() throws IOException {
    return asked(look::proxies);
  }

  private interface Asked<T> {
    T get() throws Exception;
  }

  private static <T> T asked(Asked<T> of) throws IOException {
    try {
      return of.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (Exception e) {
      throw new IOException("the control plane does not say: " + e.getMessage(), e);
    }
  }

  private List<Map<String, Object>> events(int minutes, Predicate<MeshEvent> wanted) {
    return events.since(clock.millis() - minutes * MINUTE).stream()
        .filter(wanted)
        .map(event -> {
          Map<String, Object> fields = new LinkedHashMap<>();
          fields.put("at", event.millis());
          fields.put("kind", event.kind().name().toLowerCase(Locale.ROOT));
          fields.put("policy", event.policy());
          fields.put("service", event.service());
          fields.put("instance", event.instance());
          fields.put("text", event.text());
          return fields;
        })
        .toList();
  }

  private Map<String, Object> service(Query query) throws Query.Wrong, Page.NotThere, IOException {
    String name = query.required("name");
    int minutes = minutes(query);
    Linked linked = linked();
    Map<String, Object> fields = new LinkedHashMap<>();
    Service service = linked.model().services().get(named(name));
    Set<String> policies = new TreeSet<>();
    if (service != null) {
      Description description = Description.of(linked, service, Instances.named(linked.model()));
      fields.put("description", DescriptionReport.fields(description));
      fields.put("instances", instances(service));
      for (Policy.Attachment<?> each : linked.model().policies()) {
        if (Policies.services(linked.model(), each).contains(service.name())) {
          policies.add(each.policy().name().toString());
        }
      }
    }
    long now = clock.millis();
    List<Map<String, Object>> callers =
        topology.edges(linked, now, edge -> edge.destination().equals(name));
    List<Map<String, Object>> calls =
        topology.edges(linked, now, edge -> edge.source().equals(name));
    if (service == null && callers.isEmpty() && calls.isEmpty()) {
      throw new Page.NotThere("there is no service " + name + ", and nobody of that name calls");
    }
    fields.put("callers", callers);
    fields.put("calls", calls);
    fields.put(
        "history",
        History.of(store, minutes, now, edge -> edge.destination().equals(name))
            .fields(new PolicyNames(linked)));
    fields.put(
        "events",
        events(
            minutes, event -> event.service().equals(name) || policies.contains(event.policy())));
    return fields;
  }

  private static ObjectName named(String name) {
    int slash = name.indexOf('/');
    return new ObjectName(name.substring(0, Math.max(0, slash)), name.substring(slash + 1));
  }

  private List<Map<String, Object>> instances(Service service) throws IOException {
    SortedMap<ServicePort, SortedSet<Endpoint>> endpoints = endpoints();
    Map<String, Map<String, Object>> instances = new LinkedHashMap<>();
    service
        .ports()
        .forEach(port -> {
          ServicePort key = new ServicePort(service.name(), port.port());
          for (Endpoint each : endpoints.getOrDefault(key, Collections.emptySortedSet())) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("address", each.address());
            fields.put("port", each.port());
            fields.put("mtls", each.mtls());
            instances.put(each.address() + ":" + each.port(), fields);
          }
        });
    return List.copyOf(instances.values());
  }

  private List<Map<String, Object>> policies() throws IOException {
    Linked linked = linked();
    long now = clock.millis();
    Map<String, Map<Outcome, Long>> outcomes = outcomes(now - MINUTES * MINUTE, now);
    Map<String, Map<String, Object>> policies = new LinkedHashMap<>();
    for (Policy.Attachment<?> each : linked.model().policies()) {
      String resource = Policies.resource(each.policy());
      if (policies.containsKey(resource)) {
        continue;
      }
      String name = each.policy().name().toString();
      Map<String, Object> fields = summary(linked, each.policy());
      Map<Outcome, Long> decided = outcomes.getOrDefault(name, Map.of());
      String kind = resource.substring(0, resource.indexOf(' '));
      fields.put("refused", History.refused(decided, name, kind, false));
      fields.put("wouldRefuse", History.refused(decided, name, kind, true));
      policies.put(resource, fields);
    }
    return policies.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(Map.Entry::getValue)
        .toList();
  }

  /** By policy: how often each outcome that it decided was, or would have in shadow mode. */
  private Map<String, Map<Outcome, Long>> outcomes(long from, long until) {
    Map<String, Map<Outcome, Long>> outcomes = new HashMap<>();
    store.forEach(
        Tier.HOUR,
        from,
        until,
        edge -> true,
        (edge, reporter, begin, cell) ->
            cell.forEach((outcome, count) -> {
              for (String policy : outcome.policies()) {
                outcomes
                    .computeIfAbsent(policy, each -> new HashMap<>())
                    .merge(outcome, count, Long::sum);
              }
            }));
    return outcomes;
  }

  private static Map<String, Object> summary(Linked linked, Policy<?> policy) {
    String resource = Policies.resource(policy);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("resource", resource);
    fields.put("kind", resource.substring(0, resource.indexOf(' ')));
    fields.put("namespace", policy.name().namespace());
    fields.put("name", policy.name().name());
    fields.put("place", linked.described(resource));
    fields.put("shadow", Policies.isShadow(policy));
    fields.put("sections", policy.spec().sections().stream().sorted().toList());
    fields.put(
        "targets",
        linked.model().policies().stream()
            .filter(each -> Policies.resource(each.policy()).equals(resource))
            .map(each -> each.target().words())
            .distinct()
            .toList());
    return fields;
  }

  private Map<String, Object> policy(Query query) throws Query.Wrong, Page.NotThere, IOException {
    String resource = query.required("resource");
    int minutes = minutes(query);
    Linked linked = linked();
    List<Policy.Attachment<?>> attachments = new ArrayList<>();
    for (Policy.Attachment<?> each : linked.model().policies()) {
      if (Policies.resource(each.policy()).equals(resource)) {
        attachments.add(each);
      }
    }
    if (attachments.isEmpty()) {
      throw new Page.NotThere("no " + resource + " is in force");
    }
    Policy<?> policy = attachments.getFirst().policy();
    Map<String, Object> fields = summary(linked, policy);
    fields.put("value", Written.of(policy.spec()));
    Set<String> services = new TreeSet<>();
    Predicate<Edge> calls = edge -> false;
    for (Policy.Attachment<?> each : attachments) {
      Policies.services(linked.model(), each).forEach(name -> services.add(name.toString()));
      calls = calls.or(Policies.calls(linked.model(), each));
    }
    fields.put("services", services);
    fields.put(
        "history",
        History.of(store, minutes, clock.millis(), calls).fields(new PolicyNames(linked)));
    String name = policy.name().toString();
    fields.put("events", events(minutes, event -> event.policy().equals(name)));
    fields.put(
        "findings",
        linked.findings().stream()
            .filter(finding -> finding.resource().equals(resource))
            .map(Finding::fields)
            .toList());
    return fields;
  }
}
