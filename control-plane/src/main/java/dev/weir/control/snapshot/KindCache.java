package dev.weir.control.snapshot;

import dev.weir.control.compile.Diagnostic;
import dev.weir.control.compile.Extension;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.Scope;
import dev.weir.control.compile.Scope.Everything;
import dev.weir.control.compile.Slice;
import dev.weir.control.compile.xds.Compiler;
import dev.weir.control.compile.xds.Elsewhere;
import dev.weir.control.compile.xds.OutboundPart;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.compile.xds.Telemetry;
import dev.weir.control.compile.xds.XdsResources;
import dev.weir.control.model.ObjectName;
import dev.weir.control.snapshot.View.Part;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What proxies of one kind get: layers that all share who are told of the same services, made of a
 * part for each service, and layers for those beside one service. A part is compiled when its slice
 * is another one, and not before. Control thread.
 */
final class KindCache {
  /** Types whose outbound resources come in parts. */
  private static final List<ResourceType> IN_PARTS =
      List.of(ResourceType.CLUSTER, ResourceType.ROUTES, ResourceType.LISTENER);

  private final ProxyKind kind;
  private final Map<ResourceType, Layer> fixed = new EnumMap<>(ResourceType.class);
  private final SortedMap<ObjectName, OutboundPart> parts = new TreeMap<>();

  /** By namespace, the services of others that it has routes of its own for. */
  private final Map<String, SortedSet<ObjectName>> consumed = new HashMap<>();

  private final Map<ResourceType, Groups> outbound = new EnumMap<>(ResourceType.class);
  private final Map<ObjectName, Own> own = new HashMap<>();

  /** What is their own follows from what is no more so, and is made anew when it is asked for. */
  private final Set<ObjectName> stale = new HashSet<>();

  private final Map<Outgoing, Layer> listeners = new HashMap<>();
  private final Map<Told, View> told = new HashMap<>();
  private final Map<Scope, List<Diagnostic>> diagnostics = new HashMap<>();
  private final Map<ObjectName, Made> snapshots = new HashMap<>();
  private final BiConsumer<ObjectName, RuntimeException> failed;
  private Elsewhere elsewhere;

  /** What is for the sidecars beside one service alone. */
  private record Own(
      Telemetry telemetry,
      Set<String> telemetryPolicies,
      Map<ResourceType, Layer> layers,
      List<Diagnostic> diagnostics) {}

  /**
   * What an outbound listener follows from, beside the mesh.
   *
   * @param namespace that has chains of its own; empty: those of all
   */
  private record Outgoing(Telemetry telemetry, Scope scope, String namespace) {}

  /** What all have who are told of the same services. */
  private record Told(ResourceType type, Scope scope) {}

  /**
   * @param stale there are other endpoints, and nobody has asked since
   */
  private record Made(Scope scope, Snapshot snapshot, boolean stale) {}

  /**
   * @param failed is told of a mistake of the program's own with a service: nothing is told of it
   *     that was not before
   */
  KindCache(
      ProxyKind kind,
      Map<ObjectName, Slice> slices,
      Elsewhere elsewhere,
      BiConsumer<ObjectName, RuntimeException> failed) {
    this.kind = kind;
    this.elsewhere = elsewhere;
    this.failed = failed;
    XdsResources passthrough = Compiler.passthrough(kind);
    for (ResourceType type : IN_PARTS) {
      fixed.put(type, Layer.of(versioned(passthrough, type)));
      outbound.put(type, new Groups());
    }
    replace(
        slices,
        compile(slices, slices.keySet(), failed),
        slices.keySet(),
        Set.of(),
        true,
        elsewhere);
  }

