package dev.weir.control;

import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.TargetRef;
import dev.weir.control.traffic.MeshEvent;
import dev.weir.control.traffic.MeshEvent.Kind;
import dev.weir.control.traffic.MeshEvents;
import java.time.Clock;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Makes events of what people change: policies, routes, what holds for all. Of one look there are
 * so many at most, and one more that says how many there were. Control thread.
 */
final class Edits {
  private static final int MOST = 50;

  private final MeshEvents events;
  private final Clock clock;

  Edits(MeshEvents events, Clock clock) {
    this.events = events;
    this.clock = clock;
  }

  /**
   * What somebody wrote.
   *
   * @param kind for people
   * @param name of a policy; else empty
   * @param service whose calls it is about; empty: of more than one, or of routes
   */
  private record Thing(String kind, String name, String service) {
    String words() {
      return kind + (name.isEmpty() ? "" : " " + name);
    }
  }

  /** The mesh is another one. */
  void look(MeshModel before, MeshModel now) {
    Map<Thing, Object> old = things(before);
    Map<Thing, Object> all = things(now);
    long millis = clock.millis();
    int count = 0;
    for (Map.Entry<Thing, Object> each : all.entrySet()) {
      Object was = old.remove(each.getKey());
      if (!each.getValue().equals(was)) {
        count = add(each.getKey(), was == null ? "is new" : "is another one", count, millis);
      }
    }
    for (Thing gone : old.keySet()) {
      count = add(gone, "is gone", count, millis);
    }
    if (count > MOST) {
      events.add(
          new MeshEvent(
              millis, Kind.EDITED, "", "", "", "and " + (count - MOST) + " more are other ones"));
    }
  }

  private int add(Thing thing, String what, int count, long millis) {
    if (count < MOST) {
      events.add(
          new MeshEvent(
              millis,
              Kind.EDITED,
              thing.name,
              thing.service,
              "",
              thing.words()
                  + (thing.service.isEmpty() ? "" : " for " + thing.service)
                  + " "
                  + what));
    }
    return count + 1;
  }

  private static Map<Thing, Object> things(MeshModel model) {
    Map<Thing, Object> things = new LinkedHashMap<>();
    Map<Thing, Map<String, Object>> policies = new LinkedHashMap<>();
    for (Policy.Attachment<?> each : model.policies()) {
      Policy.Target target = each.target();
      boolean ofService = target.kind() == TargetRef.Kind.SERVICE;
      policies
          .computeIfAbsent(
              new Thing(
                  kind(each.policy().spec()),
                  each.policy().name().toString(),
                  ofService ? target.name().toString() : ""),
              key -> new TreeMap<>())
          .put(target.toString(), each.policy());
    }
    things.putAll(policies);
    model
        .routes()
        .forEach(route ->
            things.put(
                new Thing(route.kind() + " " + route.name(), "", services(route.parents())),
                route));
    model
        .streams()
        .forEach(route ->
            things.put(
                new Thing("route of connections " + route.name(), "", services(route.parents())),
                route));
    model
        .services()
        .forEach((name, service) ->
            things.put(new Thing("Service " + name, "", name.toString()), service));
    model.written().ifPresent(config -> things.put(new Thing("MeshConfig", "", ""), config));
    return things;
  }

  /** {@code ResiliencePolicy} of a {@code ResilienceSpec}. */
  private static String kind(Policy.Spec spec) {
    return spec.getClass().getSimpleName().replaceFirst("Spec$", "Policy");
  }

  /** If it is one. */
  private static String services(Collection<ServicePort> parents) {
    TreeSet<ObjectName> services =
        parents.stream().map(ServicePort::service).collect(Collectors.toCollection(TreeSet::new));
    return services.size() == 1 ? services.first().toString() : "";
  }
}
