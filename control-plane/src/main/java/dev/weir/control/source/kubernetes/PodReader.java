package dev.weir.control.source.kubernetes;

import dev.weir.control.model.Addresses;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.PodSlice;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a mesh reads of pods and EndpointSlices. */
final class PodReader {
  /** The name of the container that is injected. */
  static final String SIDECAR = "weir-sidecar";

  private static final String ZONE_LABEL = "topology.kubernetes.io/zone";
  private static final String SERVICE_LABEL = "kubernetes.io/service-name";
  private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

  private PodReader() {}

  static ObjectName name(HasMetadata object) {
    return new ObjectName(object.getMetadata().getNamespace(), object.getMetadata().getName());
  }

  /** Whether it will not run again; its address may be another's. */
  static boolean hasEnded(Pod pod) {
    return pod.getStatus() != null && ENDED.contains(pod.getStatus().getPhase());
  }

  static dev.weir.control.model.Pod pod(Pod pod) {
    boolean ofNode = Boolean.TRUE.equals(pod.getSpec().getHostNetwork());
    Optional<String> address =
        Optional.ofNullable(pod.getStatus())
            .map(status -> status.getPodIP())
            .filter(ip -> !ofNode && Addresses.isIpv4(ip));
    String account = pod.getSpec().getServiceAccountName();
    return new dev.weir.control.model.Pod(
        name(pod),
        address,
        account == null || account.isEmpty() ? "default" : account,
        labels(pod),
        containers(pod).anyMatch(container -> container.getName().equals(SIDECAR)),
        Objects.requireNonNullElse(pod.getSpec().getNodeName(), ""),
        isRunning(pod));
  }

  /** Empty: it is in none. */
  static String zone(Node node) {
    return Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.<String, String>of())
        .getOrDefault(ZONE_LABEL, "");
  }

  /**
   * The kubelet says so of its containers. A pod that it calls ready is called unready by the
   * cluster when its node is silent, as all are when the API server did not answer for a while.
   * What else a pod may wait for, by its readiness gates, is not seen there.
   */
  private static boolean isRunning(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() == null
        && (pod.getSpec().getReadinessGates() == null
            || pod.getSpec().getReadinessGates().isEmpty())
        && pod.getStatus() != null
        && Objects.requireNonNullElse(pod.getStatus().getConditions(), List.<PodCondition>of())
            .stream()
            .anyMatch(
                one -> "ContainersReady".equals(one.getType()) && "True".equals(one.getStatus()));
  }

  static Map<String, String> labels(Pod pod) {
    return Objects.requireNonNullElse(pod.getMetadata().getLabels(), Map.of());
  }

  private static Stream<Container> containers(Pod pod) {
    return Stream.of(pod.getSpec().getContainers(), pod.getSpec().getInitContainers())
        .filter(Objects::nonNull)
        .flatMap(List::stream);
  }

  /** The numbers of its ports that have names. */
  static Map<String, Integer> namedPorts(Pod pod) {
    Map<String, Integer> ports = new TreeMap<>();
    containers(pod)
        .filter(container -> !container.getName().equals(SIDECAR))
        .filter(container -> container.getPorts() != null)
        .flatMap(container -> container.getPorts().stream())
        .filter(port -> port.getName() != null)
        .forEach(port -> ports.putIfAbsent(port.getName(), port.getContainerPort()));
    return ports;
  }

  /** Empty for one of another family of addresses, or of no service. */
  static Optional<PodSlice> slice(EndpointSlice slice) {
    Map<String, String> labels = slice.getMetadata().getLabels();
    @Nullable String service = labels == null ? null : labels.get(SERVICE_LABEL);
    if (service == null || !"IPv4".equals(slice.getAddressType())) {
      return Optional.empty();
    }
    Map<String, List<Integer>> ports = new HashMap<>();
    for (EndpointPort port :
        Objects.requireNonNullElse(slice.getPorts(), List.<EndpointPort>of())) {
      if (port.getPort() != null
          && (port.getProtocol() == null || port.getProtocol().equals("TCP"))) {
        ports.put(Objects.requireNonNullElse(port.getName(), ""), List.of(port.getPort()));
      }
    }
    Set<String> ready = new TreeSet<>();
    Set<String> unready = new TreeSet<>();
    Map<String, String> zones = new HashMap<>();
    for (Endpoint endpoint :
        Objects.requireNonNullElse(slice.getEndpoints(), List.<Endpoint>of())) {
      if (!endpoint.getAddresses().isEmpty()) {
        String address = endpoint.getAddresses().getFirst(); // all of them lead to the same one
        if (endpoint.getZone() != null) {
          zones.put(address, endpoint.getZone());
        }
        if (isReady(endpoint)) {
          ready.add(address);
        } else if (!Boolean.TRUE.equals(endpoint.getConditions().getTerminating())) {
          unready.add(address);
        }
      }
    }
    return Optional.of(
        new PodSlice(
            name(slice),
            new ObjectName(slice.getMetadata().getNamespace(), service),
            ports,
            ready,
            unready,
            zones));
  }

  /** Unknown is ready, as Kubernetes has it. */
  private static boolean isReady(Endpoint endpoint) {
    return endpoint.getConditions() == null
        || !Boolean.FALSE.equals(endpoint.getConditions().getReady());
  }
}
