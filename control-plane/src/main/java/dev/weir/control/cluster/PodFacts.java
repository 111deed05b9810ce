package dev.weir.control.cluster;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What may be told of a pod to others: how its containers are, and nothing of what its app is
 * given.
 */
public final class PodFacts {
  private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

  private PodFacts() {}

  /** In YAML, without variables, arguments, volumes and annotations that are not Weir's. */
  public static String of(Pod pod) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("namespace", pod.getMetadata().getNamespace());
    facts.put("name", pod.getMetadata().getName());
    facts.put("created", pod.getMetadata().getCreationTimestamp());
    facts.put("labels", Objects.requireNonNullElse(pod.getMetadata().getLabels(), Map.of()));
    Map<String, String> annotations = new LinkedHashMap<>();
    Objects.requireNonNullElse(pod.getMetadata().getAnnotations(), Map.<String, String>of())
        .forEach((name, value) -> {
          if (name.contains("weir.dev/")) {
            annotations.put(name, value);
          }
        });
    facts.put("annotations", annotations);
    facts.put("serviceAccount", pod.getSpec().getServiceAccountName());
    facts.put("node", pod.getSpec().getNodeName());
    facts.put("hostNetwork", pod.getSpec().getHostNetwork());
    facts.put("initContainers", containers(pod.getSpec().getInitContainers()));
    facts.put("containers", containers(pod.getSpec().getContainers()));
    if (pod.getStatus() != null) {
      facts.put("phase", pod.getStatus().getPhase());
      facts.put("addresses", pod.getStatus().getPodIPs());
      facts.put("conditions", pod.getStatus().getConditions());
      facts.put("initContainerStatuses", states(pod.getStatus().getInitContainerStatuses()));
      facts.put("containerStatuses", states(pod.getStatus().getContainerStatuses()));
    }
    return SERIALIZATION.asYaml(facts);
  }

  private static List<Object> containers(@Nullable List<Container> containers) {
    List<Object> facts = new ArrayList<>();
    for (Container container : Objects.requireNonNullElse(containers, List.<Container>of())) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", container.getName());
      one.put("image", container.getImage());
      one.put("ports", container.getPorts());
      one.put("resources", container.getResources());
      facts.add(one);
    }
    return facts;
  }

  private static List<Object> states(@Nullable List<ContainerStatus> statuses) {
    List<Object> facts = new ArrayList<>();
    for (ContainerStatus status :
        Objects.requireNonNullElse(statuses, List.<ContainerStatus>of())) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", status.getName());
      one.put("ready", status.getReady());
      one.put("started", status.getStarted());
      one.put("restarts", status.getRestartCount());
      one.put("state", status.getState());
      one.put("lastState", status.getLastState());
      facts.add(one);
    }
    return facts;
  }
}
