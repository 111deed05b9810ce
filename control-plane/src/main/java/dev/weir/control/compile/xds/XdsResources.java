package dev.weir.control.compile.xds;

import com.google.protobuf.Message;
import dev.weir.control.compile.Diagnostic;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What one proxy gets.
 *
 * @param diagnostics what of the policies it cannot enforce
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

  /** These and the others, of which none has a name of these. */
  XdsResources with(XdsResources others) {
    Map<ResourceType, SortedMap<String, Message>> all = new EnumMap<>(ResourceType.class);
    for (ResourceType type : ResourceType.values()) {
      SortedMap<String, Message> byName = new TreeMap<>(of(type));
      byName.putAll(others.of(type));
      all.put(type, byName);
    }
    return new XdsResources(
        all, Stream.of(diagnostics, others.diagnostics).flatMap(List::stream).distinct().toList());
  }

  /** By name. */
  public SortedMap<String, Message> of(ResourceType type) {
    return byType.getOrDefault(type, Collections.emptySortedMap());
  }
}