  /**
   * The parts of services whose slices are new or other ones, before anything is another one.
   *
   * @param failed is told of a mistake with one, which is left out
   */
  Map<ObjectName, OutboundPart> compile(
      Map<ObjectName, Slice> slices,
      Set<ObjectName> changed,
      BiConsumer<ObjectName, RuntimeException> failed) {
    Map<ObjectName, OutboundPart> compiled = new HashMap<>();
    for (ObjectName name : changed) {
      Slice slice = slices.get(name);
      if (slice != null) {
        try {
          compiled.put(name, Compiler.outbound(slice, kind));
        } catch (RuntimeException mistake) {
          failed.accept(name, mistake);
        }
      }
    }
    return compiled;
  }

  /**
   * The mesh changed.
   *
   * @param compiled the parts of {@code changed}
   * @param changed services whose slices are new or other ones
   * @param gone services that are no more
   * @param moved whether there are other destinations
   */
  void replace(
      Map<ObjectName, Slice> slices,
      Map<ObjectName, OutboundPart> compiled,
      Set<ObjectName> changed,
      Set<ObjectName> gone,
      boolean moved,
      Elsewhere nextElsewhere) {
    Set<ObjectName> rechained = new HashSet<>();
    for (ObjectName name : gone) {
      rechain(name, parts.remove(name), null, rechained);
    }
    compiled.forEach((name, part) -> rechain(name, parts.put(name, part), part, rechained));
    consumed.clear();
    parts.forEach((name, part) ->
        part.consumers()
            .keySet()
            .forEach(namespace ->
                consumed.computeIfAbsent(namespace, key -> new TreeSet<>()).add(name)));
    outbound.forEach((type, groups) -> {
      Map<ObjectName, List<Versioned>> now = new HashMap<>();
      gone.forEach(name -> now.put(name, List.of()));
      compiled.forEach((name, part) -> now.put(name, versioned(part.resources(), type)));
      groups.replace(now);
    });
    // What is of no service of the mesh goes if nobody has asked for it since the last change.
    own.keySet().removeIf(name -> !slices.containsKey(name) && stale.contains(name));
    own.keySet().stream()
        .filter(name -> changed.contains(name) || !slices.containsKey(name))
        .forEach(stale::add);
    stale.retainAll(own.keySet());
    listeners
        .keySet()
        .removeIf(outgoing -> rechained.stream().anyMatch(outgoing.scope()::contains));
    told.clear();
    diagnostics.clear();
    if (!nextElsewhere.equals(elsewhere)) {
      elsewhere = nextElsewhere;
      listeners.clear();
      snapshots.clear();
    }
    if (moved) {
      snapshots.clear();
    }
    Set<ObjectName> touched = new HashSet<>(changed);
    touched.addAll(gone);
    snapshots
        .entrySet()
        .removeIf(entry ->
            !slices.containsKey(entry.getKey()) // it follows from who knows what
                || touched.contains(entry.getKey())
                || touched.stream().anyMatch(entry.getValue().scope()::contains));
  }

  private static void rechain(
      ObjectName name,
      @Nullable OutboundPart before,
      @Nullable OutboundPart now,
      Set<ObjectName> rechained) {
    if (before == null || now == null || !now.chainsAsIn(before)) {
      rechained.add(name);
    }
  }

  /** The endpoints of these are other ones. */
  void endpoints(Collection<ObjectName> changed) {
    told.keySet()
        .removeIf(key -> key.type() == ResourceType.ENDPOINTS && key.scope().containsAny(changed));
    snapshots
        .entrySet()
        .removeIf(entry -> {
          Made made = entry.getValue();
          boolean concerned = made.scope().containsAny(changed);
          boolean unasked = concerned && made.stale();
          if (concerned && !unasked) {
            entry.setValue(new Made(made.scope(), made.snapshot(), true));
          }
          return unasked; // It would keep what was before.
        });
  }

