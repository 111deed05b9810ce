package dev.weir.control.compile.xds;

import com.google.protobuf.Message;
import dev.weir.control.compile.Diagnostics;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Collects compiled resources, what they follow from, and what cannot be enforced of it. */
final class ResourceCollector {
  private final Map<ResourceType, SortedMap<String, Message>> resources =
      new EnumMap<>(ResourceType.class);
  private final Map<ResourceType, SortedMap<String, Set<String>>> origins =
      new EnumMap<>(ResourceType.class);
  private final Diagnostics diagnostics = new Diagnostics();

  /**
   * @param origins the resources that people wrote and this one follows from: kind and name
   */
  void put(Cluster cluster, Set<String> origins) {
    put(ResourceType.CLUSTER, cluster.getName(), cluster, origins);
  }

  void put(ResourceType type, String name, Message resource, Set<String> origins) {
    resources.computeIfAbsent(type, key -> new TreeMap<>()).put(name, resource);
    this.origins.computeIfAbsent(type, key -> new TreeMap<>()).put(name, Set.copyOf(origins));
  }

  Diagnostics diagnostics() {
    return diagnostics;
  }

  XdsResources resources() {
    return new XdsResources(resources, origins, diagnostics.reported());
  }
}
