package dev.weir.control.cli;

import dev.weir.control.cluster.Cluster;
import dev.weir.control.cluster.ForwardedPages;
import dev.weir.control.cluster.Membership;
import dev.weir.control.cluster.MeshStatus;
import dev.weir.control.cluster.PodFacts;
import dev.weir.control.cluster.PodPages;
import dev.weir.control.cluster.WeirPod;
import dev.weir.control.model.ObjectName;
import dev.weir.control.precheck.Prechecks;
import dev.weir.control.report.Archive;
import dev.weir.control.report.SidecarAdmin;
import dev.weir.control.report.SidecarFacts;
import dev.weir.control.source.kubernetes.ConfigKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What goes into a report. What cannot be had is named in it, and costs nothing else. */
final class BugFacts {
  private static final int LOG_LINES = 10_000;
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
  private static final List<String> CONTROL_PLANE_PAGES =
      List.of("ready", "proxies", "services", "findings", "ca");
  private final Cluster cluster;
  private final ForwardedPages pages;
  private final SidecarFacts sidecar;
  private final Archive archive;
  private final Clock clock;

  BugFacts(
      Cluster cluster, ForwardedPages pages, Archive archive, SidecarFacts sidecar, Clock clock) {
    this.cluster = cluster;
    this.pages = pages;
    this.sidecar = sidecar;
    this.archive = archive;
    this.clock = clock;
  }

  /** One file. */
  private interface Text {
    String get() throws IOException;
  }

  void collect(Optional<ObjectName> pod) throws IOException {
    Optional<SidecarFacts.Recording> recording = pod.flatMap(name -> sidecar.begin(admin(name)));
    List<WeirPod> controlPlanes = controlPlanes();
    file("cluster.txt", () -> cluster.client().getKubernetesVersion().getGitVersion() + "\n");
    file("versions.txt", () -> joined(Versions.lines(Versions.running(cluster))));
    file("status.txt", () -> joined(status(controlPlanes)));
    file(
        "precheck.txt",
        () ->
            Prechecks.of(cluster.client()).stream()
                .map(one -> one.level() + " " + one.subject() + ": " + one.text() + "\n")
                .collect(Collectors.joining()));
    file(
        "findings.txt",
        () ->
            ClusterLink.with(cluster.client(), List.of(), clock).findings().stream()
                .map(finding -> finding + "\n")
                .collect(Collectors.joining()));
    for (ConfigKind kind : ConfigKind.ALL) {
      file("resources/" + kind.plural() + ".yaml", () -> resources(kind));
    }
    for (WeirPod one : controlPlanes) {
      of(
          one.name(),
          "control-plane",
          PodPages.CONTROL_PLANE,
          CONTROL_PLANE_PAGES,
          List.of("control-plane"));
    }
    if (pod.isPresent()) {
      of(pod.get(), "sidecar", PodPages.SIDECAR, List.of(), ownContainers(pod.get()));
      sidecar.collect(place("sidecar", pod.get()), admin(pod.get()), recording);
      for (ObjectName agent : agentsBeside(pod.get())) {
        of(agent, "cni", PodPages.SIDECAR, List.of(), List.of("cni"));
      }
    }
  }

  /** A server that answers nonsense is what a report may be about; who is silent tells nothing. */
  private List<WeirPod> controlPlanes() {
    try {
      return WeirPod.controlPlanes(cluster.client());
    } catch (KubernetesClientException e) {
      if (e.getCode() <= 0 && cluster.impostor().isEmpty()) {
        throw e;
      }
      archive.miss("control-plane", cluster.impostor().orElseGet(() -> Cluster.said(e)));
    } catch (RuntimeException e) {
      archive.miss("control-plane", cluster.impostor().orElse(e.toString()));
    }
    return List.of();
  }

  /** With the CNI plugin there is no init container. */
  private List<String> ownContainers(ObjectName name) throws IOException {
    Pod pod = found(name);
    return Stream.of("weir-init", "weir-sidecar")
        .filter(container ->
            Stream.of(pod.getSpec().getInitContainers(), pod.getSpec().getContainers())
                .flatMap(List::stream)
                .anyMatch(each -> each.getName().equals(container)))
        .toList();
  }

