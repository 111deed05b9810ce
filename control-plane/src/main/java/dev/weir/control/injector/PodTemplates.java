package dev.weir.control.injector;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Where Kubernetes' own kinds have the pod, or the template of the pods, that they are about. */
final class PodTemplates {
  private static final List<String> TEMPLATE = List.of("spec", "template");

  private static final Set<String> CORE = Set.of("v1");
  private static final Set<String> APPS = Set.of("apps", "extensions");
  private static final Set<String> BATCH = Set.of("batch");

  /**
   * Of one kind.
   *
   * @param groups of others with the same name nothing is known
   * @param way from the resource to the pod
   */
  private record Place(Set<String> groups, List<String> way) {}

  private static final Map<String, Place> KINDS =
      Map.of(
          "Pod", new Place(CORE, List.of()),
          "ReplicationController", new Place(CORE, TEMPLATE),
          "Deployment", new Place(APPS, TEMPLATE),
          "ReplicaSet", new Place(APPS, TEMPLATE),
          "StatefulSet", new Place(APPS, TEMPLATE),
          "DaemonSet", new Place(APPS, TEMPLATE),
          "Job", new Place(BATCH, TEMPLATE),
          "CronJob", new Place(BATCH, List.of("spec", "jobTemplate", "spec", "template")));

  private PodTemplates() {}

  /** The fields that lead there; empty for a kind that makes no pods, or is not known to. */
  static Optional<List<String>> way(String apiVersion, String kind) {
    String group = apiVersion.replaceFirst("/.*", "");
    return Optional.ofNullable(KINDS.get(kind))
        .filter(place -> place.groups().contains(group))
        .map(Place::way);
  }

  /** Whether it has a template of pods where no kind that is known has it. */
  static boolean looksLikeOne(Map<String, Object> resource) {
    Map<String, Object> template = Tree.mapOrEmpty(Tree.mapOrEmpty(resource, "spec"), "template");
    return !Tree.listOrEmpty(Tree.mapOrEmpty(template, "spec"), "containers").isEmpty();
  }
}
