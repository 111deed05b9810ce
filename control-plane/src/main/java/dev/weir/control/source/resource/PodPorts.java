package dev.weir.control.source.resource;

import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a mesh reads of {@code Deployment}s and their like: the ports of their pods that have names.
 * All else of them is Kubernetes' own, and is not judged.
 */
final class PodPorts {
  private static final Set<String> KINDS =
      Set.of(
          "apps/v1 DaemonSet",
          "apps/v1 Deployment",
          "apps/v1 ReplicaSet",
          "apps/v1 StatefulSet",
          "v1 Pod");

  private PodPorts() {}

  /** The pods, if {@code document} makes some and a port of theirs has a name. */
  static boolean has(String apiVersionAndKind, Mapping document) {
    return KINDS.contains(apiVersionAndKind) && !ports(document).isEmpty();
  }

  static Resource read(Manifest manifest) {
    Mapping document = manifest.document();
    Map<String, String> labels = new LinkedHashMap<>();
    if (at(pod(document), "metadata", "labels") instanceof Mapping map) {
      for (YamlNode.Entry entry : map.entries()) {
        if (entry.value() instanceof Scalar scalar) {
          labels.put(entry.key(), scalar.text());
        }
      }
    }
    return new Resource.OfWorkload(manifest, labels, ports(document));
  }

  /** The template, or the pod itself. */
  private static YamlNode pod(Mapping document) {
    YamlNode template = at(document, "spec", "template");
    return template == null ? document : template;
  }

  private static Map<String, Integer> ports(Mapping document) {
    Map<String, Integer> ports = new LinkedHashMap<>();
    if (at(pod(document), "spec", "containers") instanceof Sequence containers) {
      for (YamlNode container : containers.items()) {
        if (at(container, "ports") instanceof Sequence list) {
          list.items().forEach(port -> port(port, ports));
        }
      }
    }
    return ports;
  }

  private static void port(YamlNode port, Map<String, Integer> ports) {
    if (at(port, "name") instanceof Scalar name
        && at(port, "containerPort") instanceof Scalar number
        && number.text().matches("[0-9]{1,5}")) {
      ports.putIfAbsent(name.text(), Integer.valueOf(number.text()));
    }
  }

  private static @Nullable YamlNode at(@Nullable YamlNode node, String... steps) {
    YamlNode found = node;
    for (String step : steps) {
      Optional<YamlNode> next =
          found instanceof Mapping mapping ? mapping.get(step) : Optional.empty();
      found = next.orElse(null);
    }
    return found;
  }
}
