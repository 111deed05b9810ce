package dev.weir.control.compile.xds;

import com.google.protobuf.Message;
import dev.weir.control.compile.Diagnostic;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Compiled resources.
 *
 * @param byType by name
 * @param origins by type and name, what people wrote and a resource follows from: kind and name
 *     each, as {@code ResiliencePolicy shop/cart}
 * @param diagnostics what of the policies the proxy cannot enforce
 */
public record XdsResources(
    Map<ResourceType, SortedMap<String, Message>> byType,
    Map<ResourceType, SortedMap<String, Set<String>>> origins,
    List<Diagnostic> diagnostics) {
  public XdsResources {
    byType = copy(byType);
    origins = copy(origins);
    diagnostics = List.copyOf(diagnostics);
  }

  private static <T> Map<ResourceType, SortedMap<String, T>> copy(
      Map<ResourceType, SortedMap<String, T>> from) {
    Map<ResourceType, SortedMap<String, T>> copy = new EnumMap<>(ResourceType.class);
    from.forEach(
        (type, byName) -> copy.put(type, Collections.unmodifiableSortedMap(new TreeMap<>(byName))));
    return Collections.unmodifiableMap(copy);
  }

  /** By name. */
  public SortedMap<String, Message> of(ResourceType type) {
    return byType.getOrDefault(type, Collections.emptySortedMap());
  }

  /** What a resource follows from. */
  public Set<String> origins(ResourceType type, String name) {
    return origins
        .getOrDefault(type, Collections.<String, Set<String>>emptySortedMap())
        .getOrDefault(name, Set.of());
  }
}
