package dev.weir.control.cluster;

import dev.weir.control.model.ObjectName;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A pod in which a program of Weir's runs.
 *
 * @param version of that program, by its image's tag
 * @param revision of several installations which it says it is of; empty: none
 * @param ready whether the program says so
 */
public record WeirPod(ObjectName name, String version, Optional<String> revision, boolean ready) {
  /** The label by which installations, namespaces and pods name a revision. */
  public static final String REVISION = "weir.dev/rev";

  private static final String CONTROL_PLANE = "control-plane";
  static final String SIDECAR = "weir-sidecar";
  private static final int DIGEST_LETTERS = 19;

  /** All control planes, by name. */
  public static List<WeirPod> controlPlanes(KubernetesClient client) {
    return running(
        client
            .pods()
            .inNamespace(Cluster.SYSTEM)
            .withLabel("app.kubernetes.io/name", "weir-control-plane")
            .list()
            .getItems(),
        CONTROL_PLANE);
  }

  /**
   * Those with a sidecar, by name.
   *
   * @param namespace empty: of all namespaces
   */
  public static List<WeirPod> sidecars(KubernetesClient client, Optional<String> namespace) {
    return sidecars(all(client, namespace));
  }

  /** Those of the pods that have a sidecar, by name. */
  public static List<WeirPod> sidecars(List<Pod> pods) {
    return running(pods, SIDECAR);
  }

  /**
   * Every pod that has not ended.
   *
   * @param namespace empty: of all namespaces
   */
  public static List<Pod> all(KubernetesClient client, Optional<String> namespace) {
    return (namespace.isPresent()
            ? client.pods().inNamespace(namespace.get()).list().getItems()
            : client.pods().inAnyNamespace().list().getItems())
        .stream().filter(pod -> !hasEnded(pod)).toList();
  }

  private static List<WeirPod> running(List<Pod> pods, String container) {
    return pods.stream()
        .filter(pod -> !hasEnded(pod))
        .flatMap(pod -> of(pod, container).stream())
        .sorted(Comparator.comparing(WeirPod::name))
        .toList();
  }

  private static boolean hasEnded(Pod pod) {
    return pod.getStatus() != null
        && List.of("Succeeded", "Failed")
            .contains(Objects.requireNonNullElse(pod.getStatus().getPhase(), ""));
  }

  /** If the pod has the sidecar. */
  public static Optional<WeirPod> withSidecar(Pod pod) {
    return of(pod, SIDECAR);
  }

  private static Optional<WeirPod> of(Pod pod, String name) {
    return containers(pod)
        .filter(container -> container.getName().equals(name))
        .findFirst()
        .map(container ->
            new WeirPod(
                name(pod),
                version(container.getImage()),
                Optional.ofNullable(pod.getMetadata().getLabels())
                    .map(labels -> labels.get(REVISION)),
                statuses(pod)
                    .anyMatch(status ->
                        status.getName().equals(name) && Boolean.TRUE.equals(status.getReady()))));
  }

  static ObjectName name(Pod pod) {
    return new ObjectName(pod.getMetadata().getNamespace(), pod.getMetadata().getName());
  }

  static Stream<Container> containers(Pod pod) {
    return Stream.of(pod.getSpec().getContainers(), pod.getSpec().getInitContainers())
        .filter(Objects::nonNull)
        .flatMap(List::stream);
  }

  private static Stream<ContainerStatus> statuses(Pod pod) {
    return pod.getStatus() == null
        ? Stream.empty()
        : Stream.of(
                pod.getStatus().getContainerStatuses(), pod.getStatus().getInitContainerStatuses())
            .filter(Objects::nonNull)
            .flatMap(List::stream);
  }

  /** {@code 0.1.0} of {@code registry:5000/weir:0.1.0}; of an image without a tag its digest. */
  static String version(String image) {
    String name = image.substring(image.lastIndexOf('/') + 1);
    int digest = name.indexOf('@');
    String tagged = digest < 0 ? name : name.substring(0, digest);
    int colon = tagged.indexOf(':');
    if (colon >= 0) {
      return tagged.substring(colon + 1);
    }
    return digest < 0
        ? "latest"
        : name.substring(digest + 1, Math.min(name.length(), digest + 1 + DIGEST_LETTERS));
  }
}
