package dev.weir.control.snapshot;

import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.Slice;
import dev.weir.control.compile.Slices;
import dev.weir.control.compile.xds.Compiler;
import dev.weir.control.compile.xds.Elsewhere;
import dev.weir.control.compile.xds.OutboundPart;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * What every proxy should have of the mesh as it is now. What a change costs follows from what
 * changed: services whose slices are the same ones are not compiled again, and endpoints compile
 * nothing else. Control thread.
 */
public final class Snapshots {
  private static final int MAX_PORT = 65535;

  /** What was made for a kind that has no client any more is kept so long, for one that comes. */
  static final Duration LINGERS = Duration.ofMinutes(1);

  private final Map<ProxyKind, KindCache> kinds = new HashMap<>();
  private final Clients clients = new Clients();
  private final SortedMap<ServicePort, SortedSet<Endpoint>> endpoints = new TreeMap<>();
  private final Groups endpointGroups = new Groups();
  private final Groups destinationGroups = new Groups();
  private final Map<String, ObjectName> destinations = new HashMap<>();
  private final Scopes scopes = new Scopes();
  private final BiConsumer<ObjectName, RuntimeException> failed;
  private Mesh mesh = Mesh.EMPTY;

  /** Destinations are other ones, and not all kinds know. */
  private boolean moved;

  private Elsewhere elsewhere = Elsewhere.of(mesh);
  private SortedMap<ObjectName, Slice> slices = new TreeMap<>();

  /**
   * @param failed is told of a mistake of the program's own with a service: it stays what it was
   *     for all, and all others go on; it is tried again with the next change
   */
  public Snapshots(BiConsumer<ObjectName, RuntimeException> failed) {
    this.failed = failed;
  }

  /** The mesh changed. Its endpoints are told by {@link #endpoints}. */
  public void replace(Mesh next) {
    Set<ObjectName> mistaken = new HashSet<>();
    BiConsumer<ObjectName, RuntimeException> mistake =
        (name, why) -> {
          if (mistaken.add(name)) {
            failed.accept(name, why);
          }
        };
    SortedMap<ObjectName, Slice> parted = Slices.of(next, mistake);
    Set<ObjectName> changed = new HashSet<>();
    parted.forEach((name, slice) -> {
      if (!slice.equals(slices.get(name))) {
        changed.add(name);
      }
    });
    Map<KindCache, Map<ObjectName, OutboundPart>> parts = new HashMap<>();
    kinds.values().forEach(kind -> parts.put(kind, kind.compile(parted, changed, mistake)));
    for (ObjectName name : mistaken) {
      Slice before = slices.get(name);
      if (before == null) {
        parted.remove(name);
      } else {
        parted.put(name, before);
      }
      changed.remove(name);
      parts.values().forEach(of -> of.remove(name));
    }
    Set<ObjectName> gone = new HashSet<>(slices.keySet());
    gone.removeAll(parted.keySet());
    elsewhere = Elsewhere.of(next);
    moved |= destinations(next, changed, gone);
    parts.forEach((kind, of) -> kind.replace(parted, of, changed, gone, moved, elsewhere));
    scopes.replace(next.model(), parted, destinations, clients.services());
    mesh = next;
    slices = parted; // At last: after a mistake they differ again, and all is made anew.
    moved = false;
  }

  /** Returns whether there are other ones than before. */
  private boolean destinations(Mesh next, Set<ObjectName> changed, Set<ObjectName> gone) {
    Map<ObjectName, List<Versioned>> resources = new HashMap<>();
    gone.forEach(name -> resources.put(name, List.of()));
    for (ObjectName name : changed) {
      Service service = next.model().services().get(name);
      List<Versioned> ofService = new ArrayList<>();
      if (service != null) {
        for (Port port : service.ports()) {
          ofService.add(
              Versioned.of(
                  ResourceType.DESTINATION.typeUrl(),
                  Names.destination(next.addressOf(service), port.port()),
                  Compiler.destination(new ServicePort(name, port.port()))));
        }
      }
      resources.put(name, ofService);
    }
    resources
        .keySet()
        .forEach(name ->
            destinationGroups.of(name).forEach(one -> destinations.remove(one.name(), name)));
    resources.forEach((name, of) -> of.forEach(one -> destinations.put(one.name(), name)));
    return destinationGroups.replace(resources);
  }

