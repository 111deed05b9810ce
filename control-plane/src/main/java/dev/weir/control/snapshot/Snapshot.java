package dev.weir.control.snapshot;

import dev.weir.control.compile.Diagnostic;
import dev.weir.control.compile.Scope;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.model.ObjectName;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a proxy should have now. Immutable. Control thread. */
public final class Snapshot {
  private final Map<ResourceType, View> views;
  private final List<List<Diagnostic>> diagnostics;
  private final Scope scope;

  Snapshot(Map<ResourceType, View> views, List<List<Diagnostic>> diagnostics, Scope scope) {
    this.scope = scope;
    this.views = new EnumMap<>(views);
    this.diagnostics = List.copyOf(diagnostics);
  }

  public View of(ResourceType type) {
    return views.getOrDefault(type, View.EMPTY);
  }

  /** Whether the proxy is told of a service, once that is there. */
  public boolean tells(ObjectName service) {
    return scope.contains(service);
  }

  /** What of the policies the proxy cannot enforce, each once. */
  public List<Diagnostic> diagnostics() {
    return diagnostics.stream().flatMap(List::stream).distinct().toList();
  }
}
