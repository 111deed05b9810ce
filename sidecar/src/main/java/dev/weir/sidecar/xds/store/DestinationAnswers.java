package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.xds.Resource;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the control plane has said of the destinations that it is asked for. Control thread. */
final class DestinationAnswers {
  private final Demands demands;
  private final InstantSource clock;
  private final Map<String, ResourceFact.Held> present = new TreeMap<>();

  /** Said not to exist. */
  private final Set<String> absent = new HashSet<>();

  DestinationAnswers(Demands demands, InstantSource clock) {
    this.demands = demands;
    this.clock = clock;
  }

  /** Whoever asks is told; what nobody asks for any more is forgotten. */
  void take(List<Resource> found, Set<String> gone) {
    Instant now = clock.instant();
    for (Resource resource : found) {
      present.merge(
          resource.name(),
          new ResourceFact.Held(resource, now),
          (before, made) ->
              before.resource().body().equals(resource.body())
                  ? new ResourceFact.Held(resource, before.since())
                  : made);
      absent.remove(resource.name());
    }
    present.keySet().removeAll(gone);
    absent.addAll(gone);
    demands.answered(found.stream().map(Resource::name).toList(), gone);
    present.keySet().retainAll(demands.wanted());
    absent.retainAll(demands.wanted());
  }

  boolean has(String name) {
    return present.containsKey(name);
  }

  Stream<Resource> inForce() {
    return present.values().stream().map(ResourceFact.Held::resource);
  }

  /** Of each that is asked for. */
  List<ResourceFact> facts() {
    return demands.wanted().stream().map(this::fact).toList();
  }

  private ResourceFact fact(String name) {
    Optional<ResourceFact.Held> held = Optional.ofNullable(present.get(name));
    ResourceFact.Asked asked =
        held.isPresent()
            ? ResourceFact.Asked.ANSWERED
            : absent.contains(name) ? ResourceFact.Asked.ABSENT : ResourceFact.Asked.WAITING;
    return new ResourceFact(name, held, Optional.empty(), Optional.empty(), asked);
  }
}