  /**
   * The endpoints of some services are these now.
   *
   * @param changed by service and port; a port that is not among those of its service is no more
   * @return whether any differ from before
   */
  public boolean endpoints(Map<ObjectName, SortedMap<ServicePort, SortedSet<Endpoint>>> changed) {
    Map<ObjectName, List<Versioned>> resources = new HashMap<>();
    changed.forEach((service, now) -> {
      if (now.equals(endpointsOf(service))) {
        return;
      }
      try {
        resources.put(service, versioned(now));
      } catch (RuntimeException mistake) {
        failed.accept(service, mistake);
        return;
      }
      endpoints.subMap(new ServicePort(service, 0), new ServicePort(service, MAX_PORT + 1)).clear();
      endpoints.putAll(now);
    });
    if (!endpointGroups.replace(resources)) {
      return false;
    }
    kinds.values().forEach(kind -> kind.endpoints(resources.keySet()));
    return true;
  }

  private static List<Versioned> versioned(SortedMap<ServicePort, SortedSet<Endpoint>> ofService) {
    List<Versioned> versioned = new ArrayList<>();
    ofService.forEach((port, of) ->
        versioned.add(
            Versioned.of(
                    ResourceType.ENDPOINTS.typeUrl(),
                    Names.outbound(port),
                    Compiler.endpoints(port, of))
                .with(Compiler.endpointsByZone(port, of))));
    return versioned;
  }

  /** The ready endpoints of a service, by port. */
  public SortedMap<ServicePort, SortedSet<Endpoint>> endpointsOf(ObjectName service) {
    return Collections.unmodifiableSortedMap(
        endpoints.subMap(new ServicePort(service, 0), new ServicePort(service, MAX_PORT + 1)));
  }

  public Mesh mesh() {
    return mesh;
  }

  /** The mesh and its ready endpoints as they are now, whatever comes later. */
  public Moment moment() {
    return new Moment(mesh, endpoints);
  }

  /**
   * The mesh at some time, for any thread.
   *
   * @param endpoints the ready ones
   */
  public record Moment(Mesh mesh, SortedMap<ServicePort, SortedSet<Endpoint>> endpoints) {
    public Moment {
      endpoints = Collections.unmodifiableSortedMap(new TreeMap<>(endpoints));
    }
  }

  /**
   * A client comes; what is made for its kind is kept until a while after the last of them left.
   *
   * @return why it may not, if it may not
   */
  public Optional<String> enter(Proxy proxy) {
    return clients.enter(proxy);
  }

  /**
   * A client that entered is gone; of a service that is gone too nothing is remembered.
   *
   * @param now the time since the start
   */
  public void leave(Proxy proxy, Duration now) {
    clients.leave(proxy, now);
    ObjectName service = proxy.service();
    if (!clients.areBeside(service) && !mesh.model().services().containsKey(service)) {
      scopes.forget(service);
    }
  }

  /**
   * What was made for kinds whose last client left a while ago goes.
   *
   * @param now the time since the start
   */
  public void forget(Duration now) {
    clients.forget(now.minus(LINGERS));
    kinds.keySet().removeIf(kind -> !clients.has(kind));
  }

  /**
   * The app of a service calls destinations, of which its sidecars may not have been told.
   *
   * @param names of Destinations
   * @return whether they are told of more by that
   */
  public boolean called(ObjectName service, Collection<String> names) {
    return scopes.called(service, names);
  }

  /** What the apps of each service call, by the names of Destinations, to be kept. */
  public Map<ObjectName, List<String>> called() {
    return scopes.called();
  }

  /** A proxy of a service that is gone gets what its app may call, and nothing inbound. */
  public Snapshot of(Proxy proxy) {
    return kinds
        .computeIfAbsent(proxy.kind(), kind -> new KindCache(kind, slices, elsewhere, failed))
        .of(proxy.service(), scopes.of(proxy), this::slice, endpointGroups, destinationGroups);
  }

  private Slice slice(ObjectName service) {
    Slice known = slices.get(service);
    return known != null ? known : Slices.without(mesh, service);
  }
}
