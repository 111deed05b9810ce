package dev.weir.control.cluster;

import dev.weir.cli.story.Sidecars;
import dev.weir.control.model.ObjectName;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The sidecars of a cluster's pods.
 *
 * @param namespace empty: of all namespaces
 * @param only pods of this name, or that a workload of this name has; empty: all
 */
public record PodSidecars(
    Cluster cluster, Optional<String> namespace, Optional<String> only, PodPages pages)
    implements Sidecars {
  @Override
  public List<String> names() throws IOException {
    List<String> names =
        WeirPod.sidecars(cluster.client(), namespace).stream()
            .filter(pod -> only.isEmpty() || isOf(pod.name(), only.get()))
            .map(pod -> pod.name().toString())
            .toList();
    if (names.isEmpty()) {
      throw new IOException(
          "no pod%s has a sidecar in %s of the cluster at %s"
              .formatted(
                  only.map(name -> " of " + name).orElse(""),
                  namespace.map(name -> "namespace " + name).orElse("any namespace"),
                  cluster.describe()));
    }
    return names;
  }

  private static boolean isOf(ObjectName pod, String word) {
    int slash = word.indexOf('/');
    String name = word.substring(slash + 1);
    return (slash < 0 || pod.namespace().equals(word.substring(0, slash)))
        && (pod.name().equals(name) || pod.name().startsWith(name + "-"));
  }

  @Override
  public String page(String name, String path) throws IOException {
    int slash = name.indexOf('/');
    return pages.page(
        new ObjectName(name.substring(0, slash), name.substring(slash + 1)),
        PodPages.SIDECAR,
        path);
  }
}