  /** Those of the CNI plugin on the pod's node: one, or none. */
  private List<ObjectName> agentsBeside(ObjectName name) throws IOException {
    try {
      String node = Objects.requireNonNullElse(found(name).getSpec().getNodeName(), "");
      return cluster
          .client()
          .pods()
          .inNamespace(Cluster.SYSTEM)
          .withLabel("app.kubernetes.io/name", "weir-cni")
          .list()
          .getItems()
          .stream()
          .filter(agent -> node.equals(agent.getSpec().getNodeName()))
          .map(agent -> new ObjectName(Cluster.SYSTEM, agent.getMetadata().getName()))
          .toList();
    } catch (KubernetesClientException e) {
      archive.miss("cni", Cluster.said(e));
      return List.of();
    }
  }

  private List<String> status(List<WeirPod> controlPlanes) {
    List<Pod> pods = WeirPod.all(cluster.client(), Optional.empty());
    return StatusReport.lines(
        MeshStatus.of(controlPlanes, WeirPod.sidecars(pods), pages, Optional.empty()),
        Membership.of(cluster.client(), pods, Optional.empty(), controlPlanes),
        Optional.empty());
  }

  private static String joined(List<String> lines) {
    return String.join("\n", lines) + "\n";
  }

  private void of(
      ObjectName pod, String folder, int port, List<String> names, List<String> containers)
      throws IOException {
    String place = place(folder, pod);
    file(place + "pod.yaml", () -> PodFacts.of(found(pod)));
    for (String name : names) {
      file(place + name + ".txt", () -> pages.page(pod, port, "/" + name));
    }
    for (String container : containers) {
      file(place + container + ".log", () -> log(pod, container, false));
      if (hasRestarted(pod, container)) {
        file(place + container + ".previous.log", () -> log(pod, container, true));
      }
    }
  }

  private static String place(String folder, ObjectName pod) {
    return folder + "/" + pod.name().toLowerCase(Locale.ROOT) + "/";
  }

  private SidecarAdmin admin(ObjectName pod) {
    return (method, path, longest) -> pages.ask(pod, PodPages.SIDECAR, method, path, longest);
  }

  private Pod found(ObjectName name) throws IOException {
    Pod pod = cluster.client().pods().inNamespace(name.namespace()).withName(name.name()).get();
    if (pod == null) {
      throw new IOException("it is gone");
    }
    return pod;
  }

  private boolean hasRestarted(ObjectName name, String container) {
    try {
      Pod pod = found(name);
      if (pod.getStatus() == null) {
        return false;
      }
      // A native sidecar is among the init containers.
      return Stream.of(
              pod.getStatus().getContainerStatuses(), pod.getStatus().getInitContainerStatuses())
          .filter(Objects::nonNull)
          .flatMap(List::stream)
          .anyMatch(status ->
              status.getName().equals(container)
                  && status.getRestartCount() != null
                  && status.getRestartCount() > 0);
    } catch (IOException | KubernetesClientException e) {
      return false; // which the file pod.yaml tells
    }
  }

  private String log(ObjectName pod, String container, boolean previous) {
    var of =
        cluster
            .client()
            .pods()
            .inNamespace(pod.namespace())
            .withName(pod.name())
            .inContainer(container);
    return previous
        ? of.terminated().tailingLines(LOG_LINES).getLog()
        : of.tailingLines(LOG_LINES).getLog();
  }

  private String resources(ConfigKind kind) {
    List<GenericKubernetesResource> objects =
        new ArrayList<>(
            cluster
                .client()
                .genericKubernetesResources(kind.context())
                .inAnyNamespace()
                .list()
                .getItems());
    return objects.stream()
        .map(object -> {
          object.getMetadata().setManagedFields(List.of());
          if (object.getMetadata().getAnnotations() != null) {
            object.getMetadata().getAnnotations().remove(LAST_APPLIED);
          }
          return cluster.client().getKubernetesSerialization().asYaml(object);
        })
        .collect(Collectors.joining());
  }

  private void file(String name, Text text) throws IOException {
    String said;
    try {
      said = text.get();
    } catch (IOException e) {
      archive.miss(name, String.valueOf(e.getMessage()));
      return;
    } catch (KubernetesClientException e) {
      archive.miss(name, Cluster.said(e));
      return;
    } catch (RuntimeException e) {
      archive.miss(name, cluster.impostor().orElse(e.toString()));
      return;
    }
    archive.add(name, said);
  }
}
