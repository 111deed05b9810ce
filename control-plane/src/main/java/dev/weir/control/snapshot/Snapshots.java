package dev.weir.control.snapshot;

import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.Slice;
import dev.weir.control.compile.Slices;
import dev.weir.control.compile.xds.Compiler;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.ServicePort;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * What every proxy should have of the mesh as it is now. What a change costs follows from what
 * changed: services whose slices are the same ones are not compiled again, and endpoints compile
 * nothing else. Control thread.
 */
public final class Snapshots {
  /**
   * Kinds of proxies at once. A mesh has a handful, so that more of them mean that a client says
   * something else each time.
   */
  public static final int MOST_KINDS = 64;

  private static final int MAX_PORT = 65535;

  private final Map<ProxyKind, KindCache> kinds = new HashMap<>();
  private final Map<ProxyKind, Integer> users = new HashMap<>();
  private final SortedMap<ServicePort, SortedSet<Endpoint>> endpoints = new TreeMap<>();
  private Layer endpointLayer = Layer.EMPTY;
  private Mesh mesh = new Mesh(MeshModel.EMPTY, new TreeMap<>());
  private SortedMap<ObjectName, Slice> slices = new TreeMap<>();

  /** The mesh changed. Its endpoints are told by {@link #endpoints}. */
  public void replace(Mesh next) {
    SortedMap<ObjectName, Slice> parted = Slices.of(next);
    Set<ObjectName> changed = new HashSet<>();
    parted.forEach((name, slice) -> {
      if (!slice.equals(slices.get(name))) {
        changed.add(name);
      }
    });
    Set<ObjectName> gone = new HashSet<>(slices.keySet());
    gone.removeAll(parted.keySet());
    for (KindCache kind : kinds.values()) {
      kind.replace(parted, changed, gone);
      kind.forget();
    }
    mesh = next;
    slices = parted; // At last: after a mistake they differ again, and all is made anew.
  }

  /**
   * The endpoints of some services are these now.
   *
   * @param changed by service and port; a port that is not among those of its service is no more
   * @return whether any differ from before
   */
  public boolean endpoints(Map<ObjectName, SortedMap<ServicePort, SortedSet<Endpoint>>> changed) {
    List<Versioned> news = new ArrayList<>();
    List<String> gone = new ArrayList<>();
    changed.forEach((service, now) -> {
      SortedMap<ServicePort, SortedSet<Endpoint>> before = endpointsOf(service);
      List<ServicePort> left =
          before.keySet().stream().filter(port -> !now.containsKey(port)).toList();
      left.forEach(port -> {
        endpoints.remove(port);
        gone.add(Names.outbound(port));
      });
      now.forEach((port, of) -> {
        if (!of.equals(endpoints.put(port, of))) {
          news.add(
              Versioned.of(
                  ResourceType.ENDPOINTS.typeUrl(),
                  Names.outbound(port),
                  Compiler.endpoints(port, of)));
        }
      });
    });
    Layer next = endpointLayer.with(news, gone);
    if (next == endpointLayer) {
      return false;
    }
    endpointLayer = next;
    kinds.values().forEach(KindCache::forget);
    return true;
  }

  /** The ready endpoints of a service, by port. */
  public SortedMap<ServicePort, SortedSet<Endpoint>> endpointsOf(ObjectName service) {
    return Collections.unmodifiableSortedMap(
        endpoints.subMap(new ServicePort(service, 0), new ServicePort(service, MAX_PORT + 1)));
  }

  public Mesh mesh() {
    return mesh;
  }

  /**
   * A client comes; what is made for its kind is kept until the last of them left.
   *
   * @return false if there are too many kinds already
   */
  public boolean enter(ProxyKind kind) {
    if (!users.containsKey(kind) && users.size() >= MOST_KINDS) {
      return false;
    }
    users.merge(kind, 1, Integer::sum);
    return true;
  }

  /** A client that entered is gone. */
  public void leave(ProxyKind kind) {
    if (users.computeIfPresent(kind, (key, count) -> count == 1 ? null : count - 1) == null) {
      kinds.remove(kind);
    }
  }

  /** A proxy of a service that is gone gets what its app may call, and nothing inbound. */
  public Snapshot of(Proxy proxy) {
    return kinds
        .computeIfAbsent(proxy.kind(), kind -> new KindCache(kind, slices))
        .of(proxy.service(), this::slice, endpointLayer);
  }

  private Slice slice(ObjectName service) {
    Slice known = slices.get(service);
    return known != null ? known : Slices.without(mesh, service);
  }
}