  /**
   * What proxies of a service have that are told of {@code scope}.
   *
   * @param slice makes the slice of the service
   */
  Snapshot of(
      ObjectName service,
      Scope scope,
      Function<ObjectName, Slice> slice,
      Groups endpoints,
      Groups destinations) {
    Made known = snapshots.get(service);
    if (known == null || !known.scope().equals(scope)) {
      Own mine = own(service, slice);
      Snapshot made = snapshot(service.namespace(), mine, scope, endpoints, destinations);
      snapshots.put(service, new Made(scope, made, false));
      forget();
      return made;
    }
    if (!known.stale()) {
      return known.snapshot();
    }
    Snapshot made = known.snapshot().with(ResourceType.ENDPOINTS, endpoints(scope, endpoints));
    snapshots.put(service, new Made(scope, made, false));
    return made;
  }

  /** What is of scopes and telemetry that nobody has any more. */
  private void forget() {
    if (listeners.size() <= 2 * (own.size() + 1) && diagnostics.size() <= 2 * (own.size() + 1)) {
      return;
    }
    Set<Scope> scopes = new HashSet<>();
    Set<Outgoing> used = new HashSet<>();
    snapshots.forEach((service, made) -> {
      scopes.add(made.scope());
      Own mine = own.get(service);
      if (mine != null) {
        used.add(outgoing(service.namespace(), mine.telemetry(), made.scope()));
      }
    });
    listeners.keySet().retainAll(used);
    diagnostics.keySet().retainAll(scopes);
    told.keySet()
        .removeIf(key -> key.type() != ResourceType.DESTINATION && !scopes.contains(key.scope()));
  }

  private Snapshot snapshot(
      String namespace, Own mine, Scope scope, Groups endpoints, Groups destinations) {
    Map<ResourceType, View> views = new EnumMap<>(ResourceType.class);
    List<OutboundPart.Consumer> consumers = consumers(namespace, scope);
    for (ResourceType type : ResourceType.values()) {
      View common =
          switch (type) {
            case CLUSTER, ROUTES -> told(type, scope, () -> outbound(type, scope));
            case ENDPOINTS -> endpoints(scope, endpoints);
            case LISTENER ->
                kind.proxyless()
                    ? told(type, scope, () -> outbound(type, scope))
                    : common(
                        List.of(
                            new Part(
                                null, listener(outgoing(namespace, mine.telemetry(), scope)))));
            case DESTINATION ->
                told(
                    type,
                    Everything.EVERYTHING,
                    () ->
                        kind.takes(Extension.ON_DEMAND)
                            ? parts(destinations, Everything.EVERYTHING)
                            : List.of());
          };
      List<Versioned> instead =
          consumers.stream()
              .flatMap(consumer -> versioned(consumer.resources(), type).stream())
              .toList();
      views.put(
          type,
          common.with(mine.layers().getOrDefault(type, Layer.EMPTY).with(instead, List.of())));
    }
    List<List<Diagnostic>> said = new ArrayList<>(List.of(diagnostics(scope), mine.diagnostics()));
    consumers.forEach(consumer -> said.add(consumer.resources().diagnostics()));
    Set<String> origins = new HashSet<>(mine.telemetryPolicies());
    origins.addAll(elsewhere.origins());
    return new Snapshot(views, said, scope, origins);
  }

  /** What callers of a namespace have in place of what others have. */
  private List<OutboundPart.Consumer> consumers(String namespace, Scope scope) {
    List<OutboundPart.Consumer> consumers = new ArrayList<>();
    for (ObjectName service : consumed.getOrDefault(namespace, Collections.emptySortedSet())) {
      OutboundPart part = parts.get(service);
      OutboundPart.Consumer consumer = part == null ? null : part.consumers().get(namespace);
      if (consumer != null && scope.contains(service)) {
        consumers.add(consumer);
      }
    }
    return consumers;
  }

  private Outgoing outgoing(String namespace, Telemetry telemetry, Scope scope) {
    return new Outgoing(telemetry, scope, hasOwnChains(namespace, scope) ? namespace : "");
  }

  private boolean hasOwnChains(String namespace, Scope scope) {
    for (ObjectName service : consumed.getOrDefault(namespace, Collections.emptySortedSet())) {
      OutboundPart part = parts.get(service);
      if (part != null
          && scope.contains(service)
          && !part.chainsFor(namespace).equals(part.chains())) {
        return true;
      }
    }
    return false;
  }

