package dev.weir.control.snapshot;

import dev.weir.control.compile.Diagnostic;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.Scope;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.model.ObjectName;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** What a proxy should have now. Immutable. Control thread. */
public final class Snapshot {
  private final EnumMap<ResourceType, View> views;
  private final List<List<Diagnostic>> diagnostics;
  private final Scope scope;
  private final Set<String> ofOutbound;

  /**
   * @param ofOutbound what people wrote and the outbound listener follows from, beside its chains
   */
  Snapshot(
      Map<ResourceType, View> views,
      List<List<Diagnostic>> diagnostics,
      Scope scope,
      Set<String> ofOutbound) {
    this.ofOutbound = ofOutbound;
    this.scope = scope;
    this.views = new EnumMap<>(views);
    this.diagnostics = List.copyOf(diagnostics);
  }

  /** The same where others have {@code common} of a type, beside what is its own. */
  Snapshot with(ResourceType type, View common) {
    Map<ResourceType, View> others = new EnumMap<>(views);
    others.put(type, common.withOwnOf(of(type)));
    return new Snapshot(others, diagnostics, scope, ofOutbound);
  }

  public View of(ResourceType type) {
    View view = views.get(type);
    return view == null ? View.EMPTY : view;
  }

  /** Whether the proxy is told of one of these services, once that is there. */
  public boolean tellsOfAny(Collection<ObjectName> services) {
    return scope.containsAny(services);
  }

  /** What people wrote and these resources follow from, kind and name each. */
  public SortedSet<String> origins(ResourceType type, Collection<String> names) {
    SortedSet<String> origins = new TreeSet<>();
    for (String name : names) {
      Versioned resource = of(type).get(name);
      if (resource != null) {
        origins.addAll(resource.origins());
      }
      if (type == ResourceType.LISTENER && name.equals(Names.OUTBOUND_LISTENER)) {
        origins.addAll(ofOutbound); // It is shared by all of whom these say the same.
      }
    }
    return origins;
  }

  /** What people wrote and all resources of a type follow from. Any thread. */
  public Set<String> origins(ResourceType type) {
    Set<String> origins = of(type).origins();
    if (type == ResourceType.LISTENER) {
      origins.addAll(ofOutbound);
    }
    return origins;
  }

  /** What of the policies the proxy cannot enforce, each once. */
  public List<Diagnostic> diagnostics() {
    return diagnostics.stream().flatMap(List::stream).distinct().toList();
  }
}
