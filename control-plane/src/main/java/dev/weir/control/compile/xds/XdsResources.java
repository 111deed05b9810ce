package dev.weir.control.compile.xds;

import com.google.protobuf.Message;
import dev.weir.control.compile.Diagnostic;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Compiled resources.
 *
 * @param diagnostics what of the policies the proxy cannot enforce
 */
public record XdsResources(
    Map<ResourceType, SortedMap<String, Message>> byType, List<Diagnostic> diagnostics) {
  public XdsResources {
    Map<ResourceType, SortedMap<String, Message>> copy = new EnumMap<>(ResourceType.class);
    byType.forEach(
        (type, byName) -> copy.put(type, Collections.unmodifiableSortedMap(new TreeMap<>(byName))));
    byType = Collections.unmodifiableMap(copy);
    diagnostics = List.copyOf(diagnostics);
  }

  /** By name. */
  public SortedMap<String, Message> of(ResourceType type) {
    return byType.getOrDefault(type, Collections.emptySortedMap());
  }
}