  private View told(ResourceType type, Scope scope, Supplier<List<Part>> make) {
    return told.computeIfAbsent(new Told(type, scope), key -> common(make.get()));
  }

  private static View common(List<Part> parts) {
    return new View(parts, Layer.EMPTY);
  }

  private View endpoints(Scope scope, Groups endpoints) {
    return told(ResourceType.ENDPOINTS, scope, () -> parts(endpoints, scope));
  }

  private List<Part> outbound(ResourceType type, Scope scope) {
    List<Part> common = new ArrayList<>();
    common.add(new Part(null, fixed.getOrDefault(type, Layer.EMPTY)));
    Groups groups = outbound.get(type);
    if (groups != null) {
      common.addAll(parts(groups, scope));
    }
    return common;
  }

  private static List<Part> parts(Groups groups, Scope scope) {
    return Groups.of(scope).stream().map(group -> new Part(group, groups.layer(group))).toList();
  }

  private Stream<OutboundPart> partsOf(Scope scope) {
    return parts.entrySet().stream()
        .filter(entry -> scope.contains(entry.getKey()))
        .map(Map.Entry::getValue);
  }

  private List<Diagnostic> diagnostics(Scope scope) {
    return diagnostics.computeIfAbsent(
        scope,
        key ->
            partsOf(key)
                .flatMap(part -> part.resources().diagnostics().stream())
                .distinct()
                .toList());
  }

  private Layer listener(Outgoing outgoing) {
    return listeners.computeIfAbsent(outgoing, this::outboundListener);
  }

  private Layer outboundListener(Outgoing of) {
    List<OutboundPart.Chain> chains =
        partsOf(of.scope()).flatMap(part -> part.chainsFor(of.namespace()).stream()).toList();
    return Layer.of(
        List.of(
            Versioned.of(
                ResourceType.LISTENER.typeUrl(),
                Names.OUTBOUND_LISTENER,
                Compiler.outboundListener(kind, of.telemetry(), elsewhere(of.scope()), chains),
                chains.stream()
                    .flatMap(chain -> chain.origins().stream())
                    .collect(Collectors.toSet()))));
  }

  private Elsewhere elsewhere(Scope scope) {
    return switch (scope) {
      case Everything all -> elsewhere.withoutAsking();
      case Scope.Part part ->
          kind.takes(Extension.ON_DEMAND) ? elsewhere : elsewhere.withoutAsking();
    };
  }

  /** After a mistake it stays what it was, if it was something. */
  private Own own(ObjectName service, Function<ObjectName, Slice> slice) {
    Own before = own.get(service);
    if (before != null && !stale.remove(service)) {
      return before;
    }
    try {
      Own made = own(slice.apply(service));
      own.put(service, made);
      return made;
    } catch (RuntimeException mistake) {
      if (before == null) {
        throw mistake;
      }
      failed.accept(service, mistake);
      return before;
    }
  }

  private Own own(Slice slice) {
    if (kind.proxyless()) {
      return new Own(Telemetry.of(slice), Set.of(), Map.of(), List.of());
    }
    XdsResources inbound = Compiler.inbound(slice, kind);
    Map<ResourceType, Layer> layers = new EnumMap<>(ResourceType.class);
    for (ResourceType type : ResourceType.values()) {
      layers.put(type, Layer.of(versioned(inbound, type)));
    }
    return new Own(Telemetry.of(slice), Telemetry.policiesOf(slice), layers, inbound.diagnostics());
  }

  private static List<Versioned> versioned(XdsResources resources, ResourceType type) {
    List<Versioned> versioned = new ArrayList<>();
    resources
        .of(type)
        .forEach((name, message) ->
            versioned.add(
                Versioned.of(type.typeUrl(), name, message, resources.origins(type, name))));
    return versioned;
  }
}
