package dev.weir.control.snapshot;

import dev.weir.control.compile.Diagnostic;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.Slice;
import dev.weir.control.compile.xds.Compiler;
import dev.weir.control.compile.xds.OutboundPart;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.compile.xds.Telemetry;
import dev.weir.control.compile.xds.XdsResources;
import dev.weir.control.model.ObjectName;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What proxies of one kind get: layers that all of them share, made of a part for each service, and
 * layers for those beside one service. A part is compiled when its slice is another one, and not
 * before. Control thread.
 */
final class KindCache {
  /** Types whose outbound resources come in parts. */
  private static final List<ResourceType> IN_PARTS =
      List.of(ResourceType.CLUSTER, ResourceType.ROUTES, ResourceType.LISTENER);

  private final ProxyKind kind;
  private final SortedMap<ObjectName, OutboundPart> parts = new TreeMap<>();
  private final Map<ResourceType, Layer> shared = new EnumMap<>(ResourceType.class);
  private final Map<ObjectName, Own> own = new HashMap<>();
  private final Map<Telemetry, Layer> listeners = new HashMap<>();
  private final Map<ObjectName, Snapshot> snapshots = new HashMap<>();
  private List<OutboundPart.Chain> chains = List.of();
  private List<Diagnostic> diagnostics = List.of();

  /** What is for the sidecars beside one service alone. */
  private record Own(
      Telemetry telemetry, Map<ResourceType, Layer> layers, List<Diagnostic> diagnostics) {}

  KindCache(ProxyKind kind, Map<ObjectName, Slice> slices) {
    this.kind = kind;
    XdsResources passthrough = Compiler.passthrough(kind);
    for (ResourceType type : IN_PARTS) {
      shared.put(type, Layer.of(versioned(passthrough, type)));
    }
    replace(slices, slices.keySet(), Set.of());
  }

  /**
   * The mesh changed.
   *
   * @param changed services whose slices are new or other ones
   * @param gone services that are no more
   */
  void replace(Map<ObjectName, Slice> slices, Set<ObjectName> changed, Set<ObjectName> gone) {
    Map<ObjectName, OutboundPart> compiled = new HashMap<>();
    for (ObjectName name : changed) {
      Slice slice = slices.get(name);
      if (slice != null) {
        compiled.put(name, Compiler.outbound(slice, kind)); // before anything is another one
      }
    }
    Map<ResourceType, List<Versioned>> news = new EnumMap<>(ResourceType.class);
    Map<ResourceType, Set<String>> old = new EnumMap<>(ResourceType.class);
    for (ResourceType type : IN_PARTS) {
      news.put(type, new ArrayList<>());
      old.put(type, new HashSet<>());
    }
    for (ObjectName name : gone) {
      leave(parts.remove(name), old);
    }
    compiled.forEach((name, part) -> {
      leave(parts.put(name, part), old);
      news.forEach((type, all) -> all.addAll(versioned(part.resources(), type)));
    });
    own.keySet().removeAll(changed);
    own.keySet().removeIf(name -> !slices.containsKey(name));
    for (ResourceType type : IN_PARTS) {
      List<Versioned> all = news.getOrDefault(type, List.of());
      Set<String> left = old.getOrDefault(type, Set.of());
      all.forEach(resource -> left.remove(resource.name()));
      shared.compute(type, (key, layer) -> (layer == null ? Layer.EMPTY : layer).with(all, left));
    }
    Set<Telemetry> used = new HashSet<>();
    own.values().forEach(one -> used.add(one.telemetry));
    listeners.keySet().retainAll(used);
    diagnostics = flat(part -> part.resources().diagnostics()).stream().distinct().toList();
    List<OutboundPart.Chain> next = flat(OutboundPart::chains);
    if (!next.equals(chains)) {
      chains = next;
      listeners.clear();
    }
  }

  private static void leave(@Nullable OutboundPart part, Map<ResourceType, Set<String>> old) {
    if (part != null) {
      old.forEach((type, names) -> names.addAll(part.resources().of(type).keySet()));
    }
  }

  private <T> List<T> flat(Function<OutboundPart, List<T>> items) {
    return parts.values().stream().map(items).flatMap(List::stream).toList();
  }

  /** Snapshots are put together anew. */
  void forget() {
    snapshots.clear();
  }

  /** {@code slice} makes the slice of the service that the proxy stands beside. */
  Snapshot of(ObjectName service, Function<ObjectName, Slice> slice, Layer endpoints) {
    return snapshots.computeIfAbsent(
        service,
        name -> snapshot(own.computeIfAbsent(name, key -> own(slice.apply(key))), endpoints));
  }

  private Snapshot snapshot(Own mine, Layer endpoints) {
    Map<ResourceType, View> views = new EnumMap<>(ResourceType.class);
    for (ResourceType type : ResourceType.values()) {
      Layer common =
          switch (type) {
            case CLUSTER, ROUTES -> shared.getOrDefault(type, Layer.EMPTY);
            case ENDPOINTS -> endpoints;
            case LISTENER ->
                kind.proxyless()
                    ? shared.getOrDefault(type, Layer.EMPTY)
                    : listeners.computeIfAbsent(mine.telemetry, this::listener);
          };
      views.put(type, new View(common, mine.layers.getOrDefault(type, Layer.EMPTY)));
    }
    return new Snapshot(views, List.of(diagnostics, mine.diagnostics));
  }

  private Layer listener(Telemetry telemetry) {
    return Layer.of(
        List.of(
            Versioned.of(
                ResourceType.LISTENER.typeUrl(),
                Names.OUTBOUND_LISTENER,
                Compiler.outboundListener(kind, telemetry, chains))));
  }

  private Own own(Slice slice) {
    if (kind.proxyless()) {
      return new Own(Telemetry.of(slice), Map.of(), List.of());
    }
    XdsResources inbound = Compiler.inbound(slice, kind);
    Map<ResourceType, Layer> layers = new EnumMap<>(ResourceType.class);
    for (ResourceType type : ResourceType.values()) {
      layers.put(type, Layer.of(versioned(inbound, type)));
    }
    return new Own(Telemetry.of(slice), layers, inbound.diagnostics());
  }

  private static List<Versioned> versioned(XdsResources resources, ResourceType type) {
    List<Versioned> versioned = new ArrayList<>();
    resources
        .of(type)
        .forEach((name, message) -> versioned.add(Versioned.of(type.typeUrl(), name, message)));
    return versioned;
  }
}
