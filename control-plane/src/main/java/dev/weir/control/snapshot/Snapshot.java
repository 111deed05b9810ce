package dev.weir.control.snapshot;

import dev.weir.control.compile.Diagnostic;
import dev.weir.control.compile.xds.ResourceType;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a proxy should have now. Immutable. Control thread. */
public final class Snapshot {
  private final Map<ResourceType, View> views;
  private final List<List<Diagnostic>> diagnostics;

  Snapshot(Map<ResourceType, View> views, List<List<Diagnostic>> diagnostics) {
    this.views = new EnumMap<>(views);
    this.diagnostics = List.copyOf(diagnostics);
  }

  public View of(ResourceType type) {
    return views.getOrDefault(type, View.EMPTY);
  }

  /** What of the policies the proxy cannot enforce, each once. */
  public List<Diagnostic> diagnostics() {
    return diagnostics.stream().flatMap(List::stream).distinct().toList();
  }
}
