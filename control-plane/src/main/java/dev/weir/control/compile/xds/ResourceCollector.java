package dev.weir.control.compile.xds;

import com.google.protobuf.Message;
import dev.weir.control.compile.Diagnostics;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Collects compiled resources and what cannot be enforced of the policies. */
final class ResourceCollector {
  private final Map<ResourceType, SortedMap<String, Message>> resources =
      new EnumMap<>(ResourceType.class);
  private final Diagnostics diagnostics = new Diagnostics();

  void put(Cluster cluster) {
    put(ResourceType.CLUSTER, cluster.getName(), cluster);
  }

  void put(ResourceType type, String name, Message resource) {
    resources.computeIfAbsent(type, key -> new TreeMap<>()).put(name, resource);
  }

  Diagnostics diagnostics() {
    return diagnostics;
  }

  XdsResources resources() {
    return new XdsResources(resources, diagnostics.reported());
  }
}
