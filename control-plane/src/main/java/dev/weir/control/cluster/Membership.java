package dev.weir.control.cluster;

import dev.weir.control.injector.Injector;
import dev.weir.control.model.ObjectName;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which pods are not as they would be if they were made now: in namespaces of the mesh those
 * without a sidecar, and those whose sidecar is another than the one that is injected.
 *
 * @param bare without a sidecar, by name
 * @param old with another one, by name
 * @param unknown what could not be asked, and so is not in these
 */
public record Membership(List<Bare> bare, List<Old> old, List<String> unknown) {
  /** What the injector has written on a pod. */
  private static final String INJECTED = "weir.dev/injected";

  private static final String CONTROL_PLANE = "--control-plane=";

  private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

  /** Whose pods no webhook is asked about. */
  private static final Set<String> NEVER = Set.of(Cluster.SYSTEM, "kube-system");

  public Membership {
    bare = List.copyOf(bare);
    old = List.copyOf(old);
    unknown = List.copyOf(unknown);
  }

  /**
   * A pod without a sidecar.
   *
   * @param reason why it gets none; empty: made anew, it gets one
   */
  public record Bare(ObjectName pod, Optional<String> reason) {}

  /**
   * A pod with a sidecar of another image.
   *
   * @param image of when it was injected
   * @param now what the same installation injects now
   */
  public record Old(ObjectName pod, String image, String now) {}

  /** Whether each pod that is to have a sidecar has one. */
  public boolean well() {
    return bare.stream().allMatch(one -> one.reason().isPresent());
  }

  /**
   * Asks for what is beside the pods: how namespaces are labelled, and what is injected.
   *
   * @param pods that have not ended
   * @param namespace they are of; empty: of all
   * @param controlPlanes of all installations
   */
  public static Membership of(
      KubernetesClient client,
      List<Pod> pods,
      Optional<String> namespace,
      List<WeirPod> controlPlanes) {
    List<String> unknown = new ArrayList<>();
    Map<String, String> labels = new HashMap<>();
    try {
      namespaces(client, namespace).forEach(one -> label(one, labels));
    } catch (KubernetesClientException e) {
      unknown.add("which namespaces are to have sidecars is not known: " + Cluster.said(e));
    }
    Map<String, String> images = new HashMap<>();
    try {
      Set<Optional<String>> revisions =
          controlPlanes.stream().map(WeirPod::revision).collect(Collectors.toSet());
      for (Optional<String> revision : revisions) {
        InstalledInjection.of(client, revision)
            .ifPresent(one -> images.put(one.controlPlane(), one.image()));
      }
    } catch (KubernetesClientException e) {
      unknown.add("which sidecars are old is not known: " + Cluster.said(e));
    } catch (IllegalArgumentException e) { // of a version that knows more than this program
      unknown.add("which sidecars are old is not known: " + e.getMessage());
    }
    return of(pods, labels, images, unknown);
  }

  private static List<Namespace> namespaces(KubernetesClient client, Optional<String> namespace) {
    return namespace.isEmpty()
        ? client.namespaces().list().getItems()
        : Optional.ofNullable(client.namespaces().withName(namespace.get()).get()).stream()
            .toList();
  }

  private static void label(Namespace namespace, Map<String, String> labels) {
    String label =
        Objects.requireNonNullElse(namespace.getMetadata().getLabels(), Map.<String, String>of())
            .get(Injector.LABEL);
    if (label != null) {
      labels.put(namespace.getMetadata().getName(), label);
    }
  }

  /**
   * What follows from what is known.
   *
   * @param labels for injection, by namespace
   * @param images that are injected, by the address of the control plane that the sidecars are told
   */
  static Membership of(
      List<Pod> pods,
      Map<String, String> labels,
      Map<String, String> images,
      List<String> unknown) {
    Set<String> joined = new HashSet<>();
    List<Old> old = new ArrayList<>();
    for (Pod pod : pods) {
      sidecar(pod)
          .ifPresent(sidecar -> {
            joined.add(pod.getMetadata().getNamespace());
            String image = injected(pod, sidecar);
            String now = images.getOrDefault(controlPlane(sidecar), image);
            if (!now.equals(image)) {
              old.add(new Old(WeirPod.name(pod), image, now));
            }
          });
    }
    List<Bare> bare = new ArrayList<>();
    for (Pod pod : pods) {
      String namespace = pod.getMetadata().getNamespace();
      if (sidecar(pod).isEmpty()
          && pod.getMetadata().getDeletionTimestamp() == null
          && !NEVER.contains(namespace)) {
        Optional<String> left =
            Injector.leaves(tree(pod), Optional.ofNullable(labels.get(namespace)));
        if (left.isEmpty()
            || joined.contains(namespace)
            || "enabled".equals(labels.get(namespace))) {
          bare.add(new Bare(WeirPod.name(pod), left));
        }
      }
    }
    bare.sort(Comparator.comparing(Bare::pod));
    old.sort(Comparator.comparing(Old::pod));
    return new Membership(bare, old, unknown);
  }

  private static Optional<Container> sidecar(Pod pod) {
    return WeirPod.containers(pod)
        .filter(container -> container.getName().equals(WeirPod.SIDECAR))
        .findFirst();
  }

  /** What others make of an image, a mirror's name before it, is none of ours. */
  private static String injected(Pod pod, Container sidecar) {
    return Objects.requireNonNullElse(pod.getMetadata().getAnnotations(), Map.<String, String>of())
        .getOrDefault(INJECTED, Objects.requireNonNullElse(sidecar.getImage(), ""));
  }

  private static String controlPlane(Container sidecar) {
    return Objects.requireNonNullElse(sidecar.getArgs(), List.<String>of()).stream()
        .filter(word -> word.startsWith(CONTROL_PLANE))
        .map(word -> word.substring(CONTROL_PLANE.length()))
        .findFirst()
        .orElse("");
  }

  @SuppressWarnings("unchecked") // an object is a map
  private static Map<String, Object> tree(Pod pod) {
    return SERIALIZATION.convertValue(pod, Map.class);
  }
}
