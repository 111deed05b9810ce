package dev.weir.control.cli.migrate.resource;

import dev.weir.control.model.ObjectName;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/** The pods that Deployments and their like among the files make: labels, and names of ports. */
final class Workloads {
  private static final Set<String> KINDS =
      Set.of("CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet");

  private record Pods(
      Mapping document, String namespace, Map<String, String> labels, Map<String, Integer> ports) {}

  private final List<Pods> all = new ArrayList<>();

  /** Takes {@code document}, if it makes pods. */
  void add(String kind, ObjectName name, Mapping document) {
    if (!KINDS.contains(kind)) {
      return;
    }
    Optional<YamlNode> template =
        switch (kind) {
          case "Pod" -> Optional.of(document);
          case "CronJob" -> at(document, "spec", "jobTemplate", "spec", "template");
          default -> at(document, "spec", "template");
        };
    template.ifPresent(
        pod -> all.add(new Pods(document, name.namespace(), labels(pod), ports(pod))));
  }

  /** The labels of those pods of a namespace that a selector selects. */
  List<Map<String, String>> selected(String namespace, Map<String, String> selector) {
    return pods(namespace, selector).map(Pods::labels).toList();
  }

  /** The number that a port's name has in the pods that a selector selects, if it is one. */
  OptionalInt port(String namespace, Map<String, String> selector, String name) {
    List<Integer> numbers =
        pods(namespace, selector).map(pods -> pods.ports.getOrDefault(name, 0)).distinct().toList();
    return numbers.size() == 1 && numbers.getFirst() > 0
        ? OptionalInt.of(numbers.getFirst())
        : OptionalInt.empty();
  }

  /** What makes pods that a selector selects and that have a port of that name. */
  List<Mapping> naming(String namespace, Map<String, String> selector, String port) {
    return pods(namespace, selector)
        .filter(pods -> pods.ports.containsKey(port))
        .map(Pods::document)
        .toList();
  }

  private Stream<Pods> pods(String namespace, Map<String, String> selector) {
    return all.stream()
        .filter(pods -> pods.namespace.equals(namespace))
        .filter(pods -> pods.labels.entrySet().containsAll(selector.entrySet()));
  }

  private static Map<String, String> labels(YamlNode pod) {
    Map<String, String> labels = new LinkedHashMap<>();
    if (at(pod, "metadata", "labels").orElse(null) instanceof Mapping map) {
      for (Entry entry : map.entries()) {
        if (entry.value() instanceof Scalar scalar) {
          labels.put(entry.key(), scalar.text());
        }
      }
    }
    return labels;
  }

  private static Map<String, Integer> ports(YamlNode pod) {
    Map<String, Integer> ports = new HashMap<>();
    for (YamlNode container : items(pod, "spec", "containers")) {
      for (YamlNode port : items(container, "ports")) {
        if (at(port, "name").orElse(null) instanceof Scalar name
            && at(port, "containerPort").orElse(null) instanceof Scalar number
            && number.text().matches("[0-9]{1,5}")) {
          ports.putIfAbsent(name.text(), Integer.valueOf(number.text()));
        }
      }
    }
    return ports;
  }

  private static List<YamlNode> items(YamlNode node, String... steps) {
    return at(node, steps).orElse(null) instanceof Sequence list ? list.items() : List.of();
  }

  private static Optional<YamlNode> at(YamlNode node, String... steps) {
    Optional<YamlNode> found = Optional.of(node);
    for (String step : steps) {
      found =
          found.flatMap(
              each -> each instanceof Mapping mapping ? mapping.get(step) : Optional.empty());
    }
    return found;
  }
}
