package dev.weir.control.source.kubernetes;

import dev.weir.control.model.ObjectName;
import dev.weir.control.source.Unit;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Resource;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
import dev.weir.protos.yaml.YamlNode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The ports of pods that have names, which Services lead to by them. Pods that are alike are one,
 * and what was seen once is remembered, bounded: that a service has no pod now is no reason to
 * forget what its port is. Any thread.
 */
final class NamedPorts {
  private static final int MOST = 4096;

  /** What tells pods from others of the same Deployment, StatefulSet, DaemonSet or Job. */
  private static final Set<String> OF_ONE =
      Set.of(
          "pod-template-hash",
          "controller-revision-hash",
          "pod-template-generation",
          "statefulset.kubernetes.io/pod-name",
          "apps.kubernetes.io/pod-index",
          "controller-uid",
          "job-name",
          "batch.kubernetes.io/controller-uid",
          "batch.kubernetes.io/job-name",
          "batch.kubernetes.io/job-completion-index");

  private record Alike(String namespace, Map<String, String> labels) {}

  private record Known(Map<String, Integer> ports, ObjectVersion version) {}

  private final LinkedHashMap<Alike, Known> seen =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Alike, Known> eldest) {
          return size() > MOST;
        }
      };

  private long made;

  /**
   * Of pods that are alike the last one counts: in an update that moves a port it is a new one.
   *
   * @return whether none like it was seen, or one with other ports
   */
  synchronized boolean add(ObjectName pod, Map<String, String> labels, Map<String, Integer> ports) {
    if (ports.isEmpty()) {
      return false;
    }
    Map<String, String> stable = new TreeMap<>(labels);
    stable.keySet().removeAll(OF_ONE);
    Alike alike = new Alike(pod.namespace(), Map.copyOf(stable));
    Known known = seen.get(alike);
    if (known != null && known.ports().equals(ports)) {
      return false;
    }
    made++;
    seen.put(alike, new Known(Map.copyOf(ports), version(pod, stable, ports)));
    return true;
  }

  private ObjectVersion version(
      ObjectName pod, Map<String, String> labels, Map<String, Integer> ports) {
    String name = "Pods like " + pod;
    Manifest manifest =
        new Manifest(
            "Pods like",
            pod,
            labels,
            Map.of(),
            Optional.empty(),
            new YamlNode.Mapping(Location.of(name), List.of()),
            FieldPath.ROOT);
    return new ObjectVersion(
        name,
        String.valueOf(made),
        Instant.EPOCH,
        List.of(new Resource.OfWorkload(manifest, labels, ports)),
        List.of());
  }

  synchronized SortedMap<String, Unit> units() {
    SortedMap<String, Unit> units = new TreeMap<>();
    seen.values().forEach(known -> units.put(known.version().name(), known.version()));
    return units;
  }
}
