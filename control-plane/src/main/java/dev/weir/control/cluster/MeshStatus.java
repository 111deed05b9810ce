package dev.weir.control.cluster;

import dev.weir.control.model.ObjectName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What runs in a cluster, and how far each sidecar is with what it is to have. */
public record MeshStatus(List<ControlPlane> controlPlanes, List<Sidecar> sidecars) {
  public MeshStatus {
    controlPlanes = List.copyOf(controlPlanes);
    sidecars = List.copyOf(sidecars);
  }

  /**
   * A control plane.
   *
   * @param silence why its page cannot be had; empty: it was
   */
  public record ControlPlane(WeirPod pod, Optional<String> silence, int proxies) {}

  /**
   * A sidecar.
   *
   * @param name of its pod; of one that is in no pod its node id
   * @param pod empty: it is in no pod that is known here
   * @param connection empty: it is connected to no control plane that answered
   */
  public record Sidecar(String name, Optional<WeirPod> pod, Optional<Connection> connection) {
    /** Whether it runs, and has in force all that it is to have. */
    public boolean well() {
      return pod.map(WeirPod::ready).orElse(true)
          && connection.map(Connection::inSync).orElse(false);
    }
  }

  /** Whether nothing is wrong: who is asked answers, and who is told has it. */
  public boolean well() {
    return controlPlanes.stream().anyMatch(one -> one.silence().isEmpty())
        && controlPlanes.stream().allMatch(one -> one.silence().isEmpty() && one.pod().ready())
        && sidecars.stream().allMatch(Sidecar::well);
  }

  /**
   * Asks all control planes: a proxy is connected to one of them.
   *
   * @param sidecars the pods that have one
   * @param namespace of proxies that are in no pod; empty: all are shown
   */
  public static MeshStatus of(
      List<WeirPod> controlPlanes,
      List<WeirPod> sidecars,
      PodPages pages,
      Optional<String> namespace) {
    List<ControlPlane> asked = new ArrayList<>();
    Map<String, Connection> byNode = new HashMap<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<Connection>>> answers = new ArrayList<>();
      for (WeirPod one : controlPlanes) {
        answers.add(
            threads.submit(() ->
                Connection.of(
                    one.name().name(),
                    pages.page(one.name(), PodPages.CONTROL_PLANE, "/proxies"))));
      }
      for (int i = 0; i < answers.size(); i++) {
        WeirPod one = controlPlanes.get(i);
        try {
          List<Connection> proxies = answers.get(i).get();
          asked.add(new ControlPlane(one, Optional.empty(), proxies.size()));
          proxies.forEach(proxy -> byNode.merge(proxy.node(), proxy, MeshStatus::later));
        } catch (ExecutionException e) {
          asked.add(new ControlPlane(one, Optional.of(reason(e)), 0));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          asked.add(new ControlPlane(one, Optional.of("interrupted"), 0));
        }
      }
    }
    return new MeshStatus(asked, joined(sidecars, byNode, namespace));
  }

  /** Of a proxy that has just gone to another the one that it has answered. */
  private static Connection later(Connection one, Connection other) {
    return other.inSync() ? other : one;
  }

  private static String reason(ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return cause instanceof IOException && cause.getMessage() != null
        ? cause.getMessage()
        : String.valueOf(cause);
  }

  private static List<Sidecar> joined(
      List<WeirPod> pods, Map<String, Connection> byNode, Optional<String> namespace) {
    List<Sidecar> sidecars = new ArrayList<>();
    Set<String> known = new HashSet<>();
    for (WeirPod pod : pods) {
      String node = node(pod.name());
      known.add(node);
      sidecars.add(
          new Sidecar(
              pod.name().toString(), Optional.of(pod), Optional.ofNullable(byNode.get(node))));
    }
    byNode.forEach((node, connection) -> {
      if (!known.contains(node)
          && namespace.map(one -> connection.service().startsWith(one + "/")).orElse(true)) {
        sidecars.add(new Sidecar(node, Optional.empty(), Optional.of(connection)));
      }
    });
    sidecars.sort(Comparator.comparing(Sidecar::name));
    return sidecars;
  }

  /** The id that a pod's sidecar has as a node. */
  private static String node(ObjectName pod) {
    return pod.name() + "." + pod.namespace();
  }
}
